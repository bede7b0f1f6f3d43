"""Errors of coefficients, those of a fit on people, from sums of design rows.

Robust errors need the observed information (for links that are not canonical it differs from the expected one) and the
squared residuals of the people within a row. A library that is given rows with frequency weights knows neither.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm.families import Family
from budget.need.glm.scoring import Curve
from budget.need.glm.sums import Sums

Array = NDArray[np.float64]

_MET = 1e-10
"""One less the leverage, below which only rounding is left."""


def inverse(information: Array) -> Array:
    """The inverse, with columns scaled to unit length first."""
    scale = 1 / np.sqrt(np.abs(np.diag(information)))
    around = np.outer(scale, scale)
    found: Array = np.linalg.inv(information * around) * around
    return found


def expected_information(matrix: Array, sums: Sums, curve: Curve) -> Array:
    """Sum of n w x x'."""
    found: Array = matrix.T @ (matrix * (sums.weight * curve.weight)[:, None])
    return found


def observed_information(matrix: Array, sums: Sums, curve: Curve) -> Array:
    """Sum of [n w - (S - n mean) dh/deta] x x'."""
    observed = sums.weight * curve.weight - sums.scores(curve.mean) * curve.per_cost_slope
    found: Array = matrix.T @ (matrix * observed[:, None])
    return found


def dispersion(sums: Sums, curve: Curve, family: Family, columns: int) -> float:
    """Pearson's: squared residuals over variance, a person and degree of freedom."""
    pearson = (sums.weighted_residuals(curve.mean) / family.variance(curve.mean)).sum()
    return float(pearson / (sums.people.sum() - columns))


def robust(matrix: Array, sums: Sums, curve: Curve, bread: Array) -> Array:
    """HC0: squared residuals of people between two inverses of the observed information."""
    meat = matrix.T @ (matrix * (curve.per_cost**2 * sums.residuals(curve.mean))[:, None])
    found: Array = bread @ meat @ bread
    return found


def leverage_robust(matrix: Array, sums: Sums, curve: Curve, bread: Array, power: int) -> Array:
    """HC2 (power 1) and HC3 (power 2) of least squares without exposure: a row's people have the same leverage."""
    leverage = curve.weight * np.einsum("ij,jk,ik->i", matrix, bread, matrix, optimize=True)
    # a row that is met exactly, whatever its cost, has no residual to enlarge: a true zero
    free = 1 - leverage > _MET
    residuals = np.where(free, sums.residuals(curve.mean) / np.where(free, 1 - leverage, 1) ** power, 0.0)
    meat = matrix.T @ (matrix * (curve.per_cost**2 * residuals)[:, None])
    found: Array = bread @ meat @ bread
    return found


def clustered(
    matrix: Array, curve: Curve, bread: Array, cells: Sums, row: NDArray[np.int64], clusters: pd.Series
) -> Array:
    """Errors that let people of a cluster (a practice, a small area) resemble one another.

    Args:
        matrix: design rows by columns.
        curve: at the coefficients, by design row.
        bread: inverse of the observed information.
        cells: sums by cell, cells being within clusters.
        row: design row of each cell.
        clusters: cluster of each cell.
    """
    from scipy.sparse import csr_array

    codes, names = pd.factorize(clusters)
    scores = curve.per_cost[row] * cells.scores(curve.mean[row])
    by_cluster = csr_array((scores, (codes, row)), shape=(len(names), len(matrix))) @ matrix
    found: Array = bread @ (by_cluster.T @ by_cluster) @ bread
    return found
