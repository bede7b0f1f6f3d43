"""What separates the assumptions of two runs, and the values of one laid over those of the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from budget.assumptions.catalogue import Value, as_text, catalogue
from budget.assumptions.layer import read_pack
from budget.assumptions.pack import Entry, Scope
from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear

NO_VALUE = "none of its own"


@dataclass(frozen=True)
class Narrow:
    """One assumption, for everything or for one line, one place or both; all its years together."""

    id: str
    line: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        narrow = "/".join(part for part in (self.line, self.place) if part)
        return f"{self.id}@{narrow}" if narrow else self.id

    def holds(self, identifier: str, scope: Scope) -> bool:
        """Whether a value of some identifier and scope is one of this assumption's."""
        return (identifier, scope.line, scope.place) == (self.id, self.line, self.place)


@dataclass(frozen=True)
class Differing:
    """An assumption whose value is not the same in two runs.

    Attributes:
        years: the years in which it is not; none where it differs in every budget year.
        before: the first run's value in those years, as text.
        after: the second run's.
    """

    assumption: Narrow
    years: tuple[FinancialYear, ...]
    before: str
    after: str

    def __str__(self) -> str:
        years = " and ".join(map(str, self.years))
        return f"{self.assumption} {years}".strip()


def read_resolved(run_folder: Path) -> Assumptions:
    """The assumptions that a run resolved.

    Raises:
        ConfigurationError: its pack cannot be read, or holds an identifier that the catalogue no longer knows.
    """
    return Assumptions.of(read_pack(run_folder / "assumptions.yaml"))


def differing(
    first: Assumptions, second: Assumptions, years: Sequence[FinancialYear], earlier: Sequence[FinancialYear] = ()
) -> tuple[Differing, ...]:
    """Every assumption whose value differs in a year, in the order of the catalogue.

    A value for all years and the same value given year by year are the same. An assumption that one of the runs did
    not know at all is not listed, unless it is one that is asked for only where it is used: see ``with_newcomers``.

    Args:
        years: budget years, in which every value is compared.
        earlier: base years, in which values are compared where both runs have one: few assumptions speak of them.
    """
    found = (_compared(at, first, second, years, earlier) for at in _in_catalogue_order(first, second))
    strangers = _newcomers(first, second) | _newcomers(second, first)
    return tuple(one for one in found if one is not None and one.assumption.id not in strangers)


def laid_over(base: Assumptions, other: Assumptions, assumption: Narrow) -> Assumptions:
    """One run's assumptions with every value of one assumption, line and place as in another run."""
    kept = (entry for (name, scope), entry in base.entries.items() if not assumption.holds(name, scope))
    laid = (entry for (name, scope), entry in other.entries.items() if assumption.holds(name, scope))
    return Assumptions.of((*kept, *laid))


def with_newcomers(base: Assumptions, other: Assumptions) -> Assumptions:
    """One run's assumptions, and another run's values of those that the product did not know when it was made."""
    new = _newcomers(base, other)
    return Assumptions.of((*base.entries.values(), *(e for (name, _), e in other.entries.items() if name in new)))


def replaced(base: Assumptions, changes: Mapping[tuple[str, Scope], Entry]) -> Assumptions:
    """Assumptions with some entries replaced."""
    return Assumptions(MappingProxyType({**base.entries, **changes}))


def in_order(assumptions: Iterable[Narrow]) -> list[Narrow]:
    """Assumptions as the catalogue lists them: for everything first, then for places, then for lines."""
    place_of = {name: number for number, name in enumerate(catalogue())}
    return sorted(set(assumptions), key=lambda at: (place_of[at.id], at.line or "", at.place or ""))


def _newcomers(base: Assumptions, other: Assumptions) -> set[str]:
    known, others = ({name for name, _ in side.entries} for side in (base, other))
    return {name for name in others - known if not catalogue()[name].when_used}


def _in_catalogue_order(*sides: Assumptions) -> list[Narrow]:
    return in_order(Narrow(name, scope.line, scope.place) for side in sides for name, scope in side.entries)


def _compared(
    at: Narrow,
    first: Assumptions,
    second: Assumptions,
    years: Sequence[FinancialYear],
    earlier: Sequence[FinancialYear],
) -> Differing | None:
    values = {year: tuple(_value(side.entries, at, year) for side in (first, second)) for year in (*earlier, *years)}
    asked = {year: pair for year, pair in values.items() if year in years or None not in pair}
    differ = {year: pair for year, pair in asked.items() if pair[0] != pair[1]}
    if not differ:
        return None
    before, after = (", ".join(dict.fromkeys(_texts(pair[side] for pair in differ.values()))) for side in (0, 1))
    return Differing(at, () if set(years) <= set(differ) else tuple(differ), before, after)


def _value(entries: Mapping[tuple[str, Scope], Entry], at: Narrow, year: FinancialYear) -> Value | None:
    for when in (year, None):
        entry = entries.get((at.id, Scope(when, at.line, at.place)))
        if entry is not None:
            return entry.value
    return None


def _texts(values: Iterable[Value | None]) -> Iterator[str]:
    return (NO_VALUE if value is None else as_text(value) for value in values)
