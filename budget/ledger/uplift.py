"""What prices do between the base year and a budget year, for sums that are carried forward (F15, F16)."""

from __future__ import annotations

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.plan import Plan


def uplift(assumptions: Assumptions, plan: Plan, year: FinancialYear, line: str, place: str) -> float:
    """Price of a budget year over that of the base year: the years' uplift net of efficiency, compounded (step 8)."""
    factor = 1.0
    for each in plan.budget_years:
        if each > year:
            break
        rise = assumptions.number("cost_uplift_factor", each, line=line, place=place)
        saved = assumptions.number("efficiency_factor", each, line=line, place=place)
        additive = assumptions.choice("uplift_combination", each) == "additive"
        factor *= 1 + rise - saved if additive else (1 + rise) * (1 - saved)
    return factor
