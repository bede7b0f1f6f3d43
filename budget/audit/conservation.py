"""Pounds in are pounds out: the tables of a run against one another, to the penny, from the files alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from budget.kernel.money import pounds_text

_PLACE = ["financial_year", "place"]
_PARTS = ("allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence")
_TAKEN_OUT = {
    "carve_out_pence": ("choice_carve_out", "other_carve_outs"),
    "risk_pool_pence": ("risk_pool",),
    "incentive_pence": ("incentive",),
}
"""Steps after the allocation, by the part of the budget that they make; each takes its amount out."""

Sums = Callable[[Mapping[str, pd.DataFrame]], pd.Series]


@dataclass(frozen=True)
class Law:
    """Two sums that must be equal, key by key.

    Attributes:
        about: what is conserved, in a few words.
        table: the table at fault where they differ.
        against: the table that it is held against.
        found: sums of the table.
        expected: sums of the other one.
    """

    about: str
    table: str
    against: str
    found: Sums
    expected: Sums

    def broken(self, tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, int, int]]:
        """Every key whose sums differ, with what was expected and what was found, in pence.

        A key that one side lacks has no pounds there: a true zero.
        """
        both = pd.concat([self.expected(tables), self.found(tables)], axis=1, keys=["expected", "found"])
        both = both.fillna(0).astype("int64")
        for key, row in both[both["expected"] != both["found"]].iterrows():
            named = ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield named, int(row["expected"]), int(row["found"])


def laws() -> tuple[Law, ...]:
    """Everything that must be conserved between the tables of a run."""
    ledger, budget = "budget_ledger", "integrated_budget"
    parts = tuple(
        Law(f"{part.removesuffix('_pence')} by year and place", budget, ledger, _summed(budget, part), _moved(part))
        for part in _PARTS
    )
    return (
        Law("parts of the allocation", budget, budget, _summed(budget, *_PARTS[1:]), _summed(budget, _PARTS[0])),
        *parts,
        Law(
            "the year's payment by place",
            "monthly_profile",
            budget,
            _summed("monthly_profile", "payment_pence"),
            _summed(budget, "incentive_pence", "core_pence"),
        ),
        Law("steps by year and place", "growth_bridge", ledger, _by_step("growth_bridge"), _by_step(ledger)),
        Law(
            "what commissioners pay, by place",
            "contributions",
            budget,
            _summed("contributions", "payment_pence"),
            _summed(budget, "incentive_pence", "core_pence"),
        ),
    )


def breaches(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[Law, str, int, int]]:
    """Every law and key that some tables do not keep; laws of tables that are not there are not asked."""
    for law in laws():
        if law.table in tables and law.against in tables:
            for key, expected, found in law.broken(tables):
                yield law, key, expected, found


def named_tables() -> tuple[str, ...]:
    """The tables that the laws speak of."""
    return tuple(dict.fromkeys(name for law in laws() for name in (law.table, law.against)))


def in_words(law: Law, key: str, pence: int) -> str:
    """A sum as a finding says it."""
    return f"{law.about} ({key}): {pounds_text(pence)}"


def _summed(table: str, *columns: str) -> Sums:
    def sums(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
        frame = tables[table]
        return frame[list(columns)].sum(axis=1).groupby([frame[key] for key in _PLACE], observed=True).sum()

    return sums


def _moved(part: str) -> Sums:
    def sums(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
        ledger = tables["budget_ledger"]
        step = ledger["step"].astype(str)
        after = step.isin([name for steps in _TAKEN_OUT.values() for name in steps])
        if part == "core_pence":
            return _by_place(ledger)
        if part == "allocation_pence":
            return _by_place(ledger[~after])
        return -_by_place(ledger[step.isin(_TAKEN_OUT[part])])

    return sums


def _by_place(rows: pd.DataFrame) -> pd.Series:
    return rows.groupby(_PLACE, observed=True)["amount_pence"].sum()


def _by_step(table: str) -> Sums:
    def sums(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
        frame = tables[table]
        return frame.assign(step=frame["step"].astype(str)).groupby([*_PLACE, "step"])["amount_pence"].sum()

    return sums
