"""Pace of change: from opening budgets to allocations that move towards fair shares (the method, step 10).

The rules are consistent with the published aims of national allocations; they are not the official algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.errors import CapitationError
from budget.kernel.money import apportion, half_up, pounds_text

Rule = Literal["floor_then_raise_lowest", "gap_share", "uniform"]
Floats = NDArray[np.float64]
Pence = NDArray[np.int64]

_HALVINGS = 200


class PaceInfeasible(CapitationError):
    """The quantum cannot meet the floors, or cannot be spent under the caps; the message gives the shortfall."""

    exit_status = 1

    def __init__(self, message: str, shortfall_pence: int) -> None:
        super().__init__(message)
        self.shortfall_pence = shortfall_pence


@dataclass(frozen=True)
class Limits:
    """Least and greatest allocation of each place, in pence, and the rule that made the least."""

    taper: Floats
    floor: Pence
    cap: Floats
    floor_rule: list[str]


def solve(
    opening: pd.Series,
    target: pd.Series,
    quantum: int,
    rule: Rule = "floor_then_raise_lowest",
    min_growth: float = 0.01,
    taper_lo: float = 0.05,
    taper_hi: float = 0.10,
    max_under_target: float = -0.05,
    max_growth: float | None = None,
) -> pd.DataFrame:
    """Allocate a quantum to places.

    ``T = Q WP / sum WP``; opening distance ``d = O / (T sum O / Q) - 1``; the growth guarantee fades from full
    at ``taper_lo`` to none at ``taper_hi`` above target; floor ``F = max(O (1 + g taper(d)), (1 + m) T)``.
    ``floor_then_raise_lowest`` finds the one distance to which every place below it is lifted, so that the
    quantum is spent; ``gap_share`` shares new money by the gap to target; ``uniform`` grows all alike.

    Args:
        opening: pence by place (index: places), whole or unrounded. A place without one (0) opens at target.
        target: pence or weighted people by place; only its shares matter.
        quantum: pence to allocate.
        rule: the rule.
        min_growth: g, guaranteed growth of a place that is not far above target.
        taper_lo: distance above target at which the guarantee begins to fade.
        taper_hi: distance above target at which it has gone.
        max_under_target: m, furthest below target a place may end (negative).
        max_growth: greatest growth of any place, or None.

    Returns:
        One row a place, in the order of ``opening``, with the columns of ``pace_of_change`` that the
        calculation gives; allocations add up to the quantum exactly.

    Raises:
        PaceInfeasible: the floors need more than the quantum, or the caps allow less.
        ValueError: a target is zero or places differ.
    """
    if list(opening.index) != list(target.index):
        raise ValueError("opening and target must speak of the same places in the same order")
    if (target.to_numpy() <= 0).any():
        raise ValueError("every place needs a target above zero")
    weights = target.to_numpy(dtype=np.float64)
    fair, booked_target = quantum * weights / weights.sum(), apportion(quantum, weights)
    given = opening.to_numpy(dtype=np.float64)
    start = np.where(given == 0, fair, given)
    distance = start / (fair * (start.sum() / quantum)) - 1
    limits = _limits(start, fair, distance, min_growth, taper_lo, taper_hi, max_under_target, max_growth)
    if len(start) == 1:
        allocation, binding = np.array([quantum], dtype=np.int64), ["only_place"]
    elif rule == "floor_then_raise_lowest":
        allocation, binding = _raise_lowest(start, fair, quantum, limits)
    elif rule == "gap_share":
        allocation, binding = _gap_share(start, fair, quantum)
    else:
        allocation, binding = apportion(quantum, start), ["uniform"] * len(start)
    return pd.DataFrame(
        {
            "place": list(opening.index),
            "opening_pence": [half_up(float(pence)) for pence in start],
            "target_pence": booked_target,
            "opening_dft": distance,
            "taper": limits.taper,
            "floor_pence": limits.floor,
            "allocation_pence": allocation,
            "growth": allocation / start - 1,
            "closing_dft": allocation / fair - 1,
            "binding_rule": binding,
        }
    )


def taper(distance: Floats, lo: float, hi: float) -> Floats:
    """Share of the growth guarantee that remains: 1 up to ``lo`` above target, 0 from ``hi`` on, linear between."""
    if hi <= lo:
        return (distance <= lo).astype(np.float64)
    return np.clip((hi - distance) / (hi - lo), 0.0, 1.0)


def _limits(
    start: Floats, fair: Floats, distance: Floats, growth: float, lo: float, hi: float, under: float, most: float | None
) -> Limits:
    fade = taper(distance, lo, hi)
    by_growth, by_target = start * (1 + growth * fade), (1 + under) * fair
    floor = np.array([half_up(float(x)) for x in np.maximum(by_growth, by_target)], dtype=np.int64)
    cap = np.full(len(start), np.inf) if most is None else np.maximum(start * (1 + most), floor)
    return Limits(
        fade,
        floor,
        cap,
        ["growth_floor" if g >= t else "target_floor" for g, t in zip(by_growth, by_target, strict=True)],
    )


def _raise_lowest(start: Floats, fair: Floats, quantum: int, limits: Limits) -> tuple[Pence, list[str]]:
    """Lift the places furthest below target to one common distance, by bisection on that distance."""
    shortfall = int(limits.floor.sum()) - quantum
    if shortfall > 0:
        raise PaceInfeasible(
            f"the floors need {pounds_text(shortfall)} more than the quantum of {pounds_text(quantum)}; "
            "nothing was scaled. Lower pace_min_growth or pace_max_under_target, or raise the quantum.",
            shortfall,
        )
    if limits.cap.sum() < quantum:
        unspent = quantum - int(limits.cap.sum())
        raise PaceInfeasible(f"the growth cap leaves {pounds_text(unspent)} of the quantum unspent.", -unspent)

    def allocate(level: float) -> Floats:
        return np.minimum(np.maximum(limits.floor, (1 + level) * fair), limits.cap)

    low, high = -1.0, float(max(1.0, (quantum / fair).max()))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if allocate(middle).sum() < quantum else (low, middle)
    exact = allocate(high)
    lifted = exact > limits.floor
    allocation = limits.floor.copy()
    if lifted.any():
        allocation[lifted] = apportion(quantum - int(limits.floor[~lifted].sum()), exact[lifted])
    elif quantum > int(limits.floor.sum()):
        allocation = apportion(quantum, exact)
    capped = exact >= limits.cap
    rules = [
        "growth_cap" if c else "raised" if up else rule
        for c, up, rule in zip(capped, lifted, limits.floor_rule, strict=True)
    ]
    return allocation, rules


def _gap_share(start: Floats, fair: Floats, quantum: int) -> tuple[Pence, list[str]]:
    """Share new money by the gap to target; where nobody is below target, by target."""
    new_money = quantum - float(start.sum())
    if new_money < 0:
        raise PaceInfeasible(
            f"gap_share has no new money: opening budgets exceed the quantum by {pounds_text(half_up(-new_money))}.",
            half_up(-new_money),
        )
    gap = np.maximum(fair - start, 0)
    shares = gap if gap.sum() > 0 else fair
    return apportion(quantum, start + new_money * shares / shares.sum()), ["gap_share"] * len(start)
