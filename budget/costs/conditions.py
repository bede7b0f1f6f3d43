"""How much of each segment's cost falls on people with the conditions of a budget (scopes of a budget)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from budget.contracts import table
from budget.engine import Select
from budget.engine.statement import Sql, Statement, literal
from budget.kernel.errors import ConfigurationError
from budget.scope import OUTSIDE, BudgetScope, refuse_strangers
from budget.stage import Given

_SQL = Path(__file__).parent / "sql"


def condition_cost(given: Given, lines: tuple[str, ...], hosted: Sql) -> dict[str, pd.DataFrame | Select]:
    """Cost and people by place, segment, line and budget; nothing where no budget is for people with conditions.

    Args:
        given: the stage's tables, with the step ``costed`` in its engine.
        lines: service lines in scope.
        hosted: the condition that a line is not tied to persons.

    Raises:
        ConfigurationError: a budget names a condition that nobody has on record.
    """
    budgets = given.plan.budgets
    if not any(budget.conditions for budget in budgets):
        return {}
    _refuse_unknown_conditions(given)
    engine = given.engine
    engine.or_empty(table("person_merges"))
    wanted = tuple(sorted({name for budget in budgets for name in budget.conditions}))
    engine.step(
        "condition_people",
        Statement.read(_SQL / "condition_people.sql"),
        flags=_flags(budgets),
        snapshot=given.plan.snapshot_date,
        conditions=wanted,
    )
    engine.lend("scope_lines", pa.table({"service_line": list(lines)}))
    values = {"budget": claim(budgets), "having": _having(budgets), "hosted": hosted}
    engine.step("condition_cost", Statement.read(_SQL / "condition_cost.sql"), **values)
    order = "place, segment, service_line, budget"
    return {"condition_cost": engine.frame(f"select * from condition_cost order by {order}")}


def claim(budgets: tuple[BudgetScope, ...]) -> Sql:
    """The budget that a person's cost on a line belongs to, as an expression: the first in the list that claims it."""
    cases = " ".join(f"when {_fits(number, budget)} then {literal(budget.id)}" for number, budget in enumerate(budgets))
    return Sql(f"case {cases} else {literal(OUTSIDE)} end")


def _fits(number: int, budget: BudgetScope) -> str:
    parts = [
        f"{column} in {literal(names)}"
        for column, names in (("segment", budget.segments), ("service_line", budget.lines))
        if names
    ]
    return " and ".join([*parts, *([f"has_{number}"] if budget.conditions else [])]) or "true"


def _numbered(budgets: tuple[BudgetScope, ...]) -> list[tuple[int, BudgetScope]]:
    return [(number, budget) for number, budget in enumerate(budgets) if budget.conditions]


def _flags(budgets: tuple[BudgetScope, ...]) -> Sql:
    return Sql(
        ", ".join(
            f"max(case when conditions.condition in {literal(budget.conditions)} then 1 else 0 end) = 1 as has_{number}"
            for number, budget in _numbered(budgets)
        )
    )


def _having(budgets: tuple[BudgetScope, ...]) -> Sql:
    """Whether a person has a condition of each budget; one without any on record has none."""
    return Sql(
        ", ".join(f"coalesce(having_it.has_{number}, false) as has_{number}" for number, _ in _numbered(budgets))
    )


def _refuse_unknown_conditions(given: Given) -> None:
    if not given.has("conditions"):
        raise ConfigurationError("budgets: some are for people with conditions, and the locality has no conditions.")
    known = given.engine.arrow("select distinct condition from conditions").column("condition").to_pylist()
    refuse_strangers(given.plan.budgets, {"conditions": known})
