"""The need stage: cells, a model of need on them, and the weighted population of every place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from budget.engine.statement import Statement
from budget.kernel.errors import RunStopped, refusal
from budget.need.model import NeedModel, diagnostics, fit
from budget.need.weights import by_model, by_segment_cost, published
from budget.stage import Given, Stage, Written

_SQL = Path(__file__).parent / "sql"
_FACTORS = (("sex", "age_band"), ("imd_fifth",), ("condition_band",))
_GROUPS = ("age_band", "imd_fifth", "condition_band", "place")
_MODEL = "wls_age_sex_deprivation_conditions"


def weigh_need(given: Given) -> Written:
    """Weigh need by every method that the locality's tables allow; one of them sets the targets.

    Raises:
        RunStopped: the method that the assumptions choose lacks its tables, or the model cannot be fitted.
    """
    years = tuple(str(year) for year in given.plan.budget_years)
    segment_people = given.frame("segment_people")
    people = _people_to_weigh(given, segment_people)
    weights = [by_segment_cost(given.frame("segment_cost"), segment_people, people, years)]
    written: dict[str, pd.DataFrame] = {}
    if given.has("published_weights") and given.has("practices"):
        weights.append(published(given.frame("published_weights"), given.frame("practices"), people, years))
    if given.has("person_cost"):
        cells = given.engine.frame(
            Statement.read(_SQL / "cells.sql"),
            cap=given.assumptions.pence("stop_loss_threshold", given.plan.budget_years[0]),
        )
        model = _model(cells)
        expected = pd.Series(model.fitted * cells["people"].to_numpy(), index=cells.index)
        weights.append(by_model(cells, expected, people, years))
        written |= {
            "cells": cells,
            "risk_model": model.table(_MODEL),
            "risk_diagnostics": diagnostics(model, cells, _MODEL, _GROUPS),
        }
    return written | {"need_weights": _choose(given, pd.concat(weights, ignore_index=True))}


def _people_to_weigh(given: Given, segment_people: pd.DataFrame) -> pd.DataFrame:
    """People by year and place whom need a head is applied to: those counted, with list inflation met as assumed."""
    counted = segment_people
    if given.has("segment_people_alternatives"):
        ways = given.frame("segment_people_alternatives")
        chosen = given.assumptions.choice("list_inflation_adjustment")
        counted = ways[(ways["assumption"] == "list_inflation_adjustment") & (ways["alternative"] == chosen)]
    return counted.groupby(["financial_year", "place"], as_index=False)["people"].sum()


def _model(cells: pd.DataFrame) -> NeedModel:
    try:
        return fit(cells, _FACTORS)
    except ValueError as error:
        raise refusal(
            "need",
            "W09",
            table="cells",
            rule=f"the need model can tell its factors apart: {error}",
            mend="areas or conditions: a level of one factor has the same people as a level of another",
        ) from None


def _choose(given: Given, weights: pd.DataFrame) -> pd.DataFrame:
    """Mark the weights that set the targets of each year."""
    chosen = []
    for year in given.plan.budget_years:
        method = given.assumptions.choice("need_weighting", year)
        stream = given.assumptions.choice("need_stream", year) if method == "published" else "all"
        of_year = weights["financial_year"] == str(year)
        used = of_year & (weights["method"] == method) & (weights["stream"] == stream)
        if not used.any():
            raise _lacking(method, stream)
        chosen.append(weights[of_year].assign(used=used))
    order = ["financial_year", "method", "stream", "place"]
    return pd.concat(chosen).sort_values(order, ignore_index=True)


def _lacking(method: str, stream: str) -> RunStopped:
    tables = {"published": "published_weights and practices", "model": "registered_list and activity"}
    return refusal(
        "need",
        "W08",
        table="need_weights",
        rule=f"need_weighting = {method} (stream {stream}) needs {tables.get(method, 'segment_cost')}",
        mend="the inputs, or need_weighting and need_stream in the assumptions",
    )


NEED = Stage(
    name="need",
    about="Weigh each place's need by published weights, by a model on cells, or by segment cost.",
    reads=("segment_people", "segment_cost"),
    may_read=("segment_people_alternatives", "population", "person_cost", "published_weights", "practices"),
    assumes=("need_weighting", "need_stream", "stop_loss_threshold", "list_inflation_adjustment"),
    writes=("cells", "risk_model", "risk_diagnostics", "need_weights"),
    gate="need",
    run=weigh_need,
)
