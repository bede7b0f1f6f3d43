"""Least squares that must do something more: close a group's gap, or keep coefficients from going below zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm import RiskModel, fit
from budget.need.glm.covariances import Covariances
from budget.need.glm.design import combinations
from budget.need.glm.sandwich import inverse
from budget.need.glm.trouble import CollinearTerms

Array = NDArray[np.float64]


def close_gaps(
    model: RiskModel, cells: pd.DataFrame, groups: Sequence[pd.Series], share: float = 1.0, keep_total: bool = True
) -> RiskModel:
    """The model nearest to least squares that pays groups a share of what they were paid too little.

    b_c = b + A^-1 G' (G A^-1 G')^-1 c (mean cost - G b), G the groups' mean design rows.

    Args:
        model: least squares (identity link).
        cells: what it was fitted on.
        groups: each a truth value by cell; groups that are no covariate are the point of it.
        share: c, of the gap that is closed, 0 to 1. A light constraint can be better than a whole one.
        keep_total: hold the total as well.

    Raises:
        CollinearTerms: a group is everyone, nobody, or a mix of the others.
        ValueError: the model is no least squares.
    """
    if model.link.name != "identity":
        raise ValueError("gaps are closed in least squares in levels only")
    weight, total = (cells[name].to_numpy(dtype=np.float64) for name in model.columns.names[:2])
    chosen = [group.to_numpy(dtype=np.float64) for group in groups]
    chosen += [np.ones(len(cells))] if keep_total else []
    # sums rather than means: they are scaled the same on both sides
    member = np.vstack(chosen) * weight
    rows = member @ model.design.matrix(cells)
    gap = np.vstack(chosen) @ total - rows @ model.coefficients
    spread = inverse(model.rows.T @ (model.rows * model.sums.weight[:, None]))
    gram = rows @ spread @ rows.T
    redundant = combinations([f"group {number + 1}" for number in range(len(chosen))], gram)
    if redundant:
        raise CollinearTerms(redundant)
    towards = share * spread @ rows.T @ inverse(gram)
    turned = np.eye(len(spread)) - towards @ rows
    covariances = model.covariances.each(lambda matrix: turned @ matrix @ turned.T)
    return _with(model, model.coefficients + towards @ gap, covariances)


def fit_nonnegative(
    cells: pd.DataFrame,
    response: str,
    terms: Sequence[str | Sequence[str]],
    nonnegative: Sequence[str],
    exposure: str | None = None,
) -> RiskModel:
    """Least squares in which the coefficients of some terms are not below zero, as payment formulas have them.

    Solved on X'X and X'y by bounded least squares (Stark and Parker's BVLS). No errors: those of least squares do not
    hold where a bound binds.

    Args:
        cells: as for ``fit``.
        response: column of the sum of cost.
        terms: as for ``fit``.
        nonnegative: names of the terms that are bound; crossed ones with their colons.
        exposure: as for ``fit``.

    Raises:
        ValueError: the model has no such term.
    """
    from scipy.optimize import lsq_linear

    free = fit(cells, response, terms, exposure=exposure, pool=True)
    gram = free.rows.T @ (free.rows * free.sums.weight[:, None])
    moments = free.rows.T @ (free.sums.total - free.sums.weight * free.sums.offset)
    scale = 1 / np.sqrt(np.diag(gram))
    root = np.linalg.cholesky(gram * np.outer(scale, scale))
    bound = _columns_of(free, nonnegative)
    lowest = np.where(bound, 0.0, -np.inf)
    answer = lsq_linear(root.T, np.linalg.solve(root, scale * moments), (lowest, np.inf), method="bvls", tol=1e-14)
    # the solver may stop a rounding away from its bound
    found = scale * answer.x
    return _with(free, np.where(bound, np.maximum(found, 0), found), Covariances({}))


def _columns_of(model: RiskModel, terms: Sequence[str]) -> NDArray[np.bool_]:
    wanted = {column for term in terms for column in model.design.block(term).names}
    return np.array([name in wanted for name in model.design.names])


def _with(model: RiskModel, coefficients: Array, covariances: Covariances) -> RiskModel:
    mean = model.rows @ coefficients + model.sums.offset
    return replace(model, coefficients=coefficients, covariances=covariances, r_squared=model.sums.explained(mean))
