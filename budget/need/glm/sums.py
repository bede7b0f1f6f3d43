"""Sums of people who share a design row: all that a fit, its errors and its R-squared need.

Exposure ``e`` (the part of the year a person was there) makes the response cost a year, ``y / e``, with weight ``e``.
Without exposure every person has e = 1 and the six sums are three: people, cost and squared cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm.trouble import AbsentColumns, ImpossibleSums, MissingValues, NegativeCost, NoCost

Array = NDArray[np.float64]

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Columns:
    """Where the sums stand in the cells.

    Attributes:
        response: sum of cost, y.
        squares: sum of squared cost, y y.
        exposure: sum of exposure, e; nothing where everyone counts as one.
    """

    response: str
    squares: str
    exposure: str | None = None

    @classmethod
    def of(cls, cells: pd.DataFrame, response: str, squares: str | None, exposure: str | None) -> Columns:
        """The columns of a response.

        Its squares stand under its name with a y before it (``y`` and ``yy``, ``y_25000`` and ``yy_25000``), in ``yy``
        where there is no ``y`` that it could belong to, or where ``squares`` says.
        """
        usual = f"y{response}"
        only = "yy" if usual not in cells and "y" not in cells else usual
        return cls(response, only if squares is None else squares, exposure)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in the order of ``Sums``: weight, y, e y, e e, y y, y y / e."""
        if self.exposure is None:
            return ("people", self.response, self.response, "people", self.squares, self.squares)
        e = self.exposure
        return (e, self.response, f"{e}{self.response}", f"{e}{e}", self.squares, f"{self.squares}_per_{e}")


@dataclass(frozen=True)
class Sums:
    """Sums by design row, each an array of the rows' length.

    Attributes:
        people: people.
        weight: sum of exposure.
        total: sum of cost.
        weighted_total: sum of exposure times cost.
        squared_weight: sum of squared exposure.
        squares: sum of squared cost.
        weighted_squares: sum of squared cost over exposure.
        offset: part of the linear predictor that is known.
    """

    people: Array
    weight: Array
    total: Array
    weighted_total: Array
    squared_weight: Array
    squares: Array
    weighted_squares: Array
    offset: Array

    def scores(self, mean: Array) -> Array:
        """Sum over a row's people of y - e mean."""
        return self.total - self.weight * mean

    def residuals(self, mean: Array) -> Array:
        """Sum over a row's people of (y - e mean) squared, never below zero."""
        return np.maximum(self.squares - 2 * mean * self.weighted_total + self.squared_weight * mean**2, 0)

    def weighted_residuals(self, mean: Array) -> Array:
        """Sum over a row's people of e (y / e - mean) squared, never below zero."""
        return np.maximum(self.weighted_squares - 2 * mean * self.total + self.weight * mean**2, 0)

    def part(self, chosen: NDArray[np.bool_]) -> Sums:
        """The sums of some rows."""
        return Sums(**{name: values[chosen] for name, values in vars(self).items()})

    @property
    def mean(self) -> float:
        """Cost a head (or a year), all rows together."""
        return float(self.total.sum() / self.weight.sum())

    def explained(self, mean: Array) -> float:
        """The share of the variance between people that means explain (R-squared); no number where there is none."""
        variation = self.weighted_squares.sum() - self.total.sum() ** 2 / self.weight.sum()
        return float(1 - self.weighted_residuals(mean).sum() / variation) if variation > 0 else float("nan")


def read(cells: pd.DataFrame, columns: Columns, offset: str | None) -> Sums:
    """The sums of every cell, in the order of the cells.

    Raises:
        AbsentColumns: a sum has no column.
        MissingValues: a sum is null or not finite.
        NegativeCost: a cell costs less than nothing.
        NoCost: the whole response is zero.
        ImpossibleSums: squares are smaller than the sums allow.
    """
    wanted = dict.fromkeys(("people", *columns.names, *([offset] if offset else [])))
    absent = [name for name in wanted if name not in cells]
    if absent:
        raise AbsentColumns(absent)
    values = {name: cells[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in wanted}
    unknown = {name: int((~np.isfinite(found)).sum()) for name, found in values.items()}
    if any(unknown.values()):
        raise MissingValues([f"{name} ({count} cells)" for name, count in unknown.items() if count])
    # no offset is a true zero: nothing of the predictor is known beforehand
    known = values[offset] if offset else np.zeros(len(cells))
    in_order = [values["people"], *(values[name] for name in columns.names), known]
    sums = Sums(*in_order)
    _guard(sums, columns)
    return sums


def added_up(sums: Sums, row: NDArray[np.int64], first: NDArray[np.int64]) -> Sums:
    """Sums of cells added to those of their design rows; the offset is the same within a row."""
    parts = {name: by_group(row, values, len(first)) for name, values in vars(sums).items() if name != "offset"}
    return Sums(**(parts | {"offset": sums.offset[first]}))


def by_group(group: NDArray[np.int64], values: Array, groups: int) -> Array:
    """Values added up by group number."""
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64)


def _guard(sums: Sums, columns: Columns) -> None:
    below = {"people": sums.people, columns.response: sums.total, columns.squares: sums.squares}
    negative = [f"{name} ({int((found < 0).sum())} cells)" for name, found in below.items() if (found < 0).any()]
    if (sums.squares < 0).any():
        raise ImpossibleSums([columns.squares])
    if negative:
        raise NegativeCost(negative)
    if not sums.people.sum() or not sums.total.sum():
        raise NoCost([columns.response])
    least = sums.total**2 * (1 - _ROUNDING)
    impossible = (sums.people > 0) & (sums.squares * sums.people < least)
    if impossible.any():
        raise ImpossibleSums([f"{columns.squares} ({int(impossible.sum())} cells)"])
