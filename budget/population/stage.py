"""The population stage: from registration records and residents to everyone who is counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from budget.contracts import table
from budget.engine import Engine, Select
from budget.engine.statement import Statement
from budget.kernel.years import FinancialYear
from budget.plan import Plan
from budget.population.residents import refuse_ambiguous_residents
from budget.population.rules import CommissionerRules
from budget.stage import Given, Stage, Written

_SQL = Path(__file__).parent / "sql"
_OPTIONAL = ("person_merges", "unregistered_residents", "published_list")


def count_people(given: Given) -> Written:
    """Count everyone once, reconcile every practice's list, and read off how the population will grow.

    A locality that hands over ``segment_population`` has no list to count: the stage then writes nothing.

    Raises:
        RunStopped: residents are handed over in a way that would count some of them twice, or not at all.
    """
    if not given.has("registered_list"):
        return {}
    engine, plan = given.engine, given.plan
    engine.or_empty(*(table(name) for name in _OPTIONAL))
    refuse_ambiguous_residents(engine)
    _judge(engine, plan, CommissionerRules.read(plan.population_rules))
    return {
        "population_base": Select("population_base", ("person_id",)),
        "population_counts": _sorted(engine, "population_counts", "place, practice_code, basis, sex, age"),
        "population_reconciliation": _sorted(engine, "population_reconciliation", "practice_code"),
        "population_exceptions": _sorted(engine, "population_exceptions", "outcome, reason_code"),
        "list_against_residents": _sorted(engine, "list_against_residents", "place, sex, age_from"),
        "population_growth": _growth(engine, plan),
    }


def _judge(engine: Engine, plan: Plan, rules: CommissionerRules) -> None:
    """Run the steps in order; each is one SELECT in ``sql/``."""
    first, last = plan.base_year.first_day, plan.base_year.last_day
    values = {
        "snapshot": plan.snapshot_date,
        "year_before": _year_before(plan.snapshot_date),
        "first_day": first,
        "day_after": last + timedelta(days=1),
        "icb": plan.icb_code,
        "outcome": rules.outcome,
        "reason": rules.reason,
        "marks": rules.mark_codes,
        "duplicate": rules.duplicates.id,
        "merged": rules.merged.id,
    }
    for name, run in _steps(engine):
        run(name, Statement.read(_SQL / f"{name}.sql"), **values)


def _year_before(day: date) -> date:
    """The same day a year ago; 28 February for a 29 February."""
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def _steps(engine: Engine) -> tuple[tuple[str, Callable[..., str]], ...]:
    """The steps in order; what is read once, or is small work over what is kept, is a view."""
    return (
        ("registrations", engine.view),
        ("judged", engine.step),
        ("contested", engine.step),
        ("settled", engine.step),
        ("outcomes", engine.view),
        ("population_base", engine.step),
        ("population_counts", engine.step),
        ("population_reconciliation", engine.view),
        ("population_exceptions", engine.view),
        ("list_against_residents", engine.view),
    )


def _sorted(engine: Engine, name: str, order: str) -> pd.DataFrame:
    return engine.frame(f"select * from {name} order by {order}")


def _growth(engine: Engine, plan: Plan) -> pd.DataFrame:
    years = [year.start for year in plan.years]
    statement = Statement.read(_SQL / "population_growth.sql")
    growth = engine.frame(statement, years=years, base_year=plan.base_year.start)
    growth["financial_year"] = [str(FinancialYear(int(year))) for year in growth["start_year"]]
    return growth.sort_values(["financial_year", "place", "sex", "age_from"], ignore_index=True)


POPULATION = Stage(
    name="population",
    about="Count everyone once, on a list or not, and reconcile every practice's list.",
    reads=(),
    may_read=(
        "registered_list",
        "unregistered_residents",
        "person_merges",
        "practices",
        "areas",
        "published_list",
        "population_projection",
    ),
    assumes=(),
    writes=(
        "population_base",
        "population_counts",
        "population_reconciliation",
        "population_exceptions",
        "list_against_residents",
        "population_growth",
    ),
    gate="population",
    run=count_people,
)
