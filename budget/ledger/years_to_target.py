"""How long places would take to their targets (the method, section 8.6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_AT_TARGET = 1e-9
_NO_GROWTH = 1e-6


def standing_still(distance: Floats, growth: float) -> Floats:
    """Years until the targets have grown to places above them whose budgets stand still: ``ln(1 + d) / ln(1 + g)``.

    The greatest of them is the horizon of the whole footprint, ``ln(max(share of O / share of T)) / ln(1 + g)``.

    Args:
        distance: d, opening distance from target, as a share.
        growth: g, growth of the quantum on the opening budgets, a year.

    Returns:
        Years; nothing for a place below target, and none at all above it where the quantum does not grow.
    """
    years = np.full(len(distance), np.nan)
    years[np.abs(distance) <= _AT_TARGET] = 0.0
    above = distance > _AT_TARGET
    if growth > _NO_GROWTH:
        years[above] = np.log1p(distance[above]) / np.log1p(growth)
    return years


def at_this_pace(opening: Floats, closing: Floats) -> Floats:
    """Years after this one until a place is at its target, if its distance goes on shrinking as in this year.

    Args:
        opening: distance from target before the year's allocation.
        closing: distance after it.

    Returns:
        Years; nothing where the distance does not shrink, nought for a place that is at its target or has crossed it.
    """
    before, after = np.log1p(opening), np.log1p(closing)
    moved = np.abs(before) - np.abs(after)
    there = (np.abs(after) <= _AT_TARGET) | (before * after < 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(moved > _AT_TARGET, np.abs(after) / moved, np.nan)
    return np.where(there, 0.0, years)
