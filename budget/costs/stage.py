"""The costs stage: the baseline tied to the ledger, and what each segment costs."""

from __future__ import annotations

import pandas as pd

from budget.costs.activity import Care
from budget.costs.attribution import (
    by_line,
    direct_from_activity,
    direct_from_totals,
    gross_up,
    stand_in,
    unattributed,
)
from budget.costs.baseline import adjustments, against_ledger, in_scope, normalise
from budget.costs.comparison import against_year_before
from budget.costs.conditions import condition_cost
from budget.costs.providers import provider_history
from budget.engine import Select
from budget.kernel.errors import RunStopped, refusal
from budget.stage import Given, Stage, Written

_HOSTED = "for everyone present in the area (RC18): shared per head"


def attribute_costs(given: Given) -> Written:
    """Normalise the baseline, tie it to the ledger and attribute it to segments.

    Raises:
        RunStopped: there is no spend to share, or activity that cannot be priced.
    """
    year = str(given.plan.base_year)
    lines = given.assumptions.words("in_scope_lines")
    spend = in_scope(given.frame("spend"), year, lines)
    if spend.empty:
        raise _no_spend(year)
    baseline = normalise(spend)
    written: dict[str, pd.DataFrame | Select] = {"baseline_lines": baseline, "baseline_adjustments": adjustments(spend)}
    if given.has("spend_control"):
        written["ledger_control"] = against_ledger(baseline, given.frame("spend_control"), year)
    by_place = baseline.groupby(["place", "service_line"], as_index=False)["normalised_pence"].sum()
    written |= _compared(given, baseline, lines) | _attributed(given, by_place, lines)
    return written | _by_provider(given, written, lines)


def _by_provider(given: Given, written: Written, lines: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """What providers were paid, where spend or activity names them."""
    spend = given.frame("spend")
    providers = given.frame("providers") if given.has("providers") else None
    activity = written.get("provider_activity")
    seen = activity if isinstance(activity, pd.DataFrame) else None
    history = provider_history(spend[spend["service_line"].isin(lines)], providers, seen, given.plan)
    return {} if history.empty else {"provider_history": history}


def _no_spend(year: str) -> RunStopped:
    return refusal(
        "costs",
        "B15",
        table="spend",
        rule=f"there is spend of the base year {year} on the lines in scope",
        mend="spend, base_year of the locality, or in_scope_lines in the assumptions",
    )


def _compared(given: Given, baseline: pd.DataFrame, lines: tuple[str, ...]) -> dict[str, pd.DataFrame | Select]:
    """Spend a head against the year before, where spend has rows of it."""
    before = in_scope(given.frame("spend"), str(given.plan.base_year.previous), lines)
    if before.empty:
        return {}
    lists = given.frame("population_reconciliation") if given.has("population_reconciliation") else None
    people = float(_people_of_base_year(given)["people"].sum())
    return {"spend_per_head": against_year_before(baseline, normalise(before), people, lists)}


def _attributed(given: Given, by_place: pd.DataFrame, lines: tuple[str, ...]) -> dict[str, pd.DataFrame | Select]:
    """Direct cost of segments and what is made of the rest of the spend."""
    written: dict[str, pd.DataFrame | Select] = {}
    hosted: tuple[str, ...] = ()
    if given.has("segment_population"):
        direct = direct_from_totals(given.frame("segment_population"), by_place)
    else:
        care = Care(given, lines)
        written |= care.cost() | condition_cost(given, lines, care.hosted)
        direct = _direct(given, care.direct(), by_place)
        hosted = given.assumptions.words("host_lines")
    rule = given.assumptions.choice("unattributed_spend_rule")
    costs = gross_up(direct, by_place, rule, hosted)
    costs["method"] = costs["method"].mask(costs["service_line"].isin(hosted), _HOSTED)
    return written | {
        "segment_cost": costs,
        "line_attribution": by_line(costs, by_place, hosted),
        "unattributed_spend": unattributed(costs, by_place, rule, hosted),
    }


def _direct(given: Given, activity: pd.DataFrame, baseline: pd.DataFrame) -> pd.DataFrame:
    on_lists = given.engine.frame("select place, segment, count(*) as people from population group by all order by all")
    base = _people_of_base_year(given)
    direct = direct_from_activity(activity, base, baseline[["place", "service_line"]])
    segments = given.frame("segments")
    apart = segments[segments["unregistered"]].iloc[0]
    rate_from = str(apart["rate_from"]) if given.assumptions.choice("unreg_rate_basis") == "mostly_well_mean" else None
    return stand_in(direct, on_lists, str(apart["segment"]), rate_from)


def _people_of_base_year(given: Given) -> pd.DataFrame:
    people = given.frame("segment_people")
    return people[people["financial_year"] == str(given.plan.base_year)].drop(columns="financial_year")


COSTS = Stage(
    name="costs",
    about="Normalise the baseline, tie it to the ledger and attribute it to people and segments.",
    reads=("spend", "segment_people", "segments"),
    may_read=(
        "spend_control",
        "population",
        "population_reconciliation",
        "activity",
        "person_merges",
        "conditions",
        "commissioner_shares",
        "commissioner_terms",
        "prices",
        "providers",
        "patient_costs",
        "completion_factors",
        "segment_population",
    ),
    assumes=(
        "in_scope_lines",
        "host_lines",
        "unattributed_spend_rule",
        "unreg_rate_basis",
        "price_cost_uplift",
        "price_efficiency",
        "runout_months",
        "part_complete_rule",
        "stop_loss_threshold",
        "need_weighting",
    ),
    writes=(
        "baseline_lines",
        "baseline_adjustments",
        "ledger_control",
        "spend_per_head",
        "segment_cost",
        "line_attribution",
        "unattributed_spend",
        "person_cost",
        "person_line_cost",
        "high_cost_care",
        "condition_cost",
        "provider_activity",
        "provider_history",
        "commissioner_case_costs",
        "price_uplift",
        "part_complete",
        "activity_completion",
    ),
    gate="costs",
    of_people=True,
    run=attribute_costs,
)
