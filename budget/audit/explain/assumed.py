"""The assumptions that movements cite: value, unit, source, status and who set it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from budget.audit.explain.records import YEAR, plain
from budget.kernel.errors import ConfigurationError

INPUTS = {
    "baseline_adjustments": "the adjustments handed over with spend",
    "population_projection": "the projected population, an input",
    "provider_activity": "the base year's activity by provider",
}
"""Causes of movements that are no assumptions, but tables."""


@dataclass(frozen=True)
class Assumed:
    """The assumption ledger of a run.

    Attributes:
        ledger: ``assumption_ledger``.
        found: rows by citation and year, looked up so far.
    """

    ledger: pd.DataFrame
    found: dict[tuple[str, str], dict[str, Any] | None] = field(default_factory=dict, repr=False, compare=False)

    def row(self, cited: str, year: str) -> dict[str, Any] | None:
        """The row that a citation stands for in a year; None for a cause that is no assumption."""
        if (cited, year) not in self.found:
            self.found[cited, year] = self._row(cited, year)
        return self.found[cited, year]

    def _row(self, cited: str, year: str) -> dict[str, Any] | None:
        name, _, narrow = cited.partition("@")
        rows = self.ledger[(self.ledger["name"] == name) & self.ledger[YEAR].isin([year, "any"])]
        wanted = rows[rows["scope"].map(_narrow) == narrow].sort_values(YEAR, key=lambda years: years == "any")
        return dict(plain(wanted.head(1))[0]) if len(wanted) else None

    def number(self, cited: str, year: str) -> float:
        """The value of a rate, share or amount.

        Raises:
            ConfigurationError: the run does not hold it.
        """
        return float(self._value(cited, year))

    def word(self, cited: str, year: str) -> str:
        """The value of a choice; raises as ``number`` does."""
        return str(self._value(cited, year))

    def words(self, cited: str, year: str) -> tuple[str, ...]:
        """The value of a list of service lines; raises as ``number`` does."""
        return tuple(part.strip() for part in self.word(cited, year).split(",") if part.strip())

    def _value(self, cited: str, year: str) -> Any:
        row = self.row(cited, year)
        if row is None:
            raise ConfigurationError(f"the run holds no value of {cited} for {year}, though a movement cites it.")
        return row["value"]

    def told(self, cited: str, year: str) -> dict[str, Any]:
        """A citation with all that there is to know of it, the same keys for all."""
        row = self.row(cited, year)
        facts = ("value", "unit", "scope", YEAR, "status", "source", "set_by", "owner", "reason")
        dates = ("effective_from", "published_on", "previous_value")
        if row is None:
            kind = {"kind": "input", "source": INPUTS.get(cited, "a table of the run")}
            return {"cited": cited} | dict.fromkeys((*facts, *dates)) | kind
        return {"cited": cited, "kind": "assumption"} | {name: row[name] for name in (*facts, *dates)}


def _narrow(scope: str) -> str:
    """A scope as movements cite it: ``line:x place:y`` is ``x/y``, ``all`` is nothing."""
    if scope == "all":
        return ""
    line, _, place = scope.partition("place:")
    return "/".join(part for part in (line.strip().removeprefix("line:"), place) if part)
