"""How far the budgets of a run may lie off: its ledger on many draws of the assumptions, over the tables it left."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from budget.assumptions.draws import Draws, name_of
from budget.assumptions.resolved import Assumptions
from budget.engine import DuckEngine
from budget.ledger.book import ALLOCATED
from budget.ledger.stage import LEDGER, book_years, need_error
from budget.ledger.uncertainty.paths import draw_years
from budget.ledger.uncertainty.ranges import budget_range, shares_of_variance
from budget.plan import Plan
from budget.scenario.recompute import InMemory, Tables


@dataclass(frozen=True)
class Uncertain:
    """Budgets with their ranges.

    Attributes:
        budgets: the columns of ``budget_range``.
        shares: see ``shares_of_variance``.
        fixed: numbers of the ledger that state no range.
        not_drawn: assumptions that state a range and were not drawn: they reach behind the ledger, or beside it.
        seconds: what the draws took, without reading tables and booking once.
    """

    budgets: pd.DataFrame
    shares: pd.DataFrame
    fixed: tuple[str, ...]
    not_drawn: tuple[str, ...]
    seconds: float


def draw_budgets(tables: Tables, plan: Plan, assumptions: Assumptions, draws: Draws) -> Uncertain:
    """Draw the budgets of a run.

    Args:
        tables: what the stages before its ledger left.
        plan: the plan of the run; fewer budget years give fewer.
        assumptions: all of the run.
        draws: with seed and count, nothing drawn yet.

    Raises:
        ConfigurationError: the assumptions do not fit together.
        RunStopped: the ledger cannot go on with them.
    """
    with DuckEngine() as engine:
        given = InMemory(plan, assumptions.only(LEDGER.assumes), {}, engine, frames=dict(tables.frames))
        books, error = book_years(given), need_error(given)
        bridge = books.tables["growth_bridge"]
    started = time.perf_counter()
    drawn = tuple(draw_years(books.pairs, books.years, draws, error))
    budgets = budget_range(drawn, bridge, ALLOCATED, plan.title, draws)  # type: ignore[arg-type]
    seconds = time.perf_counter() - started
    return Uncertain(
        budgets=budgets,
        shares=shares_of_variance(drawn[-1:], plan.title, draws),
        fixed=tuple(sorted(draws.fixed)),
        not_drawn=_not_drawn(assumptions, plan, draws.normals),
        seconds=seconds,
    )


def _not_drawn(assumptions: Assumptions, plan: Plan, drawn: Mapping[str, object]) -> tuple[str, ...]:
    ranged = {
        name_of(entry)
        for (_, scope), entry in assumptions.entries.items()
        if (entry.low is not None or entry.high is not None) and scope.year in (None, *plan.budget_years)
    }
    return tuple(sorted(ranged - set(drawn)))
