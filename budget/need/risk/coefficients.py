"""Coefficients as a table: what a model pays by, to be published, frozen and applied to the people of another year.

Only need moves money. Terms that are supply or neutral stand in the table for whoever reads it, but what pays is their
mean over the people of the fit, in one row of its own (``held``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.need.glm import RiskModel
from budget.need.glm.design import INTERCEPT
from budget.need.glm.levels import Category, labelled
from budget.need.glm.links import link_of
from budget.need.glm.trouble import AbsentColumns, UnknownLevels
from budget.need.risk.estimators import FAMILIES
from budget.need.risk.supply import columns_held
from budget.need.settings import Role

HELD = "held"
"""The term of what supply and neutral covariates come to at their mean."""

EVERYONE = "everyone"

COLUMNS = (
    "model", "term", "level", "role", "reference", "counted_with", "estimate", "standard_error", "clustered_error",
)  # fmt: skip


def coefficient_table(
    model: RiskModel, name: str, roles: Mapping[str, Role], errors: pd.Series | None = None
) -> pd.DataFrame:
    """Every coefficient of a model, references and pooled levels included.

    Args:
        model: of categories only.
        name: key of the estimator, which says the link.
        roles: by term.
        errors: of the coefficients, where they are not the model's own.

    Returns:
        ``model``, ``term``, ``level``, ``role``, ``reference`` (whether the others are compared with it),
        ``counted_with`` (the level that one stands with which was pooled, or left out as a combination of others),
        ``estimate``, ``standard_error`` (HC1) and ``clustered_error`` (by practice; nothing where the model has none).
    """
    if errors is None and "HC1" in model.covariances:
        errors = model.errors("HC1")
    clustered = model.bse_clustered
    rows: list[tuple[object, ...]] = []

    def add(term: str, level: str, column: str, *, reference: bool = False, counted_with: str | None = None) -> None:
        # a reference has nothing added, nor has a level that stands with it
        there = column in model.params.index
        figures = (series[column] if there and series is not None else None for series in (errors, clustered))
        role = "need" if term == INTERCEPT else roles[term]
        estimate = float(model.params[column]) if there else 0.0
        rows.append((name, term, level, role, reference, counted_with, estimate, *figures))

    add(INTERCEPT, EVERYONE, INTERCEPT)
    for block in model.design.blocks:
        if not isinstance(block, Category):
            raise TypeError(f"{block.name}: a term of the need model is a category")
        for level in block.levels:
            column = f"{block.name}={level}"
            other = block.reference if column in model.design.left_out else None
            add(block.name, level, column, reference=level == block.reference, counted_with=other)
        for level, other in block.pooled.items():
            add(block.name, level, f"{block.name}={other}", counted_with=other)
    held, mean = columns_held(model, [term for term, role in roles.items() if role != "need"])
    constant = float((mean * model.coefficients)[held].sum())
    rows.append((name, HELD, EVERYONE, "need", False, None, constant, None, None))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"standard_error": "float64", "clustered_error": "float64"})


@dataclass(frozen=True)
class Formula:
    """A model that pays, as its table of coefficients says.

    Attributes:
        name: key of the estimator.
        constant: of the linear predictor: the intercept, and what is held at its mean.
        terms: estimates of the terms that are need, by level.
    """

    name: str
    constant: float
    terms: Mapping[str, pd.Series]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Formula:
        """Read a table of coefficients.

        Args:
            table: in the columns of ``coefficient_table``; of one model.

        Raises:
            AbsentColumns: the table is of no model or of several, or of an estimator that is no formula.
        """
        names = sorted(set(table["model"]))
        if len(names) != 1 or names[0] not in FAMILIES:
            raise AbsentColumns([f"coefficients of one of {', '.join(FAMILIES)} (found {', '.join(names) or 'none'})"])
        constants = table["term"].isin([INTERCEPT, HELD])
        need = table[~constants & (table["role"] == "need")]
        terms = {str(term): rows.set_index("level")["estimate"] for term, rows in need.groupby("term", sort=False)}
        return cls(names[0], float(table.loc[constants, "estimate"].sum()), terms)

    def predict(self, cells: pd.DataFrame) -> pd.Series:
        """Expected cost a head and year of each cell, pence.

        Raises:
            UnknownLevels: a cell has a level that the table does not know.
        """
        link = link_of(FAMILIES[self.name][1])
        eta = np.full(len(cells), self.constant)
        for term, estimates in self.terms.items():
            codes, levels = labelled(cells, tuple(term.split(":")))
            present = [levels[code] for code in np.unique(codes)]
            unknown = [f"{term}={level}" for level in present if level not in estimates.index]
            if unknown:
                raise UnknownLevels(unknown)
            eta = eta + estimates.reindex(levels).to_numpy()[codes]
        return pd.Series(link.mean(eta), index=cells.index, name="expected")
