"""The need stage: every method that the locality's tables allow, and the one that weighs each service line."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from budget.kernel.errors import refusal
from budget.need.adjusting import with_adjustments
from budget.need.lines import Choice, need_by_line, with_use
from budget.need.methods import METHODS, Method
from budget.need.models import MODEL, NeedModels, hold_growth, need_models
from budget.need.sources import Sources
from budget.need.streams import read_streams
from budget.need.weights import weighed
from budget.stage import Given, Stage, Written


def weigh_need(given: Given) -> Written:
    """Weigh need by every method that the locality's tables allow, and choose one for every service line.

    Raises:
        RunStopped: the method of a line lacks its tables, or a model cannot be fitted.
    """
    spend = given.frame("segment_cost").groupby("service_line")["grossed_pence"].sum()
    streams = read_streams(given.plan.need / "streams.yaml")
    choices = _choices(given, list(spend.index), streams)
    models = NeedModels({}, {})
    if given.has("person_cost"):
        models = hold_growth(given, need_models(given, choices, streams))
    people = _people_to_weigh(given, given.frame("segment_people"))
    years = tuple(str(year) for year in given.plan.budget_years)
    sources = Sources(given, people, years, models.per_head)
    possible = [method for method in METHODS if method.is_possible(given)]
    need = [_a_head(method, sources) for method in possible]
    weights = weighed(pd.concat(need, ignore_index=True), people)
    needs = {method.name: method.needs for method in METHODS}
    lines = need_by_line(weights, choices, spend, needs)
    used = with_use(weights, lines)
    _refuse_mixed_peers(given, used)
    return {**models.tables, "need_weights": used, "need_by_line": lines}


def _a_head(method: Method, sources: Sources) -> pd.DataFrame:
    """Need a head by a method; adjusted, where its weights do not hold cost indices and health inequalities."""
    found = method.weigh(sources)
    if not method.whole:
        found = pd.concat([with_adjustments(rows, sources) for _, rows in found.groupby("stream", sort=False)])
    return found.assign(method=method.name)


def _people_to_weigh(given: Given, segment_people: pd.DataFrame) -> pd.DataFrame:
    """People by year and place whom need a head is applied to: those counted, with list inflation met as assumed."""
    counted = segment_people
    if given.has("segment_people_alternatives"):
        ways = given.frame("segment_people_alternatives")
        chosen = given.assumptions.choice("list_inflation_adjustment")
        counted = ways[(ways["assumption"] == "list_inflation_adjustment") & (ways["alternative"] == chosen)]
    return counted.groupby(["financial_year", "place"], as_index=False)["people"].sum()


def _choices(given: Given, lines: list[str], streams: Mapping[str, str]) -> list[Choice]:
    """What weighs every line in every budget year."""
    known = given.assumptions
    by_name = {year: known.lines_with("need_weighting", MODEL, (year,)) for year in given.plan.budget_years}
    return [
        Choice.of(
            str(year),
            line,
            known.choice("need_weighting", year, line=line),
            known.choice("need_stream", year, line=line),
            streams,
            by_name=line in by_name[year],
        )
        for year in given.plan.budget_years
        for line in lines
    ]


def _refuse_mixed_peers(given: Given, weights: pd.DataFrame) -> None:
    """Peers state weighted people of one kind, which those of several methods together cannot stand beside."""
    if given.has("peer_places") and (weights.loc[weights["used"], "method"] == "by_line").any():
        raise refusal(
            "need",
            "W12",
            table="peer_places",
            rule="places that share a quantum with peers are weighed by one method, that of the peers",
            mend="need_weighting and need_stream: one value for all lines",
        )


NEED = Stage(
    name="need",
    about="Weigh each place's need, line by line: published weights, a model on cells, formulas or segment cost.",
    reads=("segment_people", "segment_cost"),
    may_read=(
        "segment_people_alternatives",
        "population",
        "person_cost",
        "person_line_cost",
        "published_weights",
        "practices",
        "practice_adjustments",
        "practice_workload",
        "cost_curves",
        "area_covariates",
        "risk_coefficients",
        "peer_places",
        "previous_need_weights",
    ),
    assumes=(
        "need_weighting",
        "need_stream",
        "need_estimator",
        "need_coefficients",
        "need_caps",
        "risk_score_growth_cap",
        "need_adjustments",
        "health_inequality_share",
        "stop_loss_threshold",
        "list_inflation_adjustment",
    ),
    writes=(
        "cells",
        "need_model_lines",
        "risk_model",
        "risk_diagnostics",
        "risk_challengers",
        "risk_caps",
        "risk_weights",
        "need_growth_limit",
        "need_covariance",
        "need_weights",
        "need_by_line",
    ),
    gate="need",
    of_people=True,
    run=weigh_need,
)
