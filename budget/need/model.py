"""The need model: weighted least squares in levels, fitted on cells, with errors that are those of the people.

A cell carries people n, sum S and sum of squares Q of cost. Least squares on cell means with weights n gives
the coefficients of the person-level fit exactly; the squared residuals of the people in a cell are
``R = Q - 2 mu S + n mu^2``, so the robust (HC1) errors and R-squared are exact as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SAME = 1e-9
"""Part of a column's length that may lie outside its combination of others by float64 rounding."""


@dataclass(frozen=True)
class NeedModel:
    """A fitted model of cost a head.

    Attributes:
        terms: names of the design columns.
        params: coefficients, pence a head, in the order of ``terms``.
        standard_errors: HC1 standard errors, as on person rows.
        fitted: expected cost a head of each cell.
        r_squared: share of person-level variance of capped cost that the model explains.
    """

    terms: tuple[str, ...]
    params: Array
    standard_errors: Array
    fitted: Array
    r_squared: float

    def table(self, name: str) -> pd.DataFrame:
        """The coefficients, in the columns of ``risk_model``."""
        return pd.DataFrame(
            {"model": name, "term": self.terms, "estimate": self.params, "standard_error": self.standard_errors}
        )


def design(cells: pd.DataFrame, factors: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], Array]:
    """Indicator columns of some factors and an intercept; the level with most people is the reference.

    Args:
        cells: one row a cell, with ``people``.
        factors: each one a list of columns that are crossed into one factor.

    Returns:
        Names of the columns and the design matrix, cells by columns.
    """
    names, columns = ["intercept"], [np.ones(len(cells))]
    for factor in factors:
        first, *others = (cells[column].astype(str) for column in factor)
        codes, levels = pd.factorize(first.str.cat(others, sep=":"), sort=True)
        reference = np.bincount(codes, weights=cells["people"]).argmax()
        for number, level in enumerate(levels):
            if number != reference:
                names.append(f"{':'.join(factor)}={level}")
                columns.append((codes == number).astype(np.float64))
    return tuple(names), np.column_stack(columns)


def fit(cells: pd.DataFrame, factors: Sequence[Sequence[str]]) -> NeedModel:
    """Fit cost a head on factors by least squares weighted with people.

    Args:
        cells: ``people``, ``y`` (sum, pence), ``yy`` (sum of squares) and the factors' columns.
        factors: as in ``design``.

    Raises:
        ValueError: a design column is a combination of others (collinear factors); the message names it.
    """
    import statsmodels.api as sm

    terms, matrix = design(cells, factors)
    people, total, squares = (cells[name].to_numpy(dtype=np.float64) for name in ("people", "y", "yy"))
    redundant = _combinations(terms, matrix)
    if redundant:
        raise ValueError(f"columns of the need model are combinations of others: {', '.join(redundant)}")
    fitted = sm.WLS(total / people, matrix, weights=people).fit()
    mu = np.asarray(matrix @ fitted.params)
    residual = np.clip(squares - 2 * mu * total + people * mu**2, 0, None)
    whole = people.sum()
    r_squared = 1 - residual.sum() / (squares.sum() - total.sum() ** 2 / whole)
    errors = _robust_errors(matrix, people, residual, whole)
    return NeedModel(terms, np.asarray(fitted.params), errors, mu, float(r_squared))


def _combinations(terms: Sequence[str], matrix: Array) -> list[str]:
    """The columns that are combinations of those before them."""
    triangle = np.linalg.qr(matrix, mode="r")
    beyond_earlier, size = np.zeros(len(terms)), np.linalg.norm(triangle, axis=0)
    diagonal = np.abs(np.diag(triangle))
    beyond_earlier[: len(diagonal)] = diagonal
    return [term for term, left, whole in zip(terms, beyond_earlier, size, strict=True) if left < _SAME * whole]


def _robust_errors(matrix: Array, people: Array, residual: Array, whole: float) -> Array:
    """HC1: the sandwich over people, from cell sums of squared residuals."""
    bread = np.linalg.inv(matrix.T @ (matrix * people[:, None]))
    meat = matrix.T @ (matrix * residual[:, None])
    scale = whole / (whole - matrix.shape[1])
    errors: Array = np.sqrt(np.diag(bread @ meat @ bread) * scale)
    return errors


def diagnostics(model: NeedModel, cells: pd.DataFrame, name: str, groups: Sequence[str]) -> pd.DataFrame:
    """What the model gets right and wrong: calibration, R-squared, predictive ratios by group.

    A predictive ratio is predicted over actual cost; 1 is right, below 1 is a group paid too little.
    """
    predicted = pd.Series(model.fitted * cells["people"].to_numpy(), index=cells.index)
    rows = [
        ("calibration", "all", predicted.sum() / cells["y"].sum()),
        ("r_squared", "all", model.r_squared),
        ("pooled_share", "all", cells["excess_pence"].sum() / (cells["y"].sum() + cells["excess_pence"].sum())),
    ]
    for group in groups:
        sums = pd.DataFrame({"predicted": predicted, "actual": cells["y"]}).groupby(cells[group]).sum()
        rows += [
            ("predictive_ratio", f"{group}: {level}", row.predicted / row.actual)
            for level, row in sums.iterrows()
            if row.actual
        ]
    return pd.DataFrame(rows, columns=["measure", "group", "value"]).assign(model=name)
