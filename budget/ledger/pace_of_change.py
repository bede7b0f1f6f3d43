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


class PaceInfeasible(CapitationError):
    """The quantum cannot meet the floors, or cannot be spent under the caps.

    Attributes:
        shortfall_pence: what the floors need beyond the quantum; negative for what caps leave unspent.
        needed: the table of `solve` with what each place would have to get; it does not add up to the quantum.
    """

    exit_status = 1

    def __init__(self, message: str, shortfall_pence: int, needed: pd.DataFrame) -> None:
        super().__init__(message)
        self.shortfall_pence = shortfall_pence
        self.needed = needed


@dataclass(frozen=True)
class _Position:
    """Where every place stands before the quantum is shared; amounts in pence, unrounded but for the floors."""

    places: tuple[str, ...]
    opening: Floats
    target: Floats
    booked_target: Pence
    distance: Floats
    taper: Floats
    floor: Pence
    floor_rule: tuple[str, ...]
    cap: Floats
    quantum: int

    def table(self, allocation: Pence, binding: list[str]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "place": self.places,
                "opening_pence": [half_up(float(pence)) for pence in self.opening],
                "target_pence": self.booked_target,
                "opening_dft": self.distance,
                "taper": self.taper,
                "floor_pence": self.floor,
                "allocation_pence": allocation,
                "growth": allocation / self.opening - 1,
                "closing_dft": allocation / self.target - 1,
                "binding_rule": binding,
            }
        )

    def infeasible(self, message: str, needed: Floats | Pence) -> PaceInfeasible:
        booked = np.array([half_up(float(pence)) for pence in needed], dtype=np.int64)
        table = self.table(booked, ["infeasible"] * len(self.places))
        return PaceInfeasible(message, int(booked.sum()) - self.quantum, table)


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
    quantum is spent; ``gap_share`` shares new money by the gap to target; ``uniform`` grows all alike. Floors
    and the growth cap bind under the first rule alone.

    Args:
        opening: pence by place (index: places), whole or unrounded. A place without one (0) opens at target.
        target: pence or weighted people by place; only its shares matter.
        quantum: pence to allocate.
        rule: the rule.
        min_growth: g, guaranteed growth of a place that is not far above target; where it is negative, the
            furthest that any place may fall, and it does not fade.
        taper_lo: distance above target at which the guarantee begins to fade.
        taper_hi: distance above target at which it has gone.
        max_under_target: m, furthest below target a place may end (negative).
        max_growth: greatest growth of any place whose floor does not ask for more, or None.

    Returns:
        One row a place, in the order of ``opening``, with the columns of ``pace_of_change`` that the
        calculation gives; allocations add up to the quantum exactly.

    Raises:
        PaceInfeasible: the floors need more than the quantum, or the caps allow less.
        ValueError: the quantum or a target is not above zero, or places differ.
    """
    if list(opening.index) != list(target.index):
        raise ValueError("opening and target must speak of the same places in the same order")
    if quantum <= 0:
        raise ValueError("the quantum must be above zero")
    if (target.to_numpy() <= 0).any():
        raise ValueError("every place needs a target above zero")
    weights, given = target.to_numpy(dtype=np.float64), opening.to_numpy(dtype=np.float64)
    fair = quantum * weights / weights.sum()
    start = np.where(given == 0, fair, given)
    distance = start / (fair * (start.sum() / quantum)) - 1
    # a negative guarantee limits a fall: fading it would shield those furthest above target
    fade = taper(distance, taper_lo, taper_hi) if min_growth > 0 else np.ones(len(start))
    by_growth, by_target = start * (1 + min_growth * fade), (1 + max_under_target) * fair
    least = np.maximum(by_growth, by_target)
    floor = _booked(least, quantum)
    position = _Position(
        places=tuple(opening.index),
        opening=start,
        target=fair,
        booked_target=apportion(quantum, weights),
        distance=distance,
        taper=fade,
        floor=floor,
        floor_rule=tuple(np.where(by_growth >= by_target, "growth_floor", "target_floor").tolist()),
        cap=np.full(len(start), np.inf)
        if max_growth is None
        else np.maximum(_booked(start * (1 + max_growth), quantum), floor),
        quantum=quantum,
    )
    return position.table(*_allocate(position, rule))


def _booked(limits: Floats, quantum: int) -> Pence:
    """Limits in whole pence: each half-up, but together where single pennies of rounding would cross the quantum."""
    each = np.array([half_up(float(pence)) for pence in limits], dtype=np.int64)
    together = half_up(float(limits.sum()))
    crossing = sorted((together, int(each.sum())))
    return apportion(together, limits) if crossing[0] <= quantum <= crossing[1] else each


def taper(distance: Floats, lo: float, hi: float) -> Floats:
    """Share of the growth guarantee that remains: 1 up to ``lo`` above target, 0 from ``hi`` on, linear between."""
    if hi <= lo:
        return (distance <= lo).astype(np.float64)
    return np.clip((hi - distance) / (hi - lo), 0.0, 1.0)


def _allocate(position: _Position, rule: Rule) -> tuple[Pence, list[str]]:
    if len(position.places) == 1:
        return np.array([position.quantum], dtype=np.int64), ["only_place"]
    if rule == "floor_then_raise_lowest":
        return _raise_lowest(position)
    if rule == "gap_share":
        return _gap_share(position), ["gap_share"] * len(position.places)
    return apportion(position.quantum, position.opening), ["uniform"] * len(position.places)


def _raise_lowest(position: _Position) -> tuple[Pence, list[str]]:
    """Lift the places furthest below target to one common distance, by bisection down to the last digit of it."""
    floor, cap, quantum = position.floor, position.cap, position.quantum
    shortfall = int(floor.sum()) - quantum
    if shortfall > 0:
        needed, given = pounds_text(shortfall), pounds_text(quantum)
        message = f"the floors need {needed} more than the quantum of {given}; nothing was scaled"
        raise position.infeasible(message, floor)
    if cap.sum() < quantum:
        unspent = quantum - int(cap.sum())
        raise position.infeasible(f"the growth cap leaves {pounds_text(unspent)} of the quantum unspent", cap)

    def at(level: float) -> Floats:
        return np.minimum(np.maximum(floor, (1 + level) * position.target), cap)

    low, high = -1.0, float(max(1.0, (quantum / position.target).max()))
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if at(middle).sum() < quantum else (low, middle)
    exact = at(high)
    lifted = exact > floor
    allocation = floor + apportion(-shortfall, exact - floor)
    kinds = zip(lifted & (exact >= cap), lifted, position.floor_rule, strict=True)
    return allocation, ["growth_cap" if capped else "raised" if up else rule for capped, up, rule in kinds]


def _gap_share(position: _Position) -> Pence:
    """Share new money by the gap to target; where nobody is below target, by target."""
    new_money = position.quantum - float(position.opening.sum())
    # openings are not whole pence: a quantum that is their sum, booked, may lie below them by less than half a penny
    if half_up(new_money) < 0:
        excess = pounds_text(half_up(-new_money))
        raise position.infeasible(
            f"there is no new money: opening budgets exceed the quantum by {excess}", position.opening
        )
    gap = np.maximum(position.target - position.opening, 0)
    shares = gap if gap.sum() > 0 else position.target
    return apportion(position.quantum, position.opening + new_money * shares / shares.sum())
