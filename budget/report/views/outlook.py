"""The funding gap, growth in two parts, agreed changes, and whether the pool is big enough."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables
from budget.report.views.budget import YEAR

GAP = (
    "baseline_pence",
    "demographic_pence",
    "nondemographic_pence",
    "price_pence",
    "do_nothing_pence",
    "efficiency_pence",
    "investment_pence",
    "savings_pence",
    "savings_unproven_pence",
    "planned_pence",
    "allocation_pence",
    "target_pence",
    "gap_pence",
    "left_pence",
)


def funding_gap(tables: RunTables) -> pd.DataFrame:
    """The gap of every year and place."""
    return tables["funding_gap"].sort_values([YEAR, "place"], ignore_index=True)


def gap_by_year(tables: RunTables) -> pd.DataFrame:
    """The gap of all places together, one row a year."""
    return tables["funding_gap"].groupby(YEAR, as_index=False)[list(GAP)].sum()


def demography(tables: RunTables) -> pd.DataFrame:
    """Demographic growth of every year and place, numbers apart from mix."""
    return tables["demographic_growth"].sort_values([YEAR, "place"], ignore_index=True)


def policy(tables: RunTables) -> pd.DataFrame:
    """Agreed investments and savings by place."""
    return tables["policy_moves"].sort_values([YEAR, "kind", "move_id", "place"], ignore_index=True)


def policy_by_move(tables: RunTables) -> pd.DataFrame:
    """The same, one row a year and agreed sum, with what it is of all places' budgets."""
    frame = tables["policy_moves"]
    keys = [YEAR, "kind", "move_id", "service_line", "owner", "reason", "source"]
    return frame.groupby(keys, as_index=False, dropna=False)["amount_pence"].sum()


def pool_cover(tables: RunTables) -> pd.DataFrame:
    """The pool against chance: footprint, systems, places, then sizes, each from the smallest."""
    frame = tables["risk_pool_cover"]
    scale = frame["scale"].map({"footprint": 0, "system": 1, "place": 2, "size": 3})
    ordered = frame.assign(order=scale, missing_pence=frame["cover_pence"] - frame["pool_pence"])
    return ordered.sort_values([YEAR, "order", "people"], ignore_index=True)
