"""Cells made ready to fit: read, checked, added up by design row, and freed of what has no finite coefficient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.need.glm.design import Design, design_of, of_full_rank, separated
from budget.need.glm.levels import Array, Codes, Numeric, Term
from budget.need.glm.sums import Columns, Sums, added_up, read
from budget.need.glm.trouble import SeparatedTerms

Bounds = tuple[bool, bool]
"""Whether a coefficient is infinite where nobody has cost, and where everybody is a user."""


@dataclass(frozen=True)
class Prepared:
    """What scoring and errors work on.

    Attributes:
        cells: those with people.
        by_cell: their sums.
        row: design row of each of them.
        design: terms and levels.
        matrix: design matrix of the distinct rows, of full rank.
        sums: of the distinct rows.
    """

    cells: pd.DataFrame
    by_cell: Sums
    row: Codes
    design: Design
    matrix: Array
    sums: Sums


def prepare(
    cells: pd.DataFrame, columns: Columns, offset: str | None, terms: tuple[Term, ...], bounds: Bounds, pool: bool
) -> Prepared:
    """Cells ready to fit.

    Raises:
        UnfitCells: one of its kinds; see ``budget.need.glm.fit``.
    """
    given = read(cells, columns, offset)
    design = design_of(cells, terms, given.people, given.total, bounds, pool)
    there = given.people > 0
    used, by_cell = cells[there], given.part(there)
    first, row = design.rows(used, *([by_cell.offset] if offset else []))
    sums = added_up(by_cell, row, first)
    design, matrix = _sound(design, design.matrix(used.iloc[first]), sums, bounds, pool)
    return Prepared(used, by_cell, row, design, matrix, sums)


def _sound(design: Design, matrix: Array, sums: Sums, bounds: Bounds, pool: bool) -> tuple[Design, Array]:
    """The design and matrix without flags that have no finite coefficient, and without collinear columns."""
    flags = {block.name for block in design.blocks if isinstance(block, Numeric)}
    columns = zip(design.names, matrix.T, strict=True)
    lost = [name for name, column in columns if name in flags and _splits(column, sums, bounds)]
    if lost and not pool:
        raise SeparatedTerms(lost)
    narrowed = design.without(lost, "it has no finite coefficient")
    matrix = _narrowed(design, narrowed, matrix)
    sound = of_full_rank(narrowed, matrix.T @ (matrix * sums.weight[:, None]), pool)
    return sound, _narrowed(narrowed, sound, matrix)


def _narrowed(before: Design, after: Design, matrix: Array) -> Array:
    kept = set(after.names)
    return matrix if len(kept) == len(before.names) else matrix[:, [name in kept for name in before.names]]


def _splits(flag: Array, sums: Sums, bounds: Bounds) -> bool:
    """Whether a flag of two values has no cost on one of its sides."""
    values = np.unique(flag)
    if len(values) != 2:
        return False
    sides = [flag == value for value in values]
    people, total = (np.array([part[side].sum() for side in sides]) for part in (sums.people, sums.total))
    return bool(separated(people, total, bounds).any())
