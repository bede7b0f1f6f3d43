"""Levels of a term: codes of cells, a reference, and levels that are pooled because they cannot stand alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm.trouble import MissingValues, UnknownLevels

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Term = tuple[str, ...]


def labelled(cells: pd.DataFrame, term: Term) -> tuple[Codes, tuple[str, ...]]:
    """The level of every cell, as a number, and the levels in order.

    A categorical column keeps its order and its categories without cells; any other is sorted. Columns of a crossed
    term are joined by colons, or taken from the column of that joined name where there is one.

    Raises:
        MissingValues: a cell has no level.
    """
    joined = ":".join(term)
    first, *others = [joined] if joined in cells else term
    codes, levels = _factor(cells[first])
    for column in others:
        more, names = _factor(cells[column])
        present, codes = np.unique(codes * len(names) + more, return_inverse=True)
        levels = tuple(f"{levels[pair // len(names)]}:{names[pair % len(names)]}" for pair in present)
    return codes.astype(np.int64), levels


def with_levels(cells: pd.DataFrame, terms: tuple[Term, ...], whole: pd.DataFrame | None = None) -> pd.DataFrame:
    """Cells whose categorical terms know every level, so that a part of the cells knows them too.

    Crossed terms become a column of their own; numbers stay numbers.

    Args:
        cells: with the terms' columns.
        terms: the terms.
        whole: other cells that have every level; the cells themselves where not given.
    """
    made = {}
    for term in terms:
        if not is_numeric(cells, term):
            codes, levels = labelled(cells, term)
            words = pd.Categorical.from_codes(codes, categories=list(levels))
            made[":".join(term)] = words if whole is None else words.set_categories(labelled(whole, term)[1])
    return cells.assign(**made)


def is_numeric(cells: pd.DataFrame, term: Term) -> bool:
    """Whether a term is one column of numbers (or of true and false)."""
    return len(term) == 1 and pd.api.types.is_numeric_dtype(cells[term[0]])


def _factor(column: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, levels = pd.factorize(column, sort=True)
    if (codes < 0).any():
        raise MissingValues([f"{column.name} ({int((codes < 0).sum())} cells)"])
    return codes.astype(np.int64), tuple(str(level) for level in levels)


@dataclass(frozen=True)
class Numeric:
    """A term that is a number: one design column, named after it."""

    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """Name of the design column."""
        return (self.name,)

    def words(self, cells: pd.DataFrame) -> NDArray[np.object_]:
        """The number of every cell, as text."""
        return np.array([f"{value:g}" for value in self.matrix(cells)[:, 0]], dtype=object)

    def codes(self, cells: pd.DataFrame) -> Codes:
        """Which of its distinct values each cell has."""
        found: Codes = np.unique(self.matrix(cells)[:, 0], return_inverse=True)[1].astype(np.int64)
        return found

    def matrix(self, cells: pd.DataFrame) -> Array:
        """The design column, cells by one.

        Raises:
            MissingValues: a value is null or not finite.
        """
        values = cells[self.name].to_numpy(dtype=np.float64, na_value=np.nan)
        if not np.isfinite(values).all():
            raise MissingValues([f"{self.name} ({int((~np.isfinite(values)).sum())} cells)"])
        return values[:, None]


@dataclass(frozen=True)
class Category:
    """A term of levels: one design column a level, but for the reference.

    Attributes:
        term: its columns, crossed.
        levels: those that stand, in order.
        reference: the level that the others are compared with.
        pooled: levels that stand with another, and with which.
    """

    term: Term
    levels: tuple[str, ...]
    reference: str
    pooled: Mapping[str, str]

    @classmethod
    def of(cls, term: Term, levels: tuple[str, ...], people: Array, lost: NDArray[np.bool_]) -> Category:
        """The level with most people is the reference; lost levels stand with a neighbour.

        Args:
            term: its columns.
            levels: in order.
            people: by level.
            lost: by level, whether it cannot stand alone; never all of them.
        """
        standing = [number for number in range(len(levels)) if not lost[number]]
        pooled = {levels[number]: levels[_neighbour(number, standing)] for number in np.flatnonzero(lost).tolist()}
        reference = levels[max(standing, key=lambda number: (people[number], -number))]
        return cls(term, tuple(levels[number] for number in standing), reference, pooled)

    @property
    def name(self) -> str:
        """The term as one word."""
        return ":".join(self.term)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the design columns."""
        return tuple(f"{self.name}={level}" for level in self.levels if level != self.reference)

    def words(self, cells: pd.DataFrame) -> NDArray[np.object_]:
        """The level of every cell, pooled or not."""
        codes, levels = labelled(cells, self.term)
        return np.array(levels, dtype=object)[codes]

    def codes(self, cells: pd.DataFrame) -> Codes:
        """The number of each cell's level among those that stand.

        Raises:
            UnknownLevels: a level was not there when the model was fitted.
        """
        given, names = labelled(cells, self.term)
        numbers = {level: number for number, level in enumerate(self.levels)}
        numbers |= {level: numbers[other] for level, other in self.pooled.items()}
        present = np.unique(given)
        unknown = [f"{self.name}={names[code]}" for code in present if names[code] not in numbers]
        if unknown:
            raise UnknownLevels(unknown)
        table = np.zeros(len(names), dtype=np.int64)
        table[present] = [numbers[names[code]] for code in present]
        found: Codes = table[given]
        return found

    def matrix(self, cells: pd.DataFrame) -> Array:
        """Indicators of the levels, cells by levels without the reference."""
        codes = self.codes(cells)
        columns = [number for number, level in enumerate(self.levels) if level != self.reference]
        return np.equal.outer(codes, np.array(columns, dtype=np.int64)).astype(np.float64)


def _neighbour(number: int, standing: list[int]) -> int:
    """The level before, or the first one after."""
    return max((other for other in standing if other < number), default=standing[0])
