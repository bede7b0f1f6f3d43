"""Pace of change on many draws at once: the rules of ``budget.ledger.pace_of_change`` without their booking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEPS = 60
"""Halvings of the common distance: of a range of one, what is left is less than the last digit of it."""


@dataclass(frozen=True)
class PaceTerms:
    """The numbers of a rule, one a draw or one for all (see ``pace_of_change.solve``)."""

    rule: str
    min_growth: Floats
    taper_lo: Floats
    taper_hi: Floats
    max_under_target: Floats
    max_growth: Floats | None = None


def share_quantum(opening: Floats, target: Floats, quantum: Floats, terms: PaceTerms) -> tuple[Floats, Mask]:
    """Allocate the quantum of every draw to places.

    Where a draw is infeasible, what each place would need is scaled to the quantum, which is what there is to spend.

    Args:
        opening: pence by place and draw.
        target: weighted people by place and draw.
        quantum: pence by draw.
        terms: the rule and its numbers.

    Returns:
        Pence by place and draw, unrounded, which add up to the quantum; and which draws were infeasible.
    """
    fair = quantum * target / target.sum(axis=0)
    start = np.where(opening == 0, fair, opening)
    if len(start) == 1:
        return np.broadcast_to(quantum, start.shape).copy(), np.zeros(start.shape[1], dtype=bool)
    if terms.rule == "uniform":
        return _scaled(start, quantum), np.zeros(start.shape[1], dtype=bool)
    if terms.rule == "gap_share":
        return _gap_share(start, fair, quantum)
    return _raise_lowest(start, fair, quantum, terms)


def _raise_lowest(start: Floats, fair: Floats, quantum: Floats, terms: PaceTerms) -> tuple[Floats, Mask]:
    floor, cap = _limits(start, fair, quantum, terms)
    pennies = len(start)  # limits are booked in whole pence, each of which may be rounded
    over, under = floor.sum(axis=0) > quantum + pennies, cap.sum(axis=0) < quantum - pennies
    low = np.full(start.shape[1], -1.0)
    high = np.maximum(1.0, (quantum / fair).max(axis=0))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        short = np.clip((1 + middle) * fair, floor, cap).sum(axis=0) < quantum
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    lift = np.clip((1 + high) * fair, floor, cap) - floor
    lifted = lift.sum(axis=0)
    new_money = quantum - floor.sum(axis=0)
    raised = floor + new_money * lift / np.where(lifted > 0, lifted, 1.0)
    # a draw whose floors take the whole quantum lifts nobody
    kept = np.where(lifted > 0, raised, _scaled(floor, quantum))
    return np.where(over, _scaled(floor, quantum), np.where(under, _scaled(cap, quantum), kept)), over | under


def _limits(start: Floats, fair: Floats, quantum: Floats, terms: PaceTerms) -> tuple[Floats, Floats]:
    distance = start / (fair * (start.sum(axis=0) / quantum)) - 1
    fade = np.where(terms.min_growth > 0, _taper(distance, terms.taper_lo, terms.taper_hi), 1.0)
    floor = np.maximum(start * (1 + terms.min_growth * fade), (1 + terms.max_under_target) * fair)
    if terms.max_growth is None:
        return floor, np.full(start.shape, np.inf)
    return floor, np.maximum(start * (1 + terms.max_growth), floor)


def _taper(distance: Floats, lo: Floats, hi: Floats) -> Floats:
    slope = np.where(hi > lo, hi - lo, 1.0)
    sloped = np.clip((hi - distance) / slope, 0.0, 1.0)
    return np.where(hi > lo, sloped, (distance <= lo).astype(np.float64))


def _gap_share(start: Floats, fair: Floats, quantum: Floats) -> tuple[Floats, Mask]:
    new_money = quantum - start.sum(axis=0)
    over = new_money < -1  # less than a penny is rounding
    gap = np.maximum(fair - start, 0)
    shares = np.where(gap.sum(axis=0) > 0, gap, fair)
    shared = start + new_money * shares / shares.sum(axis=0)
    return np.where(over, _scaled(start, quantum), shared), over


def _scaled(needed: Floats, quantum: Floats) -> Floats:
    """What places need, scaled to what there is; no place has a limit without one."""
    finite = np.where(np.isfinite(needed), needed, 0.0)
    whole = finite.sum(axis=0)
    return quantum * finite / np.where(whole > 0, whole, 1.0)
