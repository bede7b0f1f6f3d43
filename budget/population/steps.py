"""The steps that judge every registration record, settle those of one person, and count: one SELECT each, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from budget.engine import Engine
from budget.engine.statement import Sql, Statement
from budget.kernel.years import months_before
from budget.population.rules import CommissionerRules
from budget.stage import Given

_SQL = Path(__file__).parent / "sql"
_TEXTS = {
    "contested_registrations": "registrations",
    "contested_judged": "judged",
    "care_judged": "judged",
    "care_settled": "settled",
}
_SOURCES = {
    "registrations": {"list": Sql("registered_list")},
    "judged": {"registrations": Sql("registrations")},
    "contested_registrations": {"list": Sql("contested_list")},
    "contested_judged": {"registrations": Sql("contested_registrations")},
    "settled": {"judged": Sql("contested_judged")},
    "care_judged": {"registrations": Sql("care_registrations")},
    "care_settled": {"judged": Sql("care_judged")},
}
"""Statements that are run twice: over every record, and over those of people with several registrations; over the days
of the base year, and over those of the year of care."""


def run_steps(engine: Engine, values: Mapping[str, Any]) -> None:
    """Run every step; tables and views of their names are then there to be read.

    Args:
        engine: sees the inputs, and ``practice_homes``.
        values: what stands in the statements, from ``values_of``.
    """
    for name, run in _steps(engine):
        statement = Statement.read(_SQL / f"{_TEXTS.get(name, name)}.sql")
        run(name, statement, **{**values, **_SOURCES.get(name, {})})


def values_of(given: Given, rules: CommissionerRules) -> dict[str, Any]:
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
        "care_first_day": plan.care_year.first_day,
        "care_day_after": plan.care_year.last_day + timedelta(days=1),
        # what is settled for the base year need not be settled again where it is the year of care
        "care_settled": Sql("settled" if plan.care_year == plan.base_year else "care_settled"),
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
        ("care_registrations", engine.view),
        ("care_judged", engine.view),
        ("care_settled", engine.view),
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
        ("commissioner_terms", engine.step),
    )
