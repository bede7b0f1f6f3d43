"""Growth of the population by place, sex and band, from the variants of the official projection."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from budget.engine.statement import Statement
from budget.kernel.errors import refusal
from budget.kernel.years import FinancialYear
from budget.stage import Given

_STATEMENT = Path(__file__).parent / "sql" / "population_growth.sql"


def growth_of(given: Given) -> pd.DataFrame:
    """Growth of every variant that the projection holds, in the columns of ``population_growth_variants``."""
    years = [year.start for year in given.plan.years]
    statement = Statement.read(_STATEMENT)
    growth = given.engine.frame(statement, years=years, base_year=given.plan.base_year.start)
    growth["financial_year"] = [str(FinancialYear(int(year))) for year in growth["start_year"]]
    order = ["variant", "financial_year", "place", "sex", "age_from"]
    return growth.drop(columns="start_year").sort_values(order, ignore_index=True)


def chosen_growth(given: Given, growth: pd.DataFrame) -> pd.DataFrame:
    """Growth of the variant that the assumptions name.

    Raises:
        RunStopped: the projection does not hold it.
    """
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
