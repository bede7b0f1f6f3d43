"""The uncertainty of a run: P10 and P90 of its budgets, over the tables of the run."""

from __future__ import annotations

from budget.assumptions.catalogue import parameter
from budget.assumptions.draws import Draws
from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from budget.scenario.uncertainty import draw_budgets
from flows.ranged import Ranged
from flows.sensing import before_the_ledger, years_until
from flows.sides import Again, side_of


def range_budgets(run: Run, year: str | None, draws: int, seed: int, again: Again) -> Ranged:
    """Draw the budgets of a run.

    Args:
        run: a complete run.
        year: the last year to look at; the last budget year when not given.
        draws: how many.
        seed: where they start from.
        again: computes what comes before the ledger, where the store no longer holds it.

    Raises:
        ConfigurationError: the run's locality or inputs are gone, the year is not one of its budget years, or draws or
            seed lie outside what the catalogue allows.
    """
    for name, value in (("draws", draws), ("seed", seed)):
        parameter(f"uncertainty_{name}", f"--{name}").read(value, f"--{name}")
    if not draws:
        raise ConfigurationError("--draws 0: nothing is told of no draws.")
    side = side_of(run)
    if side.bundle is None:
        raise ConfigurationError(side.why_not)
    years = years_until(run, side.budget_years, year or str(side.budget_years[-1]))
    plan = side.bundle.plan.model_copy(update={"budget_years": years})
    tables = before_the_ledger(again, side.bundle)
    return Ranged(run, years[-1], draw_budgets(tables, plan, side.bundle.assumptions, Draws(seed, draws)))
