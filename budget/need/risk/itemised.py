"""A cell's need, term by term: what each adds (levels) or multiplies with (products)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.need.glm import RiskModel
from budget.need.glm.design import INTERCEPT


def contributions(model: RiskModel, cells: pd.DataFrame) -> pd.DataFrame:
    """What every term contributes to the linear predictor of each cell.

    Args:
        model: any.
        cells: with its covariates.

    Returns:
        Cells by intercept, terms (and offset, where there is one). They add up to the predictor: pence a head in
        levels, the logarithm of pence in products, the root of pence under a square.
    """
    parts = model.design.matrix(cells) * model.coefficients
    columns = {INTERCEPT: parts[:, 0]}
    for block in model.design.blocks:
        mine = [column in block.names for column in model.design.names]
        columns[block.name] = parts[:, mine].sum(axis=1)
    if model.offset:
        columns["offset"] = cells[model.offset].to_numpy(dtype=np.float64)
    return pd.DataFrame(columns, index=cells.index)


def risk_weights(model: RiskModel, cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """The weights of cells, itemised: one row a cell and term.

    Args:
        model: with identity or log link.
        cells: with its covariates.
        name: of the model, for the table.

    Returns:
        ``model``, ``cell`` (the index of the cells), ``term``, ``level``, ``contribution`` (to the predictor),
        ``weight`` (in levels: pence over the mean cost a head, so that a cell's weights add up to its risk weight; in
        products: the factor, so that they multiply to it, the intercept's being over the mean) and ``how`` (adds,
        multiplies).

    Raises:
        ValueError: under another link a prediction does not come apart by term.
    """
    if model.link.name not in ("identity", "log"):
        raise ValueError(f"a prediction with link {model.link.name} does not come apart by term")
    wide = contributions(model, cells)
    long = wide.rename_axis("cell").reset_index().melt("cell", var_name="term", value_name="contribution")
    long["level"] = np.concatenate([_levels(model, cells, term) for term in wide])
    mean = model.sums.mean
    if model.link.name == "identity":
        weight, how = long["contribution"] / mean, "adds"
    else:
        over = np.where(long["term"] == INTERCEPT, mean, 1.0)
        weight, how = np.exp(long["contribution"]) / over, "multiplies"
    found = long.assign(model=name, weight=weight, how=how)
    return found[["model", "cell", "term", "level", "contribution", "weight", "how"]].sort_values(
        "cell", kind="stable", ignore_index=True
    )


def _levels(model: RiskModel, cells: pd.DataFrame, term: str) -> np.ndarray:
    if term in (INTERCEPT, "offset"):
        return np.full(len(cells), "everyone" if term == INTERCEPT else "known", dtype=object)
    return model.design.block(term).words(cells)
