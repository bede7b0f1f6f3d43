"""Indices that a weighted population is multiplied by, and the share that goes to health inequalities.

An index outside its bounds is refused (check W03), not held at them: it is a sign of another unit or another year.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from budget.kernel.errors import refusal


@dataclass(frozen=True)
class IndexBounds:
    """What values an index may have.

    Attributes:
        name: as in reports.
        low: least value, itself allowed.
        high: greatest value, itself allowed.
        seen: least and greatest value of the 7,325 practices of the workbook on 2018/19 populations.
    """

    name: str
    low: float
    high: float
    seen: tuple[float, float]


MARKET_FORCES = IndexBounds("market forces factor", 0.92, 1.15, seen=(0.9255, 1.1487))
EMERGENCY_AMBULANCE = IndexBounds("emergency ambulance cost adjustment", 0.99, 1.01, seen=(0.9959, 1.0071))
REMOTENESS = IndexBounds("remoteness uplift", 1.0, 1.05, seen=(1.0, 1.0305))

CORE_INEQUALITY_SHARE = 0.10
"""Share of hospital and community need that follows avoidable mortality (NHS England, derived from its workbook)."""
PRESCRIBING_INEQUALITY_SHARE = 0.10
"""The same for prescribing."""
PRIMARY_INEQUALITY_SHARE = 0.15
"""The same for primary medical care: Final PMC WP = 0.85 need + 0.15 health inequalities."""


def market_forces(weighted: pd.Series, index: pd.Series) -> pd.Series:
    """Weighted people times the market forces factor: unavoidable differences of what staff and buildings cost.

    Args:
        weighted: weighted people by practice.
        index: the factor by practice, 1 is England; allowed 0.92 to 1.15.

    Raises:
        RunStopped: a factor is missing or outside its bounds.
    """
    return weighted * within_bounds(index, MARKET_FORCES)


def emergency_ambulance(weighted: pd.Series, index: pd.Series) -> pd.Series:
    """Weighted people times the emergency ambulance cost adjustment (EACA): what distance costs ambulances.

    Args:
        weighted: weighted people by practice.
        index: the adjustment by practice; seen 0.9959 to 1.0071.

    Raises:
        RunStopped: an index is missing or outside its bounds.
    """
    return weighted * within_bounds(index, EMERGENCY_AMBULANCE)


def remoteness(target: pd.Series, index: pd.Series) -> pd.Series:
    """Target allocation times the uplift for remote hospitals that cannot be larger; 1 where there is none.

    Args:
        target: target allocation by practice, any unit of money.
        index: the uplift by practice; seen 1.0018 to 1.0305 for 268 practices.

    Raises:
        RunStopped: an uplift is missing or outside its bounds.
    """
    return target * within_bounds(index, REMOTENESS)


def health_inequality(need: pd.Series, inequality: pd.Series, share: float | pd.Series) -> pd.Series:
    """``(1 − share) · need + share · inequality``, both weighted people.

    Args:
        need: weighted people by need.
        inequality: weighted people by avoidable mortality (under 75).
        share: share that follows inequality, from 0 to 1; one for all, or one a row.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not pd.Series(share).between(0, 1).all():
        raise ValueError(f"a share lies between 0 and 1, found {share}")
    return (1 - share) * need + share * inequality


def within_bounds(index: pd.Series, bounds: IndexBounds) -> pd.Series:
    """The index itself, where every value is there and within its bounds (check W03).

    Raises:
        RunStopped: a value is missing or outside.
    """
    wrong = index[~index.between(bounds.low, bounds.high)]
    if len(wrong):
        raise refusal(
            "need",
            "W03",
            table="practice_adjustments",
            rule=f"the {bounds.name} is given and lies between {bounds.low} and {bounds.high}",
            rows_failed=len(wrong),
            mend=f"practice_adjustments, or the practices: the {bounds.name} is an index, where 1 is England",
        )
    return index
