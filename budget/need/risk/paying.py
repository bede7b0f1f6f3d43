"""The model that pays: fitted on everyone, with the constraints and the roles that the settings ask for."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from budget.need.glm import RiskModel, fit
from budget.need.risk.cell_mean import fit_cell_mean
from budget.need.risk.coefficients import Formula, coefficient_table
from budget.need.risk.constrained import close_gaps, fit_nonnegative
from budget.need.risk.estimators import DEFAULT, FAMILIES, Predicts
from budget.need.risk.passes import person_years
from budget.need.settings import ModelSettings

_RESPONSE, _YEARS, _PRACTICE = "y", "e", "practice_code"


@dataclass(frozen=True)
class Paying:
    """A model that pays.

    Attributes:
        formula: predicts cost a head and year.
        table: its coefficients.
        model: the fit with its errors; nothing where coefficients are frozen, or are direct rates.
        of_places: what covariates of areas add a head of each place, where some are need.
    """

    formula: Predicts
    table: pd.DataFrame
    model: RiskModel | None
    of_places: pd.Series | None = None

    def predict(self, cells: pd.DataFrame) -> pd.Series:
        """Expected cost a head and year of each cell, pence."""
        return self.formula.predict(cells)

    @property
    def has_errors(self) -> bool:
        """Whether the model knows how far its coefficients may be off."""
        return self.model is not None and "HC1" in self.model.covariances

    @property
    def itemises(self) -> bool:
        """Whether a prediction comes apart by term."""
        return self.model is not None and self.model.link.name in ("identity", "log")


def paying(lived: pd.DataFrame, name: str, settings: ModelSettings) -> Paying:
    """Fit an estimator on everyone.

    Args:
        lived: from ``lived_cells``, by practice.
        name: key of the estimator.
        settings: terms, roles and constraints.

    Raises:
        UnfitCells: the cells cannot be fitted.
        ValueError: the estimator cannot pay.
    """
    if name == "cell_mean":
        rates = fit_cell_mean(person_years(lived), _RESPONSE, settings.term_names)
        return Paying(rates, rates.table(name), None)
    if name not in FAMILIES:
        raise ValueError(f"{name} does not pay: a need model is one of {', '.join(FAMILIES)}, cell_mean")
    if name == DEFAULT:
        model = least_squares(lived, settings, _YEARS, _PRACTICE)
    else:
        model = fit(
            lived, _RESPONSE, settings.term_names, *FAMILIES[name], cluster=_PRACTICE, exposure=_YEARS, pool=True
        )
    table = coefficient_table(model, name, {term.name: term.role for term in settings.terms})
    return Paying(Formula.of(table), table, model)


def least_squares(
    cells: pd.DataFrame, settings: ModelSettings, exposure: str | None = None, cluster: str | None = None
) -> RiskModel:
    """Least squares in levels, with the constraints of the settings.

    Args:
        cells: with ``y`` and its squares.
        settings: terms, non-negative ones, gaps to close.
        exposure: column of person-years; each row's people count as whole years where there is none.
        cluster: column of clusters, for errors.
    """
    terms = settings.term_names
    if settings.nonnegative:
        return fit_nonnegative(cells, _RESPONSE, terms, settings.nonnegative, exposure)
    model = fit(cells, _RESPONSE, terms, cluster=cluster, exposure=exposure, pool=True)
    wanted = [group.partition("=") for group in settings.close_gaps.groups]
    if not wanted:
        return model
    groups = [cells[column].astype(str) == level for column, _, level in wanted]
    return close_gaps(model, cells, groups, settings.close_gaps.share)
