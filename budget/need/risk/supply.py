"""Supply, sterilised: it enters the regression, so that need does not take its credit, and is then held at its mean.

Covariates of small areas enter exactly through per-area sums: X'Z = sum over areas of (sum of x) z',
Z'Z = sum of n z z', Z'y = sum of z S. No row a person and no cell by area is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm import RiskModel
from budget.need.glm.design import Design, combinations
from budget.need.glm.levels import Category
from budget.need.glm.scoring import solved
from budget.need.glm.trouble import AbsentColumns, CollinearTerms, MissingValues, UnknownLevels
from budget.need.settings import Role

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sterilised:
    """Least squares on people's covariates and on those of their areas.

    Attributes:
        design: of the people's covariates.
        person: coefficients of the design, pence a head.
        area: coefficients of the areas' covariates, pence a head and unit.
        roles: by covariate of areas.
        means: of the areas' covariates, over people.
        errors: standard errors of all coefficients where the variance is the same for all, by name.
    """

    design: Design
    person: pd.Series
    area: pd.Series
    roles: Mapping[str, Role]
    means: pd.Series
    errors: pd.Series = field(repr=False)

    def predict(self, cells: pd.DataFrame, areas: pd.DataFrame | None = None) -> pd.Series:
        """Expected cost a head with supply and neutral covariates at their mean.

        Args:
            cells: covariates of people.
            areas: covariates of each cell's area, where some are need (columns and index those of the cells).
        """
        held = pd.Series(self.design.matrix(cells) @ self.person.to_numpy(), index=cells.index)
        for name, coefficient in self.area.items():
            value = areas[name] if areas is not None and self.roles[str(name)] == "need" else self.means[name]
            held = held + coefficient * value
        return held.rename("expected")


def fit_sterilised(
    model: RiskModel, levels: pd.DataFrame, areas: pd.DataFrame, roles: Mapping[str, Role]
) -> Sterilised:
    """Add covariates of areas to a least squares fit.

    Args:
        model: least squares on the people's covariates, all of them with an area; its sums give X'X and X'y.
        levels: one row an area, indexed by it: ``people``, ``y`` and the sums over its people of every design column
            (see ``area_rows``).
        areas: one row an area, indexed by it: covariates.
        roles: by covariate; each needs one.

    Raises:
        AbsentColumns: a covariate without a role, or a role without a covariate.
        MissingValues: an area has no covariates.
        CollinearTerms: a covariate is a combination of others.
    """
    if set(roles) != set(areas.columns):
        raise AbsentColumns(sorted(set(roles) ^ set(areas.columns)))
    z_of = areas.reindex(levels.index)
    if z_of.isna().any(axis=None):
        raise MissingValues([f"areas ({int(z_of.isna().any(axis=1).sum())} without covariates)"])
    names = [*model.design.names, *areas.columns]
    x, z = levels[list(model.design.names)].to_numpy(dtype=np.float64), z_of.to_numpy(dtype=np.float64)
    people, spent = (levels[name].to_numpy(dtype=np.float64) for name in ("people", "y"))
    weighted = model.rows * model.sums.weight[:, None]
    gram = np.block([[model.rows.T @ weighted, x.T @ z], [z.T @ x, z.T @ (z * people[:, None])]])
    redundant = combinations(names, gram)
    if redundant:
        raise CollinearTerms(redundant)
    moments = np.concatenate([model.rows.T @ model.sums.total, z.T @ spent])
    found = solved(gram, moments)
    scale = (model.sums.weighted_squares.sum() - moments @ found) / (model.people - len(found))
    errors = pd.Series(np.sqrt(scale * np.diag(np.linalg.inv(gram))), index=names)
    split = len(model.design.names)
    return Sterilised(
        design=model.design,
        person=pd.Series(found[:split], index=names[:split]),
        area=pd.Series(found[split:], index=names[split:]),
        roles=dict(roles),
        means=pd.Series(people @ z / people.sum(), index=areas.columns),
        errors=errors,
    )


def area_rows(design: Design, levels: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Sums over each area's people of every design column, from people by area and level.

    Args:
        design: of categories only.
        levels: by term, people and cost by area and level (columns ``area``, ``level``, ``people``, ``y``).

    Returns:
        Indexed by area: design columns, ``people`` and ``y``.

    Raises:
        AbsentColumns: a term has no counts by area.
        UnknownLevels: an area has a level that the design does not know.
    """
    first = next(iter(levels.values()))
    whole = first.groupby("area")[["people", "y"]].sum().astype(np.float64)
    columns: dict[str, pd.Series] = {design.names[0]: whole["people"]}
    for block in design.blocks:
        if not isinstance(block, Category) or block.name not in levels:
            raise AbsentColumns([block.name])
        counts = levels[block.name].assign(level=levels[block.name]["level"].replace(dict(block.pooled)))
        unknown = sorted(set(counts["level"]) - set(block.levels))
        if unknown:
            raise UnknownLevels([f"{block.name}={level}" for level in unknown])
        by_level = counts.groupby(["area", "level"])["people"].sum().unstack()
        # nobody of a level in an area is a true zero
        filled = by_level.reindex(index=whole.index, columns=list(block.levels)).fillna(0.0)
        columns |= {f"{block.name}={level}": filled[level] for level in block.levels if level != block.reference}
    return pd.DataFrame(columns)[list(design.names)].assign(people=whole["people"], y=whole["y"])


def held_at_mean(model: RiskModel, cells: pd.DataFrame, terms: Sequence[str]) -> pd.Series:
    """Expected cost a head with some terms of the model itself held at their mean over the people it was fitted on.

    Args:
        model: with any link; what is held is the linear predictor's part, so rescale to the total afterwards.
        cells: to predict.
        terms: names of the terms that are supply or neutral.

    Raises:
        ValueError: a term is not one of the model's.
    """
    matrix = at_mean(model, model.design.matrix(cells), terms)
    return pd.Series(model.link.mean(matrix @ model.coefficients), index=cells.index, name="expected")


def at_mean(model: RiskModel, matrix: Array, terms: Collection[str]) -> Array:
    """A design matrix in which the columns of some terms are at their mean over the people of the fit.

    Raises:
        ValueError: a term is not one of the model's.
    """
    held, mean = columns_held(model, terms)
    moved: Array = np.where(held, mean, matrix)
    return moved


def columns_held(model: RiskModel, terms: Collection[str]) -> tuple[NDArray[np.bool_], Array]:
    """Which columns of the design belong to some terms, and the mean of every column over the people of the fit."""
    columns = {column for term in terms for column in model.design.block(term).names}
    held = np.array([name in columns for name in model.design.names])
    return held, model.sums.weight @ model.rows / model.sums.weight.sum()
