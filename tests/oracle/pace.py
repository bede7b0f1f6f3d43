"""Pace of change, slowly and exactly: fractions, and places lifted one after another instead of a bisection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Solved:
    """Unrounded pence by place."""

    floors: dict[str, Fraction]
    allocations: dict[str, Fraction]


def floors(
    opening: Mapping[str, Fraction],
    weights: Mapping[str, Fraction],
    quantum: Fraction,
    *,
    min_growth: Fraction,
    taper_lo: Fraction,
    taper_hi: Fraction,
    max_under_target: Fraction,
) -> dict[str, Fraction]:
    """``F = max(O (1 + g taper(d)), (1 + m) T)``."""
    target = {place: quantum * weight / sum(weights.values()) for place, weight in weights.items()}
    whole = sum(opening.values())
    found = {}
    for place, amount in opening.items():
        distance = amount / (target[place] * whole / quantum) - 1
        if distance <= taper_lo or min_growth < 0:
            fade = Fraction(1)
        elif distance >= taper_hi:
            fade = Fraction(0)
        else:
            fade = (taper_hi - distance) / (taper_hi - taper_lo)
        found[place] = max(amount * (1 + min_growth * fade), (1 + max_under_target) * target[place])
    return found


def raise_lowest(
    least: Mapping[str, Fraction], weights: Mapping[str, Fraction], quantum: Fraction
) -> dict[str, Fraction]:
    """Lift the place furthest below target until it meets the next one, then both, until the money is gone.

    ``max(F, level T)`` adds up to the quantum at one level; it lies between two neighbouring ratios F / T.
    """
    target = {place: quantum * weight / sum(weights.values()) for place, weight in weights.items()}
    order = sorted(least, key=lambda place: least[place] / target[place])
    for count in range(1, len(order) + 1):
        lifted, kept = order[:count], order[count:]
        level = (quantum - sum(least[place] for place in kept)) / sum(target[place] for place in lifted)
        if not kept or level <= least[kept[0]] / target[kept[0]]:
            return {place: level * target[place] if place in lifted else least[place] for place in order}
    raise AssertionError("the last count always returns")
