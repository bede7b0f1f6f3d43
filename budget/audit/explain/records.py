"""The tables of a run, read when they are asked for and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from budget.audit.folder import Run
from budget.contracts import table as contract_of

KEYS = ("place", "segment", "service_line", "commissioner")
YEAR = "financial_year"


@dataclass(frozen=True)
class Records:
    """What a run folder holds.

    Attributes:
        run: the run.
        kept: tables read so far, by name.
    """

    run: Run
    kept: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def has(self, name: str) -> bool:
        """Whether the run made this table."""
        return name in self.run.manifest["tables"]

    def table(self, name: str) -> pd.DataFrame:
        """A table; one that the run did not make has its columns and no rows."""
        if name not in self.kept:
            empty = pd.DataFrame(columns=list(contract_of(name).names))
            self.kept[name] = self.run.table(name) if self.has(name) else empty
        return self.kept[name]

    @property
    def years(self) -> tuple[str, ...]:
        """The budget years, in order."""
        return tuple(self.run.manifest["budget_years"])

    @property
    def base_year(self) -> str:
        """The year of the baseline."""
        return str(self.run.manifest["base_year"])

    def before(self, year: str) -> str:
        """The year before a budget year: another budget year, or the base year."""
        number = self.years.index(year)
        return self.years[number - 1] if number else self.base_year


def plain(rows: pd.DataFrame, columns: Sequence[str] | None = None) -> tuple[dict[str, Any], ...]:
    """Rows as plain values, for people and for JSON; what is not there is None."""
    chosen = rows if columns is None else rows[list(columns)]
    return tuple(
        {str(name): _plain(value) for name, value in row.items()} for row in chosen.astype(object).to_dict("records")
    )


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return value
    return None if pd.isna(value) else value
