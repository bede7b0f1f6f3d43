"""Budgets of places from a model: one calibration scalar, and how far chance and the model's error may move them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from budget.need.glm import RiskModel
from budget.need.glm.levels import Array
from budget.need.glm.sums import by_group, read
from budget.need.glm.trouble import NoCost

COVERAGE = 0.95


@dataclass(frozen=True)
class Calibrated:
    """Expected cost a head that adds up to the total.

    Attributes:
        per_head: by cell, pence.
        scalar: what every prediction was multiplied with.
        floored_people: people whose prediction was below zero and was set to zero.
    """

    per_head: pd.Series
    scalar: float
    floored_people: float


def calibrated(people: pd.Series, per_head: pd.Series, total: float) -> Calibrated:
    """Predictions scaled to a total: models with a link other than the canonical one drift, and floors add money.

    Args:
        people: by cell.
        per_head: expected cost a head by cell, pence.
        total: what they must add up to, pence.

    Raises:
        NoCost: nothing is expected of anyone.
    """
    floored = per_head.clip(lower=0)
    expected = float((people * floored).sum())
    if expected == 0:
        raise NoCost(["predictions"])
    scalar = total / expected
    return Calibrated(floored * scalar, scalar, float(people[per_head < 0].sum()))


def place_budgets(model: RiskModel, cells: pd.DataFrame, by: str = "place", errors: str = "HC1") -> pd.DataFrame:
    """Expected cost of each place's people, with two errors and the interval of both.

    B = sum of n m; the model's variance is d'Vd with d = sum of n m'(eta) x; the process variance, of chance between
    people who are alike, is the sum of n R / N over cells, R the squared residuals of everyone alike, N their number.
    Where cost is a year's, n is person-years, and chance grows with the time that people are there.

    Args:
        model: with or without exposure.
        cells: what it was fitted on, with the column of places.
        by: column of places (or practices).
        errors: which of the model's covariances.

    Returns:
        Indexed by place: people, actual, budget (calibrated), model_error, process_error, low, high (95%), pence.
    """
    columns = model.columns
    sums = read(cells, columns, model.offset)
    codes, names = pd.factorize(cells[by], sort=True)
    matrix = model.design.matrix(cells)
    eta = matrix @ model.coefficients + sums.offset
    mean = model.link.mean(eta)
    slope = matrix * (sums.weight * model.link.slope(eta))[:, None]
    gradient = np.array([slope[codes == place].sum(axis=0) for place in range(len(names))])
    chance = _variance_a_head(model, cells, sums.people, sums.weighted_residuals(mean))
    parts = {
        "people": sums.people,
        "actual": sums.total,
        "budget": sums.weight * mean,
        "process": sums.weight * chance,
    }
    found = pd.DataFrame({name: by_group(codes, values, len(names)) for name, values in parts.items()}, index=names)
    scalar = found["actual"].sum() / found["budget"].sum()
    own = np.sqrt(np.einsum("ij,jk,ik->i", gradient, model.covariances[errors], gradient))
    return _with_interval(found, scalar, pd.Series(own, index=names)).rename_axis(by)


def _variance_a_head(model: RiskModel, cells: pd.DataFrame, people: Array, residuals: Array) -> Array:
    """Squared residuals of everyone who is alike, a head (and year)."""
    _, row = model.design.rows(cells)
    rows = int(row.max()) + 1
    alike = by_group(row, people, rows)
    by_row: Array = by_group(row, residuals, rows) / np.where(alike > 0, alike, 1)
    return by_row[row]


def _with_interval(found: pd.DataFrame, scalar: float, own: pd.Series) -> pd.DataFrame:
    width = NormalDist().inv_cdf((1 + COVERAGE) / 2)
    budget, model_error = found["budget"] * scalar, own * scalar
    process_error = np.sqrt(found["process"])
    both = np.sqrt(model_error**2 + process_error**2)
    return found[["people", "actual"]].assign(
        budget=budget,
        model_error=model_error,
        process_error=process_error,
        low=budget - width * both,
        high=budget + width * both,
    )
