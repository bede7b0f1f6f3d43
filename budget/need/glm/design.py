"""The design of a model: its terms, their levels, and the matrix of any cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm.levels import Array, Category, Codes, Numeric, Term, is_numeric, labelled
from budget.need.glm.sums import by_group
from budget.need.glm.trouble import AbsentColumns, CollinearTerms, NoCost, SeparatedTerms

INTERCEPT = "intercept"

_SAME = 1e-10
"""Part of a column's squared length that may lie outside its combination of others by float64 rounding."""

_PACKED = 2**40


@dataclass(frozen=True)
class Design:
    """An intercept and blocks of columns.

    Attributes:
        blocks: the terms, in order.
        left_out: columns that are not used, with the reason.
    """

    blocks: tuple[Numeric | Category, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def block(self, term: str) -> Numeric | Category:
        """The block of a term.

        Raises:
            ValueError: the design has no such term.
        """
        for block in self.blocks:
            if block.name == term:
                return block
        raise ValueError(f"no term of the model: {term}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that are used."""
        return tuple(name for name in self._all if name not in self.left_out)

    @property
    def poolings(self) -> tuple[str, ...]:
        """What was pooled or left out, and why, one sentence each."""
        pooled = [
            f"{block.name}={level} is counted with {block.name}={other}"
            for block in self.blocks
            if isinstance(block, Category)
            for level, other in block.pooled.items()
        ]
        return (*pooled, *(f"{name} is left out: {why}" for name, why in self.left_out.items()))

    def matrix(self, cells: pd.DataFrame) -> Array:
        """The design matrix, cells by ``names``.

        Raises:
            UnknownLevels: a level was not there when the design was made.
        """
        whole = np.column_stack([np.ones(len(cells)), *(block.matrix(cells) for block in self.blocks)])
        if not self.left_out:
            return whole
        return whole[:, [name not in self.left_out for name in self._all]]

    def rows(self, cells: pd.DataFrame, *more: Array) -> tuple[Codes, Codes]:
        """Cells that have the same design row (and the same of ``more``, such as an offset).

        Returns:
            The first cell of each distinct row, and the number of its row for every cell.
        """
        codes = [block.codes(cells) for block in self.blocks]
        codes += [np.unique(values, return_inverse=True)[1].astype(np.int64) for values in more]
        packed = np.zeros(len(cells), dtype=np.int64)
        size = 1
        for code in codes:
            levels = int(code.max(initial=0)) + 1
            if size * levels > _PACKED:
                present, packed = np.unique(packed, return_inverse=True)
                size = len(present)
            packed, size = packed * levels + code, size * levels
        _, first, row = np.unique(packed, return_index=True, return_inverse=True)
        return first.astype(np.int64), row.astype(np.int64)

    def without(self, names: Sequence[str], why: str) -> Design:
        """The design without some columns."""
        return replace(self, left_out={**self.left_out, **dict.fromkeys(names, why)})

    @property
    def _all(self) -> tuple[str, ...]:
        return (INTERCEPT, *(name for block in self.blocks for name in block.names))


def as_terms(terms: Sequence[str | Sequence[str]]) -> tuple[Term, ...]:
    """Terms as tuples of columns: ``"sex"``, ``"sex:age_band"`` or ``("sex", "age_band")``."""
    return tuple(tuple(term.split(":")) if isinstance(term, str) else tuple(term) for term in terms)


def design_of(
    cells: pd.DataFrame, terms: tuple[Term, ...], people: Array, total: Array, bounds: tuple[bool, bool], pool: bool
) -> Design:
    """The design of terms on cells; levels that cannot stand alone are pooled with a neighbour.

    Args:
        cells: the covariates.
        terms: columns, crossed.
        people: by cell; a level without people is always pooled.
        total: by cell, the response.
        bounds: whether a level of nothing, and one of everything, has no finite coefficient (see ``separated``).
        pool: pool such levels rather than refuse them.

    Raises:
        AbsentColumns: a term has no column.
        SeparatedTerms: a level has no finite coefficient and ``pool`` is false.
    """
    absent = [c for term in terms if ":".join(term) not in cells for c in term if c not in cells]
    if absent:
        raise AbsentColumns(absent)
    blocks: list[Numeric | Category] = []
    refused: list[str] = []
    for term in terms:
        if is_numeric(cells, term):
            blocks.append(Numeric(term[0]))
            continue
        codes, levels = labelled(cells, term)
        here, spent = (by_group(codes, values, len(levels)) for values in (people, total))
        empty = here == 0
        lost = ~empty & separated(here, spent, bounds)
        refused += [f"{':'.join(term)}={levels[number]}" for number in np.flatnonzero(lost)]
        if (empty | lost).all():
            raise NoCost([":".join(term)])
        blocks.append(Category.of(term, levels, here, empty | lost))
    if refused and not pool:
        raise SeparatedTerms(refused)
    return Design(tuple(blocks))


def separated(people: Array, total: Array, bounds: tuple[bool, bool]) -> NDArray[np.bool_]:
    """Whether groups have no cost (or, of users, no one without), so that their coefficient runs to infinity."""
    nothing, everything = bounds
    return (nothing & (total == 0)) | (everything & (total == people))


def combinations(names: Sequence[str], gram: Array) -> list[str]:
    """The columns that are combinations of those before them, from their weighted cross-products.

    Args:
        names: of the columns.
        gram: X'WX, columns by columns.
    """
    size = np.sqrt(np.diag(gram))
    found = [name for name, length in zip(names, size, strict=True) if length == 0]
    left = gram / np.outer(np.where(size == 0, 1, size), np.where(size == 0, 1, size))
    for column, name in enumerate(names):
        pivot = left[column, column]
        if pivot > _SAME:
            left = left - np.outer(left[:, column], left[column]) / pivot
        elif name not in found:
            found.append(name)
    return found


def of_full_rank(design: Design, gram: Array, pool: bool) -> Design:
    """The design without columns that are combinations of others, each named.

    Raises:
        CollinearTerms: there are such columns and ``pool`` is false.
    """
    redundant = combinations(design.names, gram)
    if redundant and not pool:
        raise CollinearTerms(redundant)
    return design.without(redundant, "a combination of other columns")
