"""The movements of one budget year by key and step, in the order in which they were booked."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from budget.audit.explain.records import KEYS, YEAR


@dataclass(frozen=True)
class Booked:
    """One year of ``budget_ledger``.

    Attributes:
        year: the budget year.
        steps: the steps that moved anything, in order.
        moved: pence by key (rows) and step (columns).
        cited: the assumptions that each movement cites, by step and key.
    """

    year: str
    steps: tuple[str, ...]
    moved: pd.DataFrame
    cited: pd.Series

    @classmethod
    def of(cls, ledger: pd.DataFrame, year: str) -> Booked:
        """The movements of a year; a movement's identifier holds the number of its step."""
        rows = ledger[ledger[YEAR] == year]
        rows = rows.assign(step=rows["step"].astype(str), number=rows["movement_id"].str.split("-").str[-2])
        order = rows.drop_duplicates("step").sort_values("number", kind="stable")["step"]
        sums = rows.groupby([*KEYS, "step"], sort=False)["amount_pence"].sum()
        # a key that a step left alone has no movement there: a true zero
        moved = sums.unstack("step", fill_value=0)[list(order)].astype("int64").sort_index()
        cited = rows.drop_duplicates(["step", *KEYS]).set_index(["step", *KEYS])["assumptions"]
        return cls(year, tuple(order), moved, cited)

    def before(self, step: str) -> pd.Series:
        """Booked pence by key before a step."""
        return self.moved[list(self.steps[: self.steps.index(step)])].sum(axis=1)

    def moves(self, step: str) -> pd.DataFrame:
        """What a step moved: keys, before, amount and cited, one row a movement."""
        amount = self.moved[step]
        amount = amount[amount != 0]
        rows = pd.DataFrame({"before": self.before(step).loc[amount.index], "amount": amount})
        cited = self.cited.loc[step].loc[amount.index]
        return rows.assign(cited=[tuple(names) for names in cited]).reset_index()

    def rate_of(self, step: str, identifier: str) -> dict[tuple[str, ...], str]:
        """How each key's movement of a step cites an assumption; keys that the step left alone are not there."""
        if step not in self.steps:
            return {}
        return {key: cited_as(identifier, names) for key, names in self.cited.loc[step].items()}  # type: ignore[misc]


def cited_as(identifier: str, names: tuple[str, ...]) -> str:
    """The citation of an assumption among those of a movement, with the line or place it was narrowed to.

    Raises:
        KeyError: the movement does not cite it.
    """
    for name in names:
        if name.partition("@")[0] == identifier:
            return name
    raise KeyError(identifier)
