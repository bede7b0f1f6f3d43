"""A model with covariates of small areas: in the regression all of them, in the payment those alone that are need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from budget.engine import Engine
from budget.need.glm import fit
from budget.need.glm.design import as_terms
from budget.need.glm.levels import with_levels
from budget.need.glm.trouble import AbsentColumns
from budget.need.risk.coefficients import HELD, Formula, coefficient_table
from budget.need.risk.estimators import DEFAULT
from budget.need.risk.passes import area_levels, area_people, lived_cells
from budget.need.risk.paying import Paying
from budget.need.risk.supply import Sterilised, area_rows, fit_sterilised
from budget.need.settings import AreaTerm, ModelSettings

UNIT = "a unit"
"""The level of a covariate that is a number."""


def paying_with_areas(
    engine: Engine, settings: ModelSettings, covariates: pd.DataFrame, cap: int, days: int, whole: pd.DataFrame
) -> Paying:
    """Least squares on people's covariates and on those of their areas.

    Args:
        engine: after ``show_people``.
        settings: terms, and covariates of areas with their roles.
        covariates: ``lsoa_code``, ``covariate``, ``value``.
        cap: pence.
        days: of the year of care.
        whole: cells that have every level.

    Returns:
        The model, without robust errors; its table says those of equal variance.

    Raises:
        UnfitCells: a covariate is missing, of some area or altogether, or is a combination of others.
    """
    lived = lived_cells(engine, cap, days, by=("segment",), in_areas=True)
    model = fit(
        with_levels(lived, as_terms(settings.term_names), whole), "y", settings.term_names, exposure="e", pool=True
    )
    rows = area_rows(model.design, {term: area_levels(engine, term, cap, days) for term in settings.term_names})
    wide = _wide(covariates, settings.areas)
    found = fit_sterilised(model, rows, wide, {term.covariate: term.role for term in settings.areas})
    roles = {term.name: term.role for term in settings.terms}
    table = coefficient_table(replace(model, coefficients=found.person.to_numpy()), DEFAULT, roles, found.errors)
    table = _with_areas(table, found, settings.areas)
    return Paying(Formula.of(table), table, None, _of_places(area_people(engine, days), wide, found))


def _wide(covariates: pd.DataFrame, terms: Sequence[AreaTerm]) -> pd.DataFrame:
    names = [term.covariate for term in terms]
    absent = sorted(set(names) - set(covariates["covariate"]))
    if absent:
        raise AbsentColumns([f"area_covariates: {name}" for name in absent])
    return covariates.pivot(index="lsoa_code", columns="covariate", values="value")[names]


def _with_areas(table: pd.DataFrame, found: Sterilised, terms: Sequence[AreaTerm]) -> pd.DataFrame:
    """The table with a row a covariate of areas; all of them are at their mean in the constant."""
    rows = pd.DataFrame(
        {
            "model": DEFAULT,
            "term": [term.covariate for term in terms],
            "level": UNIT,
            # a formula on people's covariates has them in its constant; what need adds to places stands beside it
            "role": [term.role if term.role != "need" else "area need" for term in terms],
            "reference": False,
            "counted_with": None,
            "estimate": [float(found.area[term.covariate]) for term in terms],
            "standard_error": [float(found.errors[term.covariate]) for term in terms],
            "clustered_error": float("nan"),
        }
    )
    held = table["term"] == HELD
    table.loc[held, "estimate"] += float((found.area * found.means).sum())
    return pd.concat([table[~held], rows, table[held]], ignore_index=True)


def _of_places(people: pd.DataFrame, wide: pd.DataFrame, found: Sterilised) -> pd.Series:
    """What the areas' need covariates add a head of each place, over the mean of all."""
    away = wide.reindex(people["area"]).set_axis(people.index) - found.means
    need = [name for name in found.area.index if found.roles[str(name)] == "need"]
    added = (away[need] * found.area[need]).sum(axis=1) * people["people"]
    return added.groupby(people["place"]).sum() / people["people"].groupby(people["place"]).sum()
