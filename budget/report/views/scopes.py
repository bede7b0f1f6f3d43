"""The budget by the locality's own scopes, and what lies outside all of them."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables
from budget.report.views.budget import MONEY
from budget.scope import OUTSIDE


def by_scope(tables: RunTables) -> pd.DataFrame:
    """One row a year, budget and place, with its ``name``; what is outside all budgets comes last."""
    frame = tables["scoped_budgets"]
    named = frame.assign(
        name=frame["title"].where(frame["title"].notna(), frame["budget"]), last=frame["budget"] == OUTSIDE
    )
    keys = ["financial_year", "last", "name", "place"]
    return named.groupby(keys, as_index=False)[list(MONEY)].sum().drop(columns="last")


def by_line(tables: RunTables, year: str) -> pd.DataFrame:
    """Allocation of each budget by service line in one year: budgets down, lines across, outside last."""
    frame = tables["scoped_budgets"]
    chosen = frame[frame["financial_year"] == year]
    name = chosen["title"].where(chosen["title"].notna(), chosen["budget"])
    wide = chosen.assign(name=name, last=chosen["budget"] == OUTSIDE).pivot_table(
        index=["last", "name"], columns="service_line", values="allocation_pence", aggfunc="sum", fill_value=0
    )
    return wide.droplevel("last")
