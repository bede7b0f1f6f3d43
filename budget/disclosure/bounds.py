"""What a reader can work out: the least and the most that a hidden cell may be, by linear programming.

A reader knows each shown figure to within its rounding and every sum that ties cells together. A cell is safe when some
world that fits all of this has much less in it than another. One world tells of many cells at once, so a few worlds
drawn towards the corners settle most of them; only what is left is asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from budget.disclosure.rules import Floats
from budget.kernel.errors import CapitationError

Positions = NDArray[np.int64]

_DRAWS = 12
_IDLE = 2
_SEED = 1


@dataclass(frozen=True)
class Reader:
    """What a reader knows before adding anything up.

    Attributes:
        sums: one row a tie, one column a cell.
        low: the least that each cell may be.
        high: the most that each cell may be.
        unit: what figures are measured in where worlds are looked for.
    """

    sums: csr_array
    low: Floats
    high: Floats
    unit: float = 1.0

    @cached_property
    def free(self) -> Positions:
        """The cells that are not known exactly."""
        return np.flatnonzero(self.high > self.low)

    @cached_property
    def _ties(self) -> tuple[csr_array, Floats]:
        """The sums over free cells, and what each must come to."""
        given = np.where(self.high > self.low, 0.0, self.low)
        over, rest = self.sums[:, self.free], -(self.sums @ given)
        speaks = np.diff(over.indptr) > 0
        return over[speaks], rest[speaks]

    def world(self, towards: Floats) -> Floats:
        """The cells of the world that fits what is known and goes furthest in a direction.

        Args:
            towards: one number a cell.

        Raises:
            CapitationError: no world fits, or none was found.
        """
        over, rest = self._ties
        bounds = np.column_stack([self.low[self.free], self.high[self.free]]) / self.unit
        found = linprog(-towards[self.free], A_eq=over, b_eq=rest / self.unit, bounds=bounds, method="highs")
        if found.status != 0:
            raise CapitationError(f"what a reader can work out could not be found ({found.message})")
        cells = self.low.copy()
        cells[self.free] = np.clip(found.x * self.unit, self.low[self.free], self.high[self.free])
        return cells

    def bounds(self, cells: Positions, needed: Floats, *, exactly: bool) -> tuple[Floats, Floats]:
        """The least and the most that some cells may be.

        Args:
            cells: which cells.
            needed: how far apart the two must be; a cell that is seen to be safe is asked no further.
            exactly: whether to ask for what the drawn worlds leave open; without it, the bounds may be too narrow.

        Returns:
            Two figures a cell; what lies between them is possible, and where they are less than needed apart (and
            ``exactly``) nothing else is.
        """
        least, most = np.full(len(cells), np.inf), np.full(len(cells), -np.inf)
        if not len(cells):
            return least, most
        self._draw(cells, needed, least, most)
        for number in np.flatnonzero(most - least < needed) if exactly else ():
            for sign in (1.0, -1.0):
                if most[number] - least[number] < needed[number]:
                    self._see(self.world(sign * self._towards(cells[[number]])), cells, least, most)
        return least, most

    def _draw(self, cells: Positions, needed: Floats, least: Floats, most: Floats) -> None:
        """Worlds towards the corners of what is still open, until they tell nothing new."""
        chance = np.random.default_rng(_SEED)
        signs = np.ones(len(cells))
        left, idle = len(cells) + 1, 0
        for _ in range(_DRAWS):
            open_ = most - least < needed
            idle = 0 if open_.sum() < left else idle + 1
            left = int(open_.sum())
            if not left or idle > _IDLE:
                return
            for sign in (1.0, -1.0):
                self._see(self.world(sign * self._towards(cells[open_], signs[open_])), cells, least, most)
            signs = chance.choice([-1.0, 1.0], len(cells))

    def _towards(self, cells: Positions, signs: Floats | float = 1.0) -> Floats:
        direction = np.zeros(len(self.low))
        direction[cells] = signs
        return direction

    @staticmethod
    def _see(world: Floats, cells: Positions, least: Floats, most: Floats) -> None:
        np.minimum(least, world[cells], out=least)
        np.maximum(most, world[cells], out=most)
