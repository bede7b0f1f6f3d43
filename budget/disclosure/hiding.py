"""Which further cells must be hidden so that those of few people cannot be worked out from the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import hstack

from budget.disclosure.bounds import Reader
from budget.disclosure.layers import Cell, Layer
from budget.disclosure.rules import Floats, Rules

_MOVED = 1e-6
_SMALL = 10
"""Cells of fewer than so many times what is needed are equally good to hide."""


def hide(layers: Sequence[Layer], first: Collection[Cell], rules: Rules) -> frozenset[Cell]:
    """The cells to hide in every layer: those named, and as many more as keep each of them safe.

    A hidden cell is safe when another world looks the same in the shared tables and has so much more (or less) in the
    cell as is needed. Where there is none, a linear programme finds the world that changes the fewest shown figures,
    weighed by their size, and hides what it changes (after Fischetti and Salazar 2001). It stops when every layer is
    content: in the end, when everything that is tied to a small number is hidden.

    Args:
        layers: every measure of every year; one pattern serves them all, so no year gives another away.
        first: cells that must be hidden for their own sake.
    """
    hidden = set(first)
    while True:
        before = len(hidden)
        for layer in layers:
            hidden |= _protected(layer, hidden, rules)
        if len(hidden) == before:
            return frozenset(hidden)


def _protected(layer: Layer, hidden: Collection[Cell], rules: Rules) -> set[Cell]:
    """The hidden cells, and those to hide beside them in this layer."""
    known = set(hidden)
    targets = np.flatnonzero(layer.hides(known) & (layer.needed > 0) & ~layer.public)
    low, high = layer.known(layer.as_shown(known, rules), rules)
    needed = layer.needed[targets]
    least, most = Reader(layer.sums, low, high, layer.unit).bounds(targets, needed, exactly=False)
    safe = set(targets[most - least >= needed])
    for target in targets:
        if target not in safe:
            world, moved = _other_world(layer, known, int(target), rules)
            known |= {layer.cells[number] for number in np.flatnonzero(moved)}
            # one world that looks the same makes every cell safe that is much less, or much more, in it
            safe |= set(np.flatnonzero(np.abs(world - layer.values) >= layer.needed))
    return known


def _other_world(layer: Layer, hidden: Collection[Cell], target: int, rules: Rules) -> tuple[Floats, NDArray[np.bool_]]:
    """The world in which a target is as far off as is needed, and which shown figures would tell it from the true one.

    Where there is none whatever is hidden, the true world: the audit will say so.
    """
    low, high = layer.known(layer.as_shown(hidden, rules), rules)
    for change in (layer.needed[target], -layer.needed[target]):
        found = _cheapest(layer, low, high, target, layer.values[target] + change)
        if found is not None:
            return found
    return layer.values, np.zeros(len(low), dtype=bool)


def _cheapest(
    layer: Layer, low: Floats, high: Floats, target: int, value: float
) -> tuple[Floats, NDArray[np.bool_]] | None:
    """The world that leaves the fewest shown figures, by size, and in which the target is of some value.

    Every cell is what is known of it, plus what it is more, minus what it is less; only the last two cost anything.
    """
    unit = float(layer.needed[target])
    floor = -np.inf if (layer.values < 0).any() else 0.0
    ceiling = float(np.abs(high).sum() + abs(value))
    if value < floor:
        return None
    open_ = ~layer.public & (np.arange(len(low)) != target)
    within = np.column_stack([low, high])
    within[target] = value
    more = np.column_stack([np.zeros(len(low)), np.where(open_, ceiling, 0.0)])
    less = np.column_stack([np.zeros(len(low)), np.where(open_, np.maximum(low - floor, 0.0), 0.0)])
    weights = np.maximum(np.abs(layer.values) / unit, _SMALL)
    found = linprog(
        np.concatenate([np.zeros(len(low)), weights, weights]),
        A_eq=hstack([layer.sums, layer.sums, -layer.sums], format="csr"),
        b_eq=np.zeros(layer.sums.shape[0]),
        bounds=np.concatenate([within, more, less]) / unit,
        method="highs",
    )
    if found.status != 0:
        return None
    held, up, down = np.split(found.x, 3)
    return (held + up - down) * unit, up + down > _MOVED
