"""The totals that everyone asks for first: each year's budget, people and pounds a head."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from budget.audit.folder import Run
from budget.kernel.money import half_up, pounds_text


@dataclass(frozen=True)
class YearTotal:
    """One year's budget of the whole locality.

    Attributes:
        allocation_pence: the budget, all places and commissioners.
        people: people it is for.
    """

    financial_year: str
    allocation_pence: int
    people: float

    @property
    def budget_text(self) -> str:
        """The budget in pounds and pence."""
        return pounds_text(self.allocation_pence)

    @property
    def per_head_pence(self) -> int | None:
        """Pence a head; None where there is nobody."""
        return half_up(self.allocation_pence / self.people) if self.people else None

    @property
    def per_head_text(self) -> str:
        """Pounds a head."""
        return "-" if self.per_head_pence is None else pounds_text(self.per_head_pence)

    def as_dict(self) -> dict[str, Any]:
        """The totals as plain values."""
        return asdict(self) | {"per_head_pence": self.per_head_pence}


def headline(run: Run) -> tuple[YearTotal, ...]:
    """Each year's total; none of a run that a gate stopped, whatever it had worked out by then."""
    if run.status != "complete":
        return ()
    budget = run.table("integrated_budget")
    pence = budget.groupby("financial_year")["allocation_pence"].sum()
    # people stand on every line and commissioner of a place and segment: counted once
    counted = budget.drop_duplicates(["financial_year", "place", "segment"])
    people = counted.groupby("financial_year")["people"].sum()
    return tuple(YearTotal(str(year), int(pence[year]), float(people[year])) for year in pence.index)
