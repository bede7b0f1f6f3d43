"""Risk of a party: what it may gain or lose over many draws, against what it says that it can lose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORST = 0.05
"""The share of draws that is called the worst."""


@dataclass(frozen=True)
class Risk:
    """How results lie, one element a party; pence.

    Attributes:
        mean: mean result.
        sd: its standard deviation (of the draws, without a correction: there are many).
        chance_of_loss: share of draws with a result below nought.
        worst: 5th percentile: one draw in twenty is worse.
        mean_of_worst: mean of the worst twentieth of draws.
    """

    mean: Floats
    sd: Floats
    chance_of_loss: Floats
    worst: Floats
    mean_of_worst: Floats

    @classmethod
    def of(cls, results: Floats) -> Risk:
        """The risk of each party.

        Args:
            results: pence by draw and party; at least one draw.
        """
        count = max(1, round(WORST * len(results)))
        lowest = np.partition(results, count - 1, axis=0)[:count]
        return cls(
            mean=results.mean(axis=0),
            sd=results.std(axis=0),
            # half a penny of rounding on the way is no loss
            chance_of_loss=(results < -0.5).mean(axis=0),
            worst=np.quantile(results, WORST, axis=0),
            mean_of_worst=lowest.mean(axis=0),
        )


def chance_exhausted(results: Floats, pool: float) -> float:
    """Share of draws in which commissioners lose more than the pool that bears their losses.

    Args:
        results: what commissioners are left with, all together, pence by draw.
        pool: pence; where it is nought any loss exhausts it.
    """
    return float((-results > pool + 0.5).mean())
