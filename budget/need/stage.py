"""The need stage: every method that the locality's tables allow, and the one that weighs each service line."""

from __future__ import annotations

import pandas as pd

from budget.kernel.errors import refusal
from budget.kernel.money import half_up
from budget.need.adjusting import with_adjustments
from budget.need.coding import limit_growth
from budget.need.glm.trouble import UnfitCells
from budget.need.lines import Choice, need_by_line, with_use
from budget.need.methods import METHODS, Method
from budget.need.modelled import Modelled, Wanted, model_need
from budget.need.settings import ModelSettings
from budget.need.sources import Sources
from budget.need.streams import read_streams
from budget.need.weights import weighed
from budget.stage import Given, Stage, Written


def weigh_need(given: Given) -> Written:
    """Weigh need by every method that the locality's tables allow, and choose one for every service line.

    Raises:
        RunStopped: the method of a line lacks its tables, or the model cannot be fitted.
    """
    modelled = _modelled(given) if given.has("person_cost") else None
    people = _people_to_weigh(given, given.frame("segment_people"))
    years = tuple(str(year) for year in given.plan.budget_years)
    found = modelled.per_head if modelled else None
    limited = None if found is None else _limited(given, found)
    sources = Sources(given, people, years, found if limited is None else limited.set_index("place")["index_used"])
    possible = [method for method in METHODS if method.is_possible(given)]
    need = [_a_head(method, sources) for method in possible]
    weights = weighed(pd.concat(need, ignore_index=True), people)
    spend = given.frame("segment_cost").groupby("service_line")["grossed_pence"].sum()
    needs = {method.name: method.needs for method in METHODS}
    lines = need_by_line(weights, _choices(given, list(spend.index)), spend, needs)
    used = with_use(weights, lines)
    _refuse_mixed_peers(given, used)
    written = modelled.tables if modelled else {}
    written |= {} if limited is None else {"need_growth_limit": limited}
    return written | {"need_weights": used, "need_by_line": lines}


def _a_head(method: Method, sources: Sources) -> pd.DataFrame:
    """Need a head by a method; adjusted, where its weights do not hold cost indices and health inequalities."""
    found = method.weigh(sources)
    return (found if method.whole else with_adjustments(found, sources)).assign(method=method.name)


def _modelled(given: Given) -> Modelled:
    known, first = given.assumptions, given.plan.budget_years[0]
    frozen = known.choice("need_coefficients") == "frozen"
    if frozen and not given.has("risk_coefficients"):
        raise refusal(
            "need",
            "W11",
            table="risk_coefficients",
            rule="need_coefficients = frozen needs the coefficients of an earlier model",
            mend="risk_coefficients (the table risk_model of the run that is frozen), or need_coefficients",
        )
    areas = given.frame("area_covariates") if given.has("area_covariates") else None
    wanted = Wanted(
        settings=ModelSettings.read(given.plan.need / "model.yaml"),
        estimator=known.choice("need_estimator"),
        cap=known.pence("stop_loss_threshold", first),
        caps=tuple(half_up(pounds * 100) for pounds in known.numbers("need_caps")),
        days=given.plan.care_year.days,
        frozen=given.frame("risk_coefficients") if frozen else None,
        area_covariates=areas,
    )
    try:
        return model_need(given.engine, wanted)
    except UnfitCells as error:
        raise refusal(
            "need",
            "W09",
            table="cells",
            rule=f"the need model can be fitted: {error}",
            mend="areas, conditions or activity, or the terms of the need model",
        ) from None


def _limited(given: Given, need: pd.Series) -> pd.DataFrame | None:
    """Modelled need held to that of the earlier run, where there is one that had a model."""
    if not given.has("previous_need_weights"):
        return None
    earlier = given.frame("previous_need_weights")
    earlier = earlier[(earlier["method"] == "model") & (earlier["financial_year"] == earlier["financial_year"].min())]
    if earlier.empty:
        return None
    most = given.assumptions.number("risk_score_growth_cap", given.plan.budget_years[0])
    return limit_growth(need, earlier.set_index("place")["need_index"], most)


def _people_to_weigh(given: Given, segment_people: pd.DataFrame) -> pd.DataFrame:
    """People by year and place whom need a head is applied to: those counted, with list inflation met as assumed."""
    counted = segment_people
    if given.has("segment_people_alternatives"):
        ways = given.frame("segment_people_alternatives")
        chosen = given.assumptions.choice("list_inflation_adjustment")
        counted = ways[(ways["assumption"] == "list_inflation_adjustment") & (ways["alternative"] == chosen)]
    return counted.groupby(["financial_year", "place"], as_index=False)["people"].sum()


def _choices(given: Given, lines: list[str]) -> list[Choice]:
    """What weighs every line in every budget year."""
    streams = read_streams(given.plan.need / "streams.yaml")
    known = given.assumptions
    return [
        Choice.of(
            str(year),
            line,
            known.choice("need_weighting", year, line=line),
            known.choice("need_stream", year, line=line),
            streams,
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
    run=weigh_need,
)
