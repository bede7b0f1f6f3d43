"""The need model of a locality: fitted on cells, judged out of fold, and turned into need a head of every place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.engine import Engine
from budget.kernel.codes import ALL_NEEDS
from budget.kernel.errors import ConfigurationError
from budget.need.glm import RiskModel
from budget.need.glm.design import as_terms
from budget.need.glm.levels import with_levels
from budget.need.glm.trouble import AbsentColumns
from budget.need.risk.area_terms import paying_with_areas
from budget.need.risk.caps import payment_fit, pooled_share, retained
from budget.need.risk.challengers import best, challenge, compare, expected_by, with_unfit
from budget.need.risk.coefficients import Formula
from budget.need.risk.estimators import DEFAULT, Estimator, estimators
from budget.need.risk.fitness import Judged, r_squared, report
from budget.need.risk.itemised import risk_weights
from budget.need.risk.passes import KEYS, capped_cells, lived_cells, misses, person_years, show_people
from budget.need.risk.paying import Paying, least_squares, paying
from budget.need.risk.place_errors import need_covariance
from budget.need.risk.places import calibrated, place_budgets
from budget.need.settings import ModelSettings

FROZEN = "frozen"

_RESPONSE = "y"


@dataclass(frozen=True)
class Wanted:
    """What a run wants of its model.

    Attributes:
        settings: covariates, roles, groups, challengers.
        estimator: a key of the estimators, or ``best``: the challenger that the switch rule lets replace least squares.
        cap: cost of a person above it is pooled, pence.
        caps: caps to compare, pence.
        days: of the year of care.
        frozen: coefficients of an earlier model, which is then applied and not fitted.
        area_covariates: ``lsoa_code``, ``covariate``, ``value``, where the settings name some.
        stream: need stream whose cost the model is of, or ``all``.
        lines: service lines of the stream; nothing for all cost of persons.
    """

    settings: ModelSettings
    estimator: str
    cap: int
    caps: tuple[int, ...]
    days: int
    frozen: pd.DataFrame | None = None
    area_covariates: pd.DataFrame | None = None
    stream: str = ALL_NEEDS
    lines: tuple[str, ...] | None = None

    @property
    def every_cap(self) -> tuple[int, ...]:
        """The cap that is used and those it is compared with, in order."""
        return tuple(sorted({self.cap, *self.caps}))

    @property
    def terms(self) -> tuple[str, ...]:
        """The model's terms."""
        return self.settings.term_names


@dataclass(frozen=True)
class Modelled:
    """A model and what it says.

    Attributes:
        per_head: expected kept cost a head and year of each place's people, over that of all; 1 is the footprint.
        tables: ``cells``, ``risk_model``, ``risk_diagnostics``, ``risk_challengers``, ``risk_caps``, ``risk_weights``,
            ``need_covariance``; each names the stream.
    """

    per_head: pd.Series
    tables: dict[str, pd.DataFrame]


def model_need(engine: Engine, wanted: Wanted) -> Modelled:
    """Fit, judge and apply the need model.

    Args:
        engine: sees ``population`` (with segment and days of care) and ``person_cost``; ``person_line_cost`` for the
            model of a stream.
        wanted: the settings.

    Raises:
        UnfitCells: the cells cannot be fitted, or hold a level that frozen coefficients do not know.
        ConfigurationError: covariates of areas are asked for beside another estimator than least squares.
    """
    from threadpoolctl import threadpool_limits

    # the matrices are small: threads that split them cost more than they save, above all on a busy machine
    with threadpool_limits(limits=1, user_api="blas"):
        return _model_need(engine, wanted)


def _model_need(engine: Engine, wanted: Wanted) -> Modelled:
    show_people(engine, wanted.lines)
    counted = capped_cells(engine, wanted.every_cap)
    terms = as_terms(wanted.terms)
    counted = with_levels(counted, terms)
    lived = with_levels(lived_cells(engine, wanted.cap, wanted.days), terms, counted)
    years = person_years(lived)
    expected, compared = _challenge(years, wanted)
    name = best(compared) if wanted.estimator == "best" else wanted.estimator
    pays = _paying(engine, wanted, name, counted)
    raw = pays.predict(years) if wanted.frozen is not None else _out_of_fold(years, wanted, name, expected)
    judged = Judged(
        name=FROZEN if wanted.frozen is not None else name,
        lived=years,
        per_head=raw,
        groups=wanted.settings.groups,
        practices=_misses(engine, counted, years, raw, wanted),
        places=place_budgets(pays.model, lived) if pays.has_errors and pays.model is not None else None,
        coefficients=pays.table,
        people_per_cell=float(counted["people"].sum()) / len(counted[["cell", "segment"]].drop_duplicates()),
    )
    tables = {
        "cells": _cells_table(counted, wanted.cap),
        "risk_model": pays.table,
        "risk_diagnostics": report(judged),
        "risk_challengers": compared.reset_index(),
        "risk_caps": _caps_table(counted, wanted),
    }
    if pays.model is not None and pays.itemises:
        tables["risk_weights"] = _itemised(pays.model, counted, name)
    if pays.model is not None and pays.has_errors and pays.of_places is None:
        tables["need_covariance"] = need_covariance(pays.model, counted, wanted.settings.held())
    named = {name: table.assign(stream=wanted.stream) for name, table in tables.items()}
    return Modelled(_per_head(pays, counted), named)


def _challenge(years: pd.DataFrame, wanted: Wanted) -> tuple[Mapping[str, pd.Series], pd.DataFrame]:
    """Least squares and its challengers, out of fold: what each expects, and how they compare."""
    known = estimators(_RESPONSE, wanted.terms)
    chosen: dict[str, Estimator] = {DEFAULT: lambda cells: least_squares(cells, wanted.settings)}
    chosen |= {name: known[name] for name in wanted.settings.challengers}
    found = challenge(years, _RESPONSE, wanted.terms, chosen, wanted.settings.close_gaps.columns)
    compared = compare(years, _RESPONSE, found.expected, wanted.settings.groups)
    return found.expected, with_unfit(compared, found.unfit)


def _out_of_fold(years: pd.DataFrame, wanted: Wanted, name: str, expected: Mapping[str, pd.Series]) -> pd.Series:
    if name in expected:
        return expected[name]
    alone = {name: estimators(_RESPONSE, wanted.terms)[name]}
    return expected_by(years, _RESPONSE, wanted.terms, alone)[name]


def _paying(engine: Engine, wanted: Wanted, name: str, counted: pd.DataFrame) -> Paying:
    """The model that pays: fitted on everyone, with errors by practice; or the coefficients that were frozen."""
    if wanted.frozen is not None:
        unknown = {"reference": False, "counted_with": None, "standard_error": np.nan, "clustered_error": np.nan}
        return Paying(Formula.of(wanted.frozen), wanted.frozen.assign(**unknown), None)
    if wanted.settings.areas:
        if name != DEFAULT:
            raise ConfigurationError(
                f"need_estimator: covariates of areas enter least squares (wls) alone, not {name}."
            )
        if wanted.area_covariates is None:
            raise AbsentColumns(["area_covariates, which the need model names"])
        return paying_with_areas(engine, wanted.settings, wanted.area_covariates, wanted.cap, wanted.days, counted)
    by_practice = lived_cells(engine, wanted.cap, wanted.days, by=("segment", "practice_code"))
    # people on no list are a cluster of their own
    by_practice["practice_code"] = by_practice["practice_code"].fillna("no practice")
    return paying(with_levels(by_practice, as_terms(wanted.terms), counted), name, wanted.settings)


def _misses(engine: Engine, counted: pd.DataFrame, years: pd.DataFrame, raw: pd.Series, wanted: Wanted) -> pd.DataFrame:
    scaled = calibrated(years["people"], raw, float(years[_RESPONSE].sum())).per_head
    keys = list(KEYS)
    by_key = years[keys].assign(expected=scaled).drop_duplicates().set_index(keys)["expected"]
    found = by_key.reindex(pd.MultiIndex.from_frame(counted[keys])).to_numpy()
    # where nobody was there for a day, nothing is expected whatever the rate
    expected = pd.Series(np.where(np.isnan(found), 0.0, found), index=counted.index)
    return misses(engine, counted, expected, wanted.cap, wanted.days)


def _per_head(pays: Paying, counted: pd.DataFrame) -> pd.Series:
    """Everyone who is counted, at the full year's rate, over the mean of all; a prediction below zero is zero."""
    expected = counted["people"] * pays.predict(counted).clip(lower=0)
    sums = pd.DataFrame({"expected": expected, "people": counted["people"]}).groupby(counted["place"]).sum()
    per_head = sums["expected"] / sums["people"]
    if pays.of_places is not None:
        per_head = per_head + pays.of_places.reindex(per_head.index)
    return per_head / ((per_head * sums["people"]).sum() / sums["people"].sum())


def _cells_table(counted: pd.DataFrame, cap: int) -> pd.DataFrame:
    kept = {"y": f"y_{cap}", "yy": f"yy_{cap}", "excess_pence": f"excess_{cap}", "excess_squares": f"yexcess_{cap}"}
    keys = ["sex", "age_band", "imd_tenth", "condition_band", "segment", "place", "fold"]
    return counted[[*keys, "people", "positives"]].assign(**{name: counted[column] for name, column in kept.items()})


def _caps_table(counted: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Least squares under every cap, on cost as it was in the year, out of fold: what is pooled, how well it pays."""
    rows = []
    for cap in wanted.every_cap:
        kept = retained(counted, cap)
        expected = expected_by(kept, _RESPONSE, wanted.terms, {DEFAULT: estimators(_RESPONSE, wanted.terms)[DEFAULT]})
        scaled = calibrated(kept["people"], expected[DEFAULT], float(kept[_RESPONSE].sum())).per_head
        rows.append(
            {
                "cap_pence": cap,
                "used": cap == wanted.cap,
                "pooled_share": pooled_share(counted, cap),
                "r_squared": r_squared(kept, scaled),
                "payment_fit": payment_fit(counted, scaled, cap),
            }
        )
    return pd.DataFrame(rows)


def _itemised(model: RiskModel, counted: pd.DataFrame, name: str) -> pd.DataFrame:
    """Every distinct combination of covariates, term by term."""
    first, _ = model.design.rows(counted)
    return risk_weights(model, counted.iloc[first].reset_index(drop=True), name)
