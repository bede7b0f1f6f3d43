"""Scopes of a budget: some segments, some service lines, people with some conditions, or all three crossed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict, Field

from budget.kernel.errors import ConfigurationError

OUTSIDE = "outside"
"""Stands in the place of a budget for what no budget claims."""


class BudgetScope(BaseModel):
    """One budget: what it covers; what it leaves out it covers whole.

    Attributes:
        id: short name, as tables write it.
        title: name for people.
        segments: segments of the scheme; all of them when left out.
        lines: service lines in scope; all of them when left out.
        conditions: codelists of conditions; only people with at least one of them, when given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    segments: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def covers(self, segment: str, line: str) -> bool:
        """Whether a segment's cost on a line is in the budget, for the people that it is for."""
        return (not self.segments or segment in self.segments) and (not self.lines or line in self.lines)

    def meets(self, other: BudgetScope) -> bool:
        """Whether two budgets have a segment's cost on a line in common."""
        return _share(self.segments, other.segments) and _share(self.lines, other.lines)


def refuse_overlap(budgets: Sequence[BudgetScope], where: str) -> None:
    """Refuse budgets that would claim the same money.

    Where one of two budgets is for people with conditions, the first of them in the list has what both claim.

    Raises:
        ConfigurationError: an id is there twice or is that of the rest, or two budgets without conditions overlap.
    """
    ids = [budget.id for budget in budgets]
    wrong = sorted({name for name in ids if ids.count(name) > 1 or name == OUTSIDE})
    if wrong:
        raise ConfigurationError(f"{where}: budgets: {', '.join(wrong)} is there twice, or is the name of the rest.")
    for one, other in combinations(budgets, 2):
        if not one.conditions and not other.conditions and one.meets(other):
            raise ConfigurationError(
                f"{where}: budgets: {one.id} and {other.id} both claim the same segments and service lines; "
                "name segments or lines so that each has its own."
            )
        if not one.conditions and other.conditions and _within(other, one):
            raise ConfigurationError(
                f"{where}: budgets: {other.id} lies within {one.id}, which comes first and leaves it nothing; "
                f"name {other.id} first."
            )


def refuse_strangers(budgets: Sequence[BudgetScope], known: Mapping[str, Collection[str]]) -> None:
    """Refuse budgets that name what the run does not know: they would hold nothing, in silence.

    Args:
        budgets: the budgets.
        known: known names of ``segments``, ``lines`` or ``conditions``.

    Raises:
        ConfigurationError: a budget names another one.
    """
    for budget in budgets:
        for kind, names in known.items():
            strangers = sorted(set(getattr(budget, kind)) - set(names))
            if strangers:
                told = f"budgets: {budget.id} names {', '.join(strangers)} under {kind}"
                raise ConfigurationError(f"{told}; known: {', '.join(sorted(names))}.")


def _share(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return not some or not others or bool(set(some) & set(others))


def _within(inner: BudgetScope, outer: BudgetScope) -> bool:
    """Whether everything that one covers the other covers as well."""
    return all(
        not wide or (bool(narrow) and set(narrow) <= set(wide))
        for narrow, wide in ((inner.segments, outer.segments), (inner.lines, outer.lines))
    )
