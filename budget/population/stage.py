"""The population stage: from registration records and residents to everyone who is counted."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from budget.contracts import table
from budget.engine import Select
from budget.kernel.errors import refusal
from budget.population.cases import refuse_unknown_kinds
from budget.population.growth import chosen_growth, growth_of
from budget.population.practices import practice_homes
from budget.population.residents import refuse_ambiguous_residents
from budget.population.rules import CommissionerRules
from budget.population.steps import run_steps, values_of
from budget.stage import Given, Stage, Written

_OPTIONAL = (
    "person_merges",
    "unregistered_residents",
    "published_list",
    "commissioner_cases",
    "practice_commissioners",
    "activity",
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
    run_steps(engine, values_of(given, rules))
    growth = growth_of(given)
    small = {name: engine.frame(f"select * from {name} order by {order}") for name, order in _ORDERED.items()}
    exceptions = small["population_exceptions"]
    small["population_exceptions"] = exceptions.assign(about=exceptions["reason_code"].map(rules.words))
    _refuse_missing_adjustment(given, small["list_inflation"])
    return {
        "population_base": Select("population_base", ("person_id",)),
        "commissioner_shares": Select("commissioner_shares", table("commissioner_shares").names),
        "commissioner_terms": Select("commissioner_terms", table("commissioner_terms").names),
        "population_growth": chosen_growth(given, growth),
        "population_growth_variants": growth,
        **small,
    }


def _homes(given: Given) -> pa.Table:
    commissioners = given.frame("practice_commissioners") if given.has("practice_commissioners") else None
    homes = practice_homes(given.frame("practices"), commissioners, given.plan.snapshot_date)
    return pa.Table.from_pandas(homes, schema=_HOMES, preserve_index=False)


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
        "activity",
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
        "commissioner_terms",
        "population_growth",
        "population_growth_variants",
    ),
    gate="population",
    of_people=True,
    run=count_people,
)
