"""Draws of assumptions by common random numbers: one stream of its own for everything that is drawn.

A stream starts from the seed and the name of what it draws, so another assumption, place or year changes no other
draw, two runs with one seed are compared draw by draw, and more draws begin with the same ones.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.pack import Entry, cite
from budget.assumptions.spread import Spread

Floats = NDArray[np.float64]


class Draws:
    """What is drawn in one run, remembered by name.

    Attributes:
        seed: of all streams.
        count: how many draws.
        normals: standard normal deviates by the name of what they draw, in the order in which it was asked for.
        fixed: names of numbers that were asked for and state no range.
    """

    def __init__(self, seed: int, count: int) -> None:
        self.seed, self.count = seed, count
        self.normals: dict[str, Floats] = {}
        self.fixed: set[str] = set()
        self._drawn: dict[str, Floats] = {}

    def of(self, entry: Entry) -> Floats:
        """The draws of an assumption; a single value where it states no range, which stands for all draws."""
        name = name_of(entry)
        if name not in self._drawn:
            spread = Spread.of(entry)
            self._drawn[name] = self._fix(name, entry) if spread is None else spread.at(self.standard(name))
        return self._drawn[name]

    def standard(self, name: str) -> Floats:
        """Standard normal deviates of one stream."""
        if name not in self.normals:
            start = np.random.SeedSequence([self.seed, int.from_bytes(sha256(name.encode()).digest()[:16])])
            self.normals[name] = np.random.Generator(np.random.PCG64(start)).standard_normal(self.count)
        return self.normals[name]

    def _fix(self, name: str, entry: Entry) -> Floats:
        self.fixed.add(name)
        return np.array([float(entry.value)])  # type: ignore[arg-type]


def name_of(entry: Entry) -> str:
    """What an assumption's stream is called: its name with line or place, and its year where it is of one."""
    return f"{cite(entry)} {entry.scope.year}" if entry.scope.year else cite(entry)
