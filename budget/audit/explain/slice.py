"""Which part of the budget is explained: one line of it, or all that shares a place, segment, line or payer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pandas as pd

from budget.audit.explain.records import KEYS, YEAR, Records
from budget.kernel.errors import ConfigurationError

_OPTIONS = {
    "place": "--place",
    "segment": "--segment",
    "service_line": "--line",
    "commissioner": "--commissioner",
    YEAR: "--year",
}


@dataclass(frozen=True)
class Slice:
    """A year of the budget and what is fixed of its keys; None stands for all of them."""

    financial_year: str
    place: str | None = None
    segment: str | None = None
    service_line: str | None = None
    commissioner: str | None = None

    @classmethod
    def of(cls, records: Records, year: str | None = None, **wanted: str | None) -> Slice:
        """The slice that someone asks for, in the codes of the budget.

        Args:
            records: the run.
            year: budget year; the first when not given.
            wanted: place, segment, service_line and commissioner, as codes or names, in any case.

        Raises:
            ConfigurationError: the budget has no such year, place, segment, line or commissioner, or not together.
        """
        budget = records.table("integrated_budget")
        names = dict(zip(records.table("segments")["segment"], records.table("segments")["name"], strict=True))
        found = {
            key: _one(key, wanted[key], budget[key].unique(), names if key == "segment" else {})
            for key in KEYS
            if wanted.get(key)
        }
        chosen = _one(YEAR, year, records.years, {}) if year else records.years[0]
        asked = cls(chosen, **found)
        if asked.rows(budget).empty:
            raise _not_together(asked, budget)
        return asked

    @property
    def fixed(self) -> dict[str, str]:
        """The keys that are fixed, with their codes."""
        return {key: value for key, value in asdict(self).items() if key != YEAR and value is not None}

    @property
    def is_line(self) -> bool:
        """Whether it is one line of the budget."""
        return len(self.fixed) == len(KEYS)

    def holds(self, rows: pd.DataFrame) -> pd.Series:
        """Whether each row of a table is of the slice, by those of the keys that the table has; years apart."""
        mask = pd.Series(True, index=rows.index)
        for key, value in self.fixed.items():
            if key in rows.columns:
                mask &= rows[key] == value
        return mask

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table that are of the slice, and of its year where the table has years."""
        of_year = table[table[YEAR] == self.financial_year] if YEAR in table.columns else table
        return of_year[self.holds(of_year)]


def _one(key: str, wanted: str | None, codes: Iterable[str], names: dict[str, str]) -> str:
    """The code that someone means, by itself or by its name."""
    known = sorted(map(str, codes))
    spellings = {_spelt(code): code for code in known} | {_spelt(names[code]): code for code in known if code in names}
    found = spellings.get(_spelt(str(wanted)))
    if found is None:
        listed = ", ".join(f"{code} ({names[code]})" if code in names else code for code in known)
        raise ConfigurationError(f"{_OPTIONS[key]} {wanted}: the budget has none of that name. There is: {listed}.")
    return found


def _spelt(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


def _not_together(asked: Slice, budget: pd.DataFrame) -> ConfigurationError:
    """Which of the fixed keys cannot stand beside the others, and what could."""
    for key in reversed(list(asked.fixed)):
        others = Slice(asked.financial_year, **{name: code for name, code in asked.fixed.items() if name != key})
        there = sorted(others.rows(budget)[key].unique())
        if there:
            rest = ", ".join(others.fixed.values())
            return ConfigurationError(
                f"{_OPTIONS[key]} {asked.fixed[key]}: the budget has no such line for {rest} in "
                f"{asked.financial_year}. There is: {', '.join(there)}."
            )
    return ConfigurationError(f"The budget has nothing for {', '.join(asked.fixed.values())}.")
