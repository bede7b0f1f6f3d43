"""What a report knows of its run beside the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeAlias

import pandas as pd

from budget.kernel.checks import CheckResult
from budget.kernel.years import FinancialYear
from budget.report.labels import general_labels, words

RunTables: TypeAlias = Mapping[str, pd.DataFrame]
"""Output tables of a run by contract name; a table that the run did not make is absent."""


class Naming(Protocol):
    """Whoever has words for codes."""

    def label(self, code: object) -> str:
        """Words for a code."""
        ...


@dataclass(frozen=True)
class RunFacts:
    """The facts of a run that every output repeats.

    Attributes:
        run_id: identifier of the run.
        title: locality, for people.
        purpose: annual, rerun, audit or example.
        notice: a sentence that every output shows, such as that people are synthetic; may be empty.
        base_year: year of the baseline spend.
        budget_years: years whose budgets are set, in order.
        snapshot_date: day on which people were counted.
        code_version: version of the product.
        created_on: day the report speaks of, taken from the run's bundle; outputs carry no clock time.
        checks: every check that was asked, in order.
        assumptions: the ``assumption_ledger``.
        known_on: day as of which the run knows its assumptions; None for everything in the packs.
        published_to: day on which the newest of its assumptions was published; None where none says.
        scenarios: names of the scenarios laid over the packs.
        warnings: what there is to know of these scenarios.
        status: draft, as every run is when it is made; approvals come after it.
        waivers: the waivers that the run is held to, as plain values.
        record: what the run was made from, item and value, in order.
        tiles: row and column of each place on the map of tiles; empty where the locality gives none.
        labels: words for codes of steps, segments, service lines, commissioners and places.
    """

    run_id: str
    title: str
    purpose: str
    notice: str
    base_year: FinancialYear
    budget_years: tuple[FinancialYear, ...]
    snapshot_date: date
    code_version: str
    created_on: date
    checks: tuple[CheckResult, ...]
    assumptions: pd.DataFrame
    known_on: date | None = None
    published_to: date | None = None
    scenarios: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    status: str = "draft"
    waivers: tuple[Mapping[str, Any], ...] = ()
    record: tuple[tuple[str, str], ...] = ()
    tiles: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, code: object) -> str:
        """Words for a code: the run's own, then the product's, then the code itself made readable."""
        text = str(code)
        return self.labels.get(text) or general_labels().get(text) or words(text)

    @property
    def first_year(self) -> str:
        """The first budget year as tables write it."""
        return str(self.budget_years[0])

    @property
    def unverified(self) -> pd.DataFrame:
        """The assumptions whose source nobody has verified yet."""
        return self.assumptions[self.assumptions["status"] == "unverified"]

    def assumed(self, name: str) -> tuple[str, ...]:
        """The distinct values that the run used for an assumption, empty where it used none.

        Args:
            name: identifier, with or without its group (``older_precedence`` finds ``segmentation.older_precedence``).
        """
        names = self.assumptions["name"].astype(str)
        found = self.assumptions.loc[(names == name) | names.str.endswith(f".{name}"), "value"]
        return tuple(dict.fromkeys(str(value) for value in found))
