"""The budget by scope: each part of the ledger in one budget of the locality's list, or outside all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.money import apportion_within
from budget.scope import OUTSIDE, BudgetScope

_PARTS = ("carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence")
_CELL = ["place", "segment", "service_line"]
_KEYS = ["financial_year", *_CELL, "commissioner"]


def scoped_budgets(
    budget: pd.DataFrame, scopes: Sequence[BudgetScope], condition_cost: pd.DataFrame | None
) -> pd.DataFrame:
    """Share every row of the budget to the scopes that claim it, by largest remainder; the rest is ``outside``.

    A segment's cost on a line goes to the one scope that covers it; where scopes are for people with conditions, by the
    cost of the people whom each of them claims, or by their number where the line shows no cost of persons.

    Args:
        budget: ``integrated_budget``.
        scopes: the locality's budgets, in order.
        condition_cost: ``condition_cost``, where a scope is for people with conditions.

    Returns:
        The columns of ``scoped_budgets``; each column of pence adds up to that of the budget, row by row.
    """
    shares = _by_scope(budget[_CELL].drop_duplicates(), scopes)
    if condition_cost is not None:
        shares = _by_condition(shares, condition_cost)
    whole = budget.reset_index(names="row")[["row", *_KEYS, *_PARTS, "people"]]
    parts = whole.merge(shares, on=_CELL, how="left", validate="many_to_many").sort_values(
        ["row", "order"], ignore_index=True
    )
    for name in _PARTS:
        parts[name] = _shared(budget[name], parts)
    parts["allocation_pence"] = parts[list(_PARTS)].sum(axis=1)
    parts["people"] = parts["people"] * parts["people_share"]
    held = (parts["share"] > 0) | (parts["people_share"] > 0)
    return parts[held].drop(columns=["row", "order", "share", "people_share"]).reset_index(drop=True)


def _shared(pence: pd.Series, parts: pd.DataFrame) -> np.ndarray:
    totals = pence.to_numpy(dtype=np.int64)
    return apportion_within(totals, parts["share"].to_numpy(dtype=np.float64), parts["row"].to_numpy(dtype=np.intp))


def _by_scope(cells: pd.DataFrame, scopes: Sequence[BudgetScope]) -> pd.DataFrame:
    """The scope without conditions that covers each cell, or none: budget, order, share, people_share by cell."""
    whole = [(scope, number) for number, scope in enumerate(scopes) if not scope.conditions]
    rows = []
    for cell in cells.itertuples(index=False):
        covering = (found for found in whole if found[0].covers(cell.segment, cell.service_line))
        scope, order = next(covering, (None, len(scopes)))
        rows.append((*cell, scope.id if scope else OUTSIDE, order))
    table = pd.DataFrame(rows, columns=[*_CELL, "budget", "order"])
    return table.assign(share=1.0, people_share=1.0)


def _by_condition(shares: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Shares of cost and of people where persons are known; a cell without persons stays where it was."""
    cells = costs.groupby(_CELL)[["cost_pence", "people"]].transform("sum")
    people = costs["people"] / cells["people"]
    known = costs[[*_CELL, "budget"]].assign(
        share=(costs["cost_pence"] / cells["cost_pence"]).where(cells["cost_pence"] > 0, people), people_share=people
    )
    known["order"] = known.groupby(_CELL).cumcount()
    nobody = shares["segment"] == UNATTRIBUTED
    with_persons = pd.MultiIndex.from_frame(shares[_CELL]).isin(pd.MultiIndex.from_frame(known[_CELL]))
    return pd.concat([shares[nobody | ~with_persons], known], ignore_index=True)
