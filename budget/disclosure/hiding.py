"""Which further cells must be hidden so that those of few people cannot be worked out from the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
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
    for target in targets[most - least < needed]:
        known |= _beside(layer, known, int(target), rules)
    return known


def _beside(layer: Layer, hidden: Collection[Cell], target: int, rules: Rules) -> set[Cell]:
    """The cells that another world must change in sight of the reader; none where the target is safe already."""
    low, high = layer.known(layer.as_shown(hidden, rules), rules)
    weights = np.maximum(np.abs(layer.values), _SMALL * layer.needed[target]) / layer.needed[target]
    for change in (layer.needed[target], -layer.needed[target]):
        moved = _cheapest(layer, low, high, weights, target, layer.values[target] + change)
        if moved is not None:
            return {layer.cells[number] for number in np.flatnonzero(moved > _MOVED * layer.needed[target])}
    return set()


def _cheapest(
    layer: Layer, low: Floats, high: Floats, weights: Floats, target: int, value: float
) -> Floats | None:
    """How far each shown figure must leave what a reader knows of it for the target to be of some value.

    Every cell is what is known of it, plus what it is more, minus what it is less; only the last two cost anything.

    Returns:
        One amount a cell; None where the target can have no such value whatever is hidden.
    """
    floor = -np.inf if (layer.values < 0).any() else 0.0
    ceiling = float(high.sum() + abs(value))
    fixed = layer.public
    scale = float(layer.needed[target])
    within = np.column_stack([low, np.where(low == high, high, np.minimum(high, ceiling))])
    within[target] = value
    if value < floor:
        return None
    more = np.column_stack([np.zeros(len(low)), np.where(fixed, 0.0, ceiling)])
    less = np.column_stack([np.zeros(len(low)), np.where(fixed, 0.0, np.maximum(low - floor, 0.0))])
    more[target] = less[target] = 0.0
    found = linprog(
        np.concatenate([np.zeros(len(low)), weights, weights]),
        A_eq=hstack([layer.sums, layer.sums, -layer.sums], format="csr"),
        b_eq=np.zeros(layer.sums.shape[0]),
        bounds=np.concatenate([within, more, less]) / scale,
        method="highs",
    )
    if found.status != 0:
        return None
    _, up, down = np.split(found.x * scale, 3)
    return np.asarray(up + down)
