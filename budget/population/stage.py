"""The population stage: from registration records and residents to everyone who is counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from budget.contracts import table
from budget.engine import Engine, Select
from budget.engine.statement import Sql, Statement
from budget.kernel.errors import refusal
from budget.kernel.years import FinancialYear, months_before
from budget.population.cases import refuse_unknown_kinds
from budget.population.practices import practice_homes
from budget.population.residents import refuse_ambiguous_residents
from budget.population.rules import CommissionerRules
from budget.stage import Given, Stage, Written

_SQL = Path(__file__).parent / "sql"
_OPTIONAL = (
    "person_merges",
    "unregistered_residents",
    "published_list",
    "commissioner_cases",
    "practice_commissioners",
)
_ORDERED = {
    "population_counts": "place, practice_code, basis, sex, age",
    "population_reconciliation": "practice_code",
    "population_exceptions": "outcome, reason_code, commissioner",
    "list_against_residents": "place, sex, age_from",
    "district_reconciliation": "lad_code",
    "member_days": "commissioner, place, practice_code, sex, age_from",
    "list_inflation": "adjustment, place, sex, age_from",
    "commissioner_case_counts": "reason_code, kind, commissioner",
}
"""The small tables that the stage writes, and the order that makes them the same each time."""

_TEXTS = {"contested_registrations": "registrations", "contested_judged": "judged"}
_SOURCES = {
    "registrations": {"list": Sql("registered_list")},
    "judged": {"registrations": Sql("registrations")},
    "contested_registrations": {"list": Sql("contested_list")},
    "contested_judged": {"registrations": Sql("contested_registrations")},
}
"""Two statements are run twice: over every record, and over those of people with several registrations."""

_HOMES = pa.schema(
    [("practice_no", pa.int32())]
    + [(name, pa.string()) for name in ("practice_code", "counted_code", "place", "icb_code")]
    + [(name, pa.date32()) for name in ("term_from", "term_until")]
)


def count_people(given: Given) -> Written:
    """Count everyone once, reconcile every practice's list, and read off how the population will grow.

    A locality that hands over ``segment_population`` has no list to count: the stage then writes nothing.

    Raises:
        RunStopped: residents are handed over in a way that would count some of them twice, or not at all; practices
            or cases cannot be placed; or the list adjustment or projection variant that is asked for is not there.
    """
    if not given.has("registered_list"):
        return {}
    engine, plan = given.engine, given.plan
    engine.or_empty(*(table(name) for name in _OPTIONAL))
    refuse_ambiguous_residents(engine)
    whole_table = CommissionerRules.read(plan.population_rules)
    rules = whole_table.on(plan.snapshot_date)
    refuse_unknown_kinds(engine, rules, whole_table)
    engine.lend("practice_homes", _homes(given))
    values = _values(given, rules)
    for name, run in _steps(engine):
        run(name, Statement.read(_SQL / f"{_TEXTS.get(name, name)}.sql"), **values | _SOURCES.get(name, {}))
    growth = _growth(given)
    small = {name: engine.frame(f"select * from {name} order by {order}") for name, order in _ORDERED.items()}
    exceptions = small["population_exceptions"]
    small["population_exceptions"] = exceptions.assign(about=exceptions["reason_code"].map(rules.words))
    _refuse_missing_adjustment(given, small["list_inflation"])
    return {
        "population_base": Select("population_base", ("person_id",)),
        "commissioner_shares": Select("commissioner_shares", table("commissioner_shares").names),
        "population_growth": _chosen_growth(given, growth),
        "population_growth_variants": growth,
        **small,
    }


def _homes(given: Given) -> pa.Table:
    commissioners = given.frame("practice_commissioners") if given.has("practice_commissioners") else None
    homes = practice_homes(given.frame("practices"), commissioners, given.plan.snapshot_date)
    return pa.Table.from_pandas(homes, schema=_HOMES, preserve_index=False)


def _values(given: Given, rules: CommissionerRules) -> dict[str, Any]:
    """What stands in the statements: days, bounds and the rules compiled to expressions."""
    plan, assumptions = given.plan, given.assumptions
    fp69_months = int(assumptions.number("fp69_months"))
    return {
        "snapshot": plan.snapshot_date,
        "year_before": months_before(plan.snapshot_date, 12),
        "month_before": months_before(plan.snapshot_date, 1),
        "first_day": plan.base_year.first_day,
        "day_after": plan.base_year.last_day + timedelta(days=1),
        "days": plan.base_year.days,
        "icb": plan.icb_code,
        "rule": rules.rule,
        "counted": rules.which("counted"),
        "unregistered": rules.which("unregistered"),
        "base": rules.which("counted", "unregistered"),
        "exported": rules.which("exported"),
        "quarantined": rules.which("quarantined"),
        "live": rules.which("counted", "unregistered", "exported"),
        "dated": rules.which("counted", "unregistered", "exported", "ended"),
        "outcome": rules.outcome,
        "reason": rules.reason,
        "named_commissioner": rules.named_commissioner,
        "payer": rules.payer,
        "ours": rules.paid_by(plan.icb_code),
        "mark_numbers": rules.mark_numbers,
        "marks": rules.mark_codes,
        "duplicate": rules.duplicate,
        "written_twice": rules.written_twice,
        "case_rules": rules.case_rules,
        "fp69_months": fp69_months,
        "fp69_before": months_before(plan.snapshot_date, fp69_months),
        "scale_lo": assumptions.number("list_scale_lo"),
        "scale_hi": assumptions.number("list_scale_hi"),
    }


def _steps(engine: Engine) -> tuple[tuple[str, Callable[..., str]], ...]:
    """The steps in order; what is read once, or is small work over what is kept, is a view."""
    return (
        ("area_homes", engine.step),
        ("practice_list", engine.view),
        ("registrations", engine.view),
        ("judged", engine.view),
        ("facts", engine.step),
        ("contested", engine.step),
        ("contested_list", engine.step),
        ("contested_registrations", engine.view),
        ("contested_judged", engine.view),
        ("settled", engine.step),
        ("outcomes", engine.view),
        ("tallied", engine.view),
        ("population_base", engine.view),
        ("population_counts", engine.step),
        ("population_reconciliation", engine.view),
        ("population_exceptions", engine.view),
        ("member_days", engine.view),
        ("resident_estimates", engine.step),
        ("list_against_residents", engine.step),
        ("district_reconciliation", engine.view),
        ("list_inflation", engine.view),
        ("admissions", engine.view),
        ("commissioner_shares", engine.step),
        ("commissioner_case_counts", engine.view),
    )


def _growth(given: Given) -> pd.DataFrame:
    """Growth of every variant that the projection holds."""
    years = [year.start for year in given.plan.years]
    statement = Statement.read(_SQL / "population_growth.sql")
    growth = given.engine.frame(statement, years=years, base_year=given.plan.base_year.start)
    growth["financial_year"] = [str(FinancialYear(int(year))) for year in growth["start_year"]]
    order = ["variant", "financial_year", "place", "sex", "age_from"]
    return growth.drop(columns="start_year").sort_values(order, ignore_index=True)


def _chosen_growth(given: Given, growth: pd.DataFrame) -> pd.DataFrame:
    variant = given.assumptions.choice("population_variant")
    chosen = growth[growth["variant"] == variant]
    if chosen.empty and not growth.empty:
        raise refusal(
            "population",
            "P38",
            table="population_projection",
            rule=f"population_variant = {variant} needs projected rows of that variant",
            mend="inputs/population_projection: column variant, or population_variant in the assumptions",
        )
    return chosen.drop(columns="variant").reset_index(drop=True)


def _refuse_missing_adjustment(given: Given, adjustments: pd.DataFrame) -> None:
    chosen = given.assumptions.choice("list_inflation_adjustment")
    offered = adjustments[adjustments["adjustment"] == chosen]
    if not adjustments.empty and (offered.empty or offered["adjusted_people"].isna().any()):
        raise refusal(
            "population",
            "P39",
            table="list_inflation",
            rule=f"list_inflation_adjustment = {chosen} can be worked out for every place",
            mend="scale_to_resident needs estimates in inputs/population_projection; exclude_fp69 after fp69_months "
            "needs fp69_on for every flagged record of inputs/registered_list",
        )


POPULATION = Stage(
    name="population",
    about="Count everyone once, on a list or not, and reconcile every practice's list.",
    reads=(),
    may_read=(
        "registered_list",
        "unregistered_residents",
        "person_merges",
        "commissioner_cases",
        "practices",
        "practice_commissioners",
        "areas",
        "published_list",
        "population_projection",
    ),
    assumes=("list_inflation_adjustment", "list_scale_lo", "list_scale_hi", "fp69_months", "population_variant"),
    writes=(
        "population_base",
        "population_counts",
        "population_reconciliation",
        "population_exceptions",
        "member_days",
        "list_against_residents",
        "district_reconciliation",
        "list_inflation",
        "commissioner_shares",
        "commissioner_case_counts",
        "population_growth",
        "population_growth_variants",
    ),
    gate="population",
    run=count_people,
)
