"""The opening balance of the first year: gross spend and its adjustments, shared to segments by their cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError
from budget.ledger.balance import KEYS, Balance
from budget.stage import Given

_LINE = ["place", "service_line"]


@dataclass(frozen=True)
class Start:
    """What the first year opens with, whatever is assumed.

    Attributes:
        keys: the four keys of the ledger and ``amount``, gross pence, unrounded.
        adjustments: pence that normalise it, in the same order.
        balance: nothing, over these keys.
    """

    keys: pd.DataFrame
    adjustments: NDArray[np.float64]
    balance: Balance

    @classmethod
    def of(cls, given: Given) -> Start:
        """Read it from the baseline and the cost of segments."""
        shares = shares_of_segments(given.frame("segment_cost"))
        keys, adjustments = opening_balance(given.frame("baseline_lines"), shares)
        return cls(keys, adjustments, Balance.empty(keys))

    @property
    def gross(self) -> NDArray[np.float64]:
        """Gross pence by key."""
        return self.keys["amount"].to_numpy(dtype=np.float64)

    @property
    def normalised(self) -> NDArray[np.float64]:
        """Pence of the normalised baseline by key."""
        return self.gross + self.adjustments


def shares_of_segments(costs: pd.DataFrame) -> pd.DataFrame:
    """Each segment's share of its place's cost on a line; of its people where the line has no cost left.

    Args:
        costs: ``segment_cost``.

    Returns:
        place, service_line, segment, share; shares of a place and line add up to 1.
    """
    totals = costs.groupby(_LINE)[["grossed_pence", "people"]].transform("sum")
    by_cost = costs["grossed_pence"] / totals["grossed_pence"]
    share = by_cost.where(totals["grossed_pence"] != 0, costs["people"] / totals["people"])
    return costs.assign(share=share)[[*_LINE, "segment", "share"]]


def opening_balance(lines: pd.DataFrame, shares: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Gross spend by key, and the adjustments that normalise it.

    Args:
        lines: ``baseline_lines``.
        shares: from ``shares_of_segments``.

    Returns:
        The keys with a column ``amount`` (gross pence, unrounded), in the order of the ledger, and the
        adjustments in the same order.
    """
    crossed = lines.merge(shares, on=_LINE, validate="many_to_many").sort_values(list(KEYS), ignore_index=True)
    crossed["amount"] = crossed["gross_pence"] * crossed["share"]
    adjustments = (crossed["adjustment_pence"] * crossed["share"]).to_numpy(dtype=np.float64)
    return crossed[[*KEYS, "amount"]], adjustments


def refuse_strangers(assumptions: Assumptions, places: Collection[str]) -> None:
    """Refuse a value for a place that the budget does not have: it would change nothing, in silence.

    A value for a line that is out of scope is left alone; packs speak of more lines than a locality has.

    Args:
        assumptions: those of the ledger.
        places: the places of the budget.

    Raises:
        ConfigurationError: an assumption names a place that is not among them.
    """
    strangers = sorted(
        {f"{name}@{scope.place}" for name, scope in assumptions.entries if scope.place and scope.place not in places}
    )
    if strangers:
        known = ", ".join(sorted(places))
        raise ConfigurationError(f"{', '.join(strangers)}: the budget has no such place or line. Places: {known}.")
