"""Cells that several tables share, one layer a measure and year, and the sums that tie cells together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from budget.disclosure.rules import Floats, Rules
from budget.kernel.errors import CapitationError

Cell = tuple[str, str]
"""Whom a figure is of: an area (``place:Here``) and a part of its people (``all``, ``segment:OA``)."""

Tie = Mapping[Cell, int]
"""Cells with the sign under which they add up to nothing: a total less its parts."""

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Nesting:
    """Which cells are made of which: a tie holds in every layer that has its total and any of its parts.

    Attributes:
        areas: parts by area, one collection for each way of dividing it (practices, practice groups).
        parts: parts by part of the people (a broad group's segments).
        statements: further sums, of which a layer must have every cell.
    """

    areas: Mapping[str, Collection[Collection[str]]]
    parts: Mapping[str, Collection[Collection[str]]]
    statements: tuple[Tie, ...] = ()

    def ties(self, cells: Collection[Cell]) -> list[Tie]:
        """The ties among some cells; a part that is not among them is nobody."""
        found = [tie for tie in self.statements if all(cell in cells for cell in tie)]
        for area, part in cells:
            divided = [[(smaller, part) for smaller in way] for way in self.areas.get(area, ())]
            divided += [[(area, smaller) for smaller in way] for way in self.parts.get(part, ())]
            for way in divided:
                there = [cell for cell in way if cell in cells]
                if there:
                    found.append({(area, part): -1} | dict.fromkeys(there, 1))
        return found


@dataclass(frozen=True)
class Layer:
    """One measure of one year over every cell that has it.

    Attributes:
        measure: name of the column (``people``, ``payment_pence``).
        year: financial year, or what stands for it.
        counts: whether it counts people; money is shown to the penny.
        cells: the cells.
        values: the measure by cell.
        needed: how far apart the least and the most that a reader can work out must be, where the cell is hidden.
        public: whether the value is known from elsewhere, whatever is hidden here.
        sums: one row a tie, one column a cell; each row times the values is nothing.
    """

    measure: str
    year: str
    counts: bool
    cells: tuple[Cell, ...]
    values: Floats
    needed: Floats
    public: NDArray[np.bool_]
    sums: csr_array

    @classmethod
    def of(
        cls,
        measure: str,
        year: str,
        *,
        counts: bool,
        values: Mapping[Cell, float],
        needed: Mapping[Cell, float],
        public: Collection[Cell],
        nesting: Nesting,
    ) -> Layer:
        """A layer with the ties that hold in it.

        Raises:
            CapitationError: a total is not the sum of its parts, so that nobody can say what a reader may work out.
        """
        cells = tuple(values)
        figures = np.array([values[cell] for cell in cells], dtype="float64")
        sums = _matrix(nesting.ties(values.keys()), cells)
        gap = np.abs(sums @ figures)
        if (gap > _TOLERANCE * (abs(sums) @ np.abs(figures) + 1)).any():
            raise CapitationError(f"{measure} of {year}: {int((gap > _TOLERANCE).sum())} totals are not their parts'.")
        return cls(
            measure,
            year,
            counts,
            cells,
            figures,
            np.array([needed[cell] for cell in cells], dtype="float64"),
            np.array([cell in public for cell in cells], dtype=bool),
            sums,
        )

    @property
    def unit(self) -> float:
        """What figures are measured in where worlds are looked for, so that what is needed is neither huge nor tiny."""
        asked = self.needed[self.needed > 0]
        return float(np.median(asked)) if len(asked) else 1.0

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which values are whole numbers, as those of people counted one by one are."""
        return np.asarray(self.values == np.round(self.values))

    def hides(self, hidden: Collection[Cell]) -> NDArray[np.bool_]:
        """Which of the cells are hidden."""
        return np.array([cell in hidden for cell in self.cells], dtype=bool)

    def as_shown(self, hidden: Collection[Cell], rules: Rules) -> Floats:
        """The figures that a reader sees; not a number where the cell is hidden."""
        figures = rules.shown(self.values) if self.counts else self.values
        return np.where(self.hides(hidden), np.nan, figures)

    def known(self, shown: Floats, rules: Rules) -> tuple[Floats, Floats]:
        """The least and the most that each cell may be for a reader who has not yet added anything up.

        Args:
            shown: the figures that the reader sees; not a number where the cell is hidden.
        """
        hidden, seen = np.isnan(shown), np.where(np.isnan(shown), 0.0, shown)
        low, high = rules.behind(seen, self.whole) if self.counts else (seen, seen)
        ceiling = float(np.abs(high).sum() + self.needed.sum())
        floor = -ceiling if (self.values < 0).any() else 0.0
        low, high = np.where(hidden, floor, low), np.where(hidden, ceiling, high)
        return np.where(self.public, self.values, low), np.where(self.public, self.values, high)


def _matrix(ties: Sequence[Tie], cells: tuple[Cell, ...]) -> csr_array:
    position = {cell: number for number, cell in enumerate(cells)}
    entries = [(row, position[cell], sign) for row, tie in enumerate(ties) for cell, sign in tie.items()]
    rows, columns, signs = np.array(entries, dtype="int64").reshape(-1, 3).T
    return csr_array((signs.astype("float64"), (rows, columns)), shape=(len(ties), len(cells)))
