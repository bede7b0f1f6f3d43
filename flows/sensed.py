"""What the sensitivity of a run has to say: as lines, as facts for scripts, as rows and as a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.kernel.money import pounds_text
from budget.kernel.years import FinancialYear
from budget.scenario.sensitivity import BOUNDS, Budgets
from flows.files import PAGE, write_rows

if TYPE_CHECKING:
    import pandas as pd

    from budget.audit.folder import Run
    from budget.report.leaf import Leaf

_BAR = 14


@dataclass(frozen=True)
class Sensed:
    """What a run's assumptions move.

    Attributes:
        year: the year that is looked at.
        base: its budgets as they are.
        rows: see ``budget.scenario.sensitivity.sensitivity``.
        unranged: assumptions that state no range.
    """

    run: Run
    year: FinancialYear
    base: Budgets
    rows: pd.DataFrame
    unranged: tuple[str, ...]

    @property
    def together(self) -> pd.DataFrame:
        """The rows of all places together, and of moves that give no budget."""
        return self.rows[self.rows["place"].isna()]

    @property
    def places(self) -> pd.DataFrame:
        """The rows of places."""
        return self.rows[self.rows["place"].notna()]

    @property
    def base_difference_pence(self) -> int:
        """The core budget as computed now less the one that was recorded: not nought where the product has changed."""
        recorded = Budgets.of(self.run.table("growth_bridge"), self.year)
        return int(self.base.core.sum()) - int(recorded.core.sum())

    def lines(self) -> Iterator[str]:
        """The answer for people."""
        yield f"{self.run.run_id}: {self.run.manifest['title']}, {self.year}"
        yield f"  {'Allocation':<12} {pounds_text(int(self.base.allocation.sum())):>20}"
        yield f"  {'Core budget':<12} {pounds_text(int(self.base.core.sum())):>20}"
        if self.base_difference_pence:
            since = pounds_text(self.base_difference_pence)
            yield f"  The product has changed since the run: the core budget is {since} off what was recorded."
        if self.rows.empty:
            yield from ("", "No assumption of this run states a range.")
        else:
            yield from (
                "",
                "Change of the core budget of all places, each assumption moved alone to its low and its high",
            )
            yield from _block(self.together, bars=True)
        for place, rows in self.places.groupby("place", sort=True):
            yield from ("", f"{place}: change of the core budget")
            yield from _block(rows, bars=False)
        yield from ("", "No range stated:", *_wrapped(self.unranged))

    def facts(self) -> dict[str, Any]:
        """The answer for scripts."""
        rows = self.rows.astype(object).where(self.rows.notna(), None).to_dict("records")
        return {
            "status": "complete",
            "run": self.run.run_id,
            "financial_year": str(self.year),
            "allocation_pence": int(self.base.allocation.sum()),
            "core_pence": int(self.base.core.sum()),
            "base_difference_pence": self.base_difference_pence,
            "moves": rows,
            "no_range_stated": list(self.unranged),
        }

    def write(self, path: Path) -> None:
        """Write the answer as the file's name says: rows, or a page."""
        if path.suffix == PAGE:
            from budget.report.leaf import write_leaf

            write_leaf(self._leaf(), path)
        else:
            write_rows(self.rows, path)

    def _leaf(self) -> Leaf:
        from budget.report.leaf import Leaf
        from budget.report.sensitivity import places_section, tornado_section

        notes = [f"No range stated: {', '.join(self.unranged)}."]
        notes += [f"{row.assumption} at its {row.bound}: {row.why_not}" for row in _stopped(self.together)]
        year = str(self.year)
        return Leaf(
            kicker="Sensitivity",
            title=self.run.manifest["title"],
            subject=f"What each assumption moves in {year}, run {self.run.run_id}",
            notice=self.run.manifest["notice"],
            sections=(tornado_section(self.together, year, notes), places_section(self.places, year)),
            foot="Each assumption is moved alone; together they may move more or less. No gate judged any of this.",
        )


def _block(rows: pd.DataFrame, *, bars: bool) -> Iterator[str]:
    """A line an assumption: its value, and what it moves at its low and at its high."""
    pence = rows["core_change_pence"].abs()
    most = int(pence.max()) if pence.notna().any() else 0
    yield f"  {'':<36} {'value':>10} {'low':>10} {'moves':>18} {'high':>10} {'moves':>18}"
    for name, pair in rows.groupby("assumption", sort=False):
        at = {row.bound: row for row in pair.itertuples()}
        ends = "".join(_end(at.get(bound)) for bound in BOUNDS)
        shown = pair["value"].iloc[0]
        yield f"  {name:<36} {shown:>10}{ends}{_bar(at, most) if bars else ''}".rstrip()
    for row in _stopped(rows):
        yield f"      {row.assumption} at its {row.bound}: {row.why_not}"


def _end(row: Any) -> str:
    if row is None:
        return f" {'-':>10} {'':>18}"
    return f" {row.moved_to:>10} {'none' if row.why_not else pounds_text(int(row.core_change_pence)):>18}"


def _bar(at: dict[str, Any], most: int) -> str:
    """What an assumption takes away to the left of the line, and what it adds to the right."""
    pence = [int(row.core_change_pence) for row in at.values() if not row.why_not]
    if not most or not any(pence):
        return ""
    left, right = (round(_BAR * abs(end(*pence, 0)) / most) for end in (min, max))
    return f"  {'█' * left:>{_BAR}}|{'█' * right}"


def _stopped(rows: pd.DataFrame) -> list[Any]:
    return [row for row in rows.itertuples() if row.why_not]


def _wrapped(names: tuple[str, ...]) -> Iterator[str]:
    return (f"  {line}" for line in textwrap.wrap(", ".join(names), 110))
