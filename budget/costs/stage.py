"""The costs stage: the baseline tied to the ledger, and what each segment costs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from budget.contracts import table
from budget.costs.attribution import by_line, direct_from_activity, direct_from_totals, gross_up, stand_in
from budget.costs.baseline import adjustments, against_ledger, in_scope, normalise
from budget.engine import Select
from budget.engine.statement import Sql, Statement, literal
from budget.kernel.errors import RunStopped, refusal
from budget.stage import Given, Stage, Written

_SQL = Path(__file__).parent / "sql"
_OPTIONAL = ("prices", "person_merges", "providers", "commissioner_shares")
_STEPS = ("case_days", "priced", "segment_activity", "person_cost", "provider_activity", "commissioner_case_costs")
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
    if given.has("segment_population"):
        direct = direct_from_totals(given.frame("segment_population"), by_place)
    else:
        _price(given, lines, year)
        direct = _direct(given, by_place)
        written["person_cost"] = Select("person_cost", ("person_id",))
        written["commissioner_case_costs"] = given.engine.frame(
            "select * from commissioner_case_costs order by reason_code, kind, commissioner, service_line, held_as"
        )
        written["provider_activity"] = given.engine.frame(
            "select * from provider_activity order by place, service_line, provider_code"
        )
    hosted = () if given.has("segment_population") else given.assumptions.words("host_lines")
    costs = gross_up(direct, by_place, given.assumptions.choice("unattributed_spend_rule"))
    costs["method"] = costs["method"].mask(costs["service_line"].isin(hosted), _HOSTED)
    return written | {"segment_cost": costs, "line_attribution": by_line(costs, by_place, hosted)}


def _no_spend(year: str) -> RunStopped:
    return refusal(
        "costs",
        "B15",
        table="spend",
        rule=f"there is spend of the base year {year} on the lines in scope",
        mend="spend, base_year of the locality, or in_scope_lines in the assumptions",
    )


def _price(given: Given, lines: tuple[str, ...], year: str) -> None:
    """Run the person-level steps; refuse activity that has neither a cost nor a price."""
    engine = given.engine
    engine.or_empty(*(table(name) for name in _OPTIONAL))
    hosted = given.assumptions.words("host_lines")
    values = {
        "lines": lines,
        "base_year": year,
        "hosted": Sql(f"service_line in {literal(hosted)}" if hosted else "false"),
    }
    for name in _STEPS:
        engine.step(name, Statement.read(_SQL / f"{name}.sql"), **values)
    unpriced = engine.scalar("select count(*) from priced where cost_pence is null")
    if unpriced:
        raise refusal(
            "costs",
            "B13",
            table="activity",
            rule="every row in scope needs a cost_pence, or a currency_code with one price in the base year",
            rows_failed=int(unpriced),
            mend="activity, or prices",
        )


def _direct(given: Given, baseline: pd.DataFrame) -> pd.DataFrame:
    engine = given.engine
    activity = engine.frame("select * from segment_activity order by place, service_line, segment")
    on_lists = engine.frame("select place, segment, count(*) as people from population group by all order by all")
    people = given.frame("segment_people")
    base = people[people["financial_year"] == str(given.plan.base_year)].drop(columns="financial_year")
    direct = direct_from_activity(activity, base, baseline[["place", "service_line"]])
    segments = given.frame("segments")
    apart = segments[segments["unregistered"]].iloc[0]
    rate_from = str(apart["rate_from"]) if given.assumptions.choice("unreg_rate_basis") == "mostly_well_mean" else None
    return stand_in(direct, on_lists, str(apart["segment"]), rate_from)


COSTS = Stage(
    name="costs",
    about="Normalise the baseline, tie it to the ledger and attribute it to people and segments.",
    reads=("spend", "segment_people", "segments"),
    may_read=(
        "spend_control",
        "population",
        "activity",
        "person_merges",
        "commissioner_shares",
        "prices",
        "providers",
        "segment_population",
    ),
    assumes=("in_scope_lines", "host_lines", "unattributed_spend_rule", "unreg_rate_basis"),
    writes=(
        "baseline_lines",
        "baseline_adjustments",
        "ledger_control",
        "segment_cost",
        "line_attribution",
        "person_cost",
        "provider_activity",
        "commissioner_case_costs",
    ),
    gate="costs",
    run=attribute_costs,
)
