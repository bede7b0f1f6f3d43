"""People above the stop-loss threshold, and what a pool would pay of their excess (the method, step 11)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from budget.engine.statement import Statement
from budget.kernel.money import half_up
from budget.stage import Given

_SQL = Path(__file__).parent / "sql"


def high_cost(given: Given) -> pd.DataFrame:
    """Excess of the base year over the first budget year's threshold by place, in the columns of ``high_cost``."""
    year = given.plan.budget_years[0]
    threshold = given.assumptions.pence("stop_loss_threshold", year)
    coverage = given.assumptions.number("stop_loss_coverage", year)
    found = given.engine.frame(Statement.read(_SQL / "high_cost.sql"), threshold=threshold)
    places = pd.DataFrame({"place": sorted(set(given.frame("baseline_lines")["place"]))})
    table = places.merge(found, on="place", how="left")
    for name in ("people_over", "excess_pence"):
        # a place where nobody is above the threshold has nothing to pool: a true zero
        table[name] = table[name].where(table[name].notna(), 0).astype("int64")
    table["excess_squares"] = table["excess_squares"].where(table["excess_squares"].notna(), 0.0)
    pooled = [half_up(int(pence) * coverage) for pence in table["excess_pence"]]
    return table.assign(threshold_pence=threshold, coverage=coverage, pool_pence=pooled)
