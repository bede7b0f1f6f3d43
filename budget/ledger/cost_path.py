"""What present services would cost, year after year, whatever is allocated to them.

The ledger opens every year with last year's allocation. Beside it runs the cost of the same services from the base
year on, four times: untouched, less efficiency, with agreed investments, and with agreed savings as well. The last
is what a year is rebased to (the method, step 17); together they are the funding gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.ledger.balance import Balance, Change
from budget.ledger.policy import policy_moves
from budget.ledger.steps import cost_uplift, demographic_growth, efficiency, nondemographic_growth
from budget.ledger.year import Year

Floats = NDArray[np.float64]
Apply = Callable[[Balance, Year], Change]

_GROWTH: Mapping[str, Apply] = {
    "demographic_growth": demographic_growth,
    "nondemographic_growth": nondemographic_growth,
    "cost_uplift": cost_uplift,
}


@dataclass(frozen=True)
class CostPath:
    """Cost of present services in one year; unrounded pence by key.

    Attributes:
        untouched: the same care for everyone, grown by demography, demand and price.
        efficient: the same, less efficiency of every year so far.
        invested: the same, with agreed investments of every year so far.
        planned: the same, less agreed savings of every year so far.
        grown: by step of growth, what it has added to ``untouched`` since the base year.
    """

    untouched: Floats
    efficient: Floats
    invested: Floats
    planned: Floats
    grown: Mapping[str, Floats]

    @classmethod
    def starting(cls, normalised: Floats) -> CostPath:
        """The base year: the normalised baseline, however it is looked at."""
        nothing = {name: np.zeros(len(normalised)) for name in _GROWTH}
        return cls(normalised, normalised, normalised, normalised, nothing)

    def onwards(self, balance: Balance, year: Year) -> CostPath:
        """The year after, under its assumptions.

        Args:
            balance: any balance over the keys of the path.
            year: the year to go on to.
        """
        untouched, grown = self.untouched, dict(self.grown)
        for name, apply in _GROWTH.items():
            after = apply(balance.estimated(untouched), year).exact
            grown[name] = grown[name] + after - untouched
            untouched = after
        invested = _priced(balance, self.invested, year)
        planned = _priced(balance, self.planned, year)
        return CostPath(
            untouched=untouched,
            efficient=_priced(balance, self.efficient, year),
            invested=_with_moves(balance.estimated(invested), year, ("investment",)),
            planned=_with_moves(balance.estimated(planned), year, ("investment", "savings")),
            grown=grown,
        )


def _priced(balance: Balance, exact: Floats, year: Year) -> Floats:
    """One year of growth and price, less efficiency."""
    for apply in (*_GROWTH.values(), efficiency):
        exact = apply(balance.estimated(exact), year).exact
    return exact


def _with_moves(balance: Balance, year: Year, kinds: tuple[str, ...]) -> Floats:
    moves = [move.exact for move in policy_moves(balance, year) if move.kind in kinds]
    return balance.exact + np.sum(moves, axis=0) if moves else balance.exact
