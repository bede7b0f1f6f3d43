"""Fit a generalised linear model on cells, exactly as on the people in them.

A cell is one distinct combination of covariates with its people, their cost and their squared cost. Score,
information, dispersion, R-squared and robust errors depend on people through these sums alone, so the fit costs
the same for twenty million people as for two.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cache

import pandas as pd

from budget.need.glm import sandwich
from budget.need.glm.covariances import Covariances
from budget.need.glm.design import as_terms
from budget.need.glm.families import TWEEDIE_POWER, Binomial, Family, family_of, link_for
from budget.need.glm.links import Link
from budget.need.glm.model import RiskModel
from budget.need.glm.prepared import Prepared, prepare
from budget.need.glm.scoring import Array, Curve, curve, score
from budget.need.glm.sums import Columns
from budget.need.glm.trouble import AbsentColumns, MissingValues

logger = logging.getLogger(__name__)

PAYS = 5
"""People a cell below which cells are no shorter way, and single cells say much about single people."""


def fit(
    cells: pd.DataFrame,
    response: str,
    terms: Sequence[str | Sequence[str]],
    family: str = "gaussian",
    link: str | None = None,
    cluster: str | None = None,
    *,
    exposure: str | None = None,
    offset: str | None = None,
    squares: str | None = None,
    power: float = TWEEDIE_POWER,
    pool: bool = False,
) -> RiskModel:
    """Fit cost a head on terms.

    Args:
        cells: ``people``, sums of cost and of squared cost (``y``, ``yy``), and the covariates; rows of one combination
            of covariates (by place, by fold) are added up.
        response: column of the sum of cost, pence. Its squares stand in the column of that name with a ``y`` before it.
        terms: covariates; several columns crossed are ``"sex:age_band"`` or a tuple. A column of numbers is a number,
            any other a category whose reference is the level with most people. There is always an intercept.
        family: gaussian (least squares weighted with people, in levels), poisson, gamma or tweedie, all with a
            dispersion; binomial for the chance of any cost (response: how many people have some).
        link: identity, log or sqrt; identity for gaussian and log otherwise when not given.
        cluster: column of the practice or area that each cell lies in, for clustered errors.
        exposure: column of the sum of exposure e (part of the year); cost is then cost a year with weight e. Needs
            ``ey`` and ``ee`` (sums of e y and of e squared) and ``yy_per_e`` (sum of y y / e), for an exposure ``e``.
        offset: column of a known part of the linear predictor, the same for all people of a cell.
        squares: column of the sum of squared cost, where it has another name; ``power`` is Tweedie's.
        pool: rather than refuse them, put levels without a finite coefficient with a neighbour, leave out collinear
            columns, and say so in ``poolings``; nothing is logged. Levels without people are always pooled.

    Returns:
        The model. Its formulas, and what each was checked against: ``docs/guides/need.md``.

    Raises:
        UnfitCells: one of its kinds, each with the columns or levels at fault.
        ValueError: no such family or link.
    """
    kind = family_of(family, power)
    joined = link_for(kind, link)
    # a user is 1 and so is the square of 1
    columns = (
        Columns(response, response) if isinstance(kind, Binomial) else Columns.of(cells, response, squares, exposure)
    )
    bounds = (joined.name != "identity", isinstance(kind, Binomial))
    ready = prepare(cells, columns, offset, as_terms(terms), bounds, pool)
    if not pool:
        _say_whether_cells_pay(ready)
    return _modelled(ready, kind, joined, columns, offset, cluster)


def _modelled(
    ready: Prepared, family: Family, link: Link, columns: Columns, offset: str | None, cluster: str | None
) -> RiskModel:
    params, steps = score(ready.matrix, ready.sums, family, link)
    at = curve(ready.matrix @ params + ready.sums.offset, family, link)
    scale = sandwich.dispersion(ready.sums, at, family, len(params))
    least_squares = family.name == "gaussian" and link.name == "identity" and columns.exposure is None
    return RiskModel(
        family=family,
        link=link,
        design=ready.design,
        columns=columns,
        offset=offset,
        coefficients=params,
        covariances=_covariances(ready, at, scale, cluster, least_squares),
        scale=scale,
        r_squared=ready.sums.explained(at.mean),
        steps=steps,
        cells=len(ready.cells),
        rows=ready.matrix,
        sums=ready.sums,
    )


def _covariances(ready: Prepared, at: Curve, scale: float, cluster: str | None, least_squares: bool) -> Covariances:
    matrix, sums = ready.matrix, ready.sums
    people = sums.people.sum()

    @cache
    def bread() -> Array:
        return sandwich.inverse(sandwich.observed_information(matrix, sums, at))

    @cache
    def hc0() -> Array:
        return sandwich.robust(matrix, sums, at, bread())

    kinds: dict[str, Callable[[], Array]] = {
        "model": lambda: scale * sandwich.inverse(sandwich.expected_information(matrix, sums, at)),
        "HC0": hc0,
        "HC1": lambda: hc0() * people / (people - matrix.shape[1]),
    }
    if least_squares:
        kinds["HC2"] = lambda: sandwich.leverage_robust(matrix, sums, at, bread(), 1)
        kinds["HC3"] = lambda: sandwich.leverage_robust(matrix, sums, at, bread(), 2)
    if cluster is not None:
        clusters = _clusters(ready.cells, cluster)
        kinds["clustered"] = lambda: sandwich.clustered(matrix, at, bread(), ready.by_cell, ready.row, clusters)
    return Covariances(kinds)


def _clusters(cells: pd.DataFrame, cluster: str) -> pd.Series:
    if cluster not in cells:
        raise AbsentColumns([cluster])
    if cells[cluster].isna().any():
        raise MissingValues([f"{cluster} ({int(cells[cluster].isna().sum())} cells)"])
    return cells[cluster]


def _say_whether_cells_pay(ready: Prepared) -> None:
    people_per_cell = ready.sums.people.sum() / len(ready.cells)
    if people_per_cell < PAYS:
        logger.warning(
            "the cells hold %.1f people each: below %d, cells save little, and single cells are single people",
            people_per_cell,
            PAYS,
        )
