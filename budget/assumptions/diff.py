"""What differs between two sets of assumptions, by the value that holds in each year and scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from budget.assumptions.catalogue import Value, as_text
from budget.assumptions.pack import Entry, Scope
from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear

OTHER_YEARS = "all"
"""What stands for the years that neither side names."""


@dataclass(frozen=True)
class Change:
    """One assumption that differs.

    Attributes:
        scope: line and place, or ``all``.
        years: years that it differs in.
        before: the value of the first set; None where it has none.
        after: the value of the second.
    """

    name: str
    scope: str
    years: tuple[str, ...]
    before: Value | None
    after: Value | None

    def as_dict(self) -> dict[str, Any]:
        """The change as plain values, for scripts."""
        return {
            "name": self.name,
            "scope": self.scope,
            "years": list(self.years),
            "before": None if self.before is None else as_text(self.before),
            "after": None if self.after is None else as_text(self.after),
        }


def differences(before: Assumptions, after: Assumptions, years: Sequence[FinancialYear] = ()) -> tuple[Change, ...]:
    """Every value that differs, by name and scope; years with the same change are told together.

    Args:
        before: the first set.
        after: the second set.
        years: the years of the runs that they are for; those that the sets name themselves where there are none.
    """
    keys = sorted({(name, scope.line or "", scope.place or "") for name, scope in (*before.entries, *after.entries)})
    return tuple(change for name, line, place in keys for change in _of_key(before, after, years, name, line, place))


def _of_key(
    before: Assumptions, after: Assumptions, years: Sequence[FinancialYear], name: str, line: str, place: str
) -> Iterator[Change]:
    found = []
    for year in _years(before, after, years, name):
        old, new = (_value(known.find(name, year, line=line or None, place=place or None)) for known in (before, after))
        if old != new:
            found.append((OTHER_YEARS if year is None else str(year), old, new))
    scope = str(Scope(line=line or None, place=place or None))
    for (old, new), same in groupby(found, key=lambda change: change[1:]):
        yield Change(name, scope, tuple(year for year, *_ in same), old, new)


def _years(
    before: Assumptions, after: Assumptions, years: Sequence[FinancialYear], name: str
) -> list[FinancialYear | None]:
    """The years to ask about: of the runs, and those that a set names; the others too where the runs are unknown."""
    scopes = [scope for known, scope in (*before.entries, *after.entries) if known == name]
    named = sorted({scope.year for scope in scopes if scope.year is not None} | set(years))
    others: list[FinancialYear | None] = [None] if not years and any(scope.year is None for scope in scopes) else []
    return [*named, *others]


def _value(entry: Entry | None) -> Value | None:
    return None if entry is None else entry.value
