"""Reconciliation of patient choice: what was planned by provider and line beside what was done and paid for (C6)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.payment.inyear.known import sum_if_known
from budget.payment.inyear.months import MONTHS
from budget.payment.inyear.pennies import booked

_PAIR = ["place", "service_line", "provider_code"]


def reconcile_choice(
    planned: pd.DataFrame, actual: pd.DataFrame, terms: pd.DataFrame, year: str, month: int
) -> pd.DataFrame:
    """Planned and actual patient choice to date, by place, line and provider.

    What was done costs its stated amount, row by row; a row that states units alone costs them at the planned price.
    The difference is the commissioner's and goes to the pool or comes from it, or the prime provider's, who bears it
    (the method, step 11 and C6). A provider that was not planned has a plan of nothing.

    Args:
        planned: ``choice_by_provider``.
        actual: ``actual_choice`` up to the month.
        terms: ``choice_terms``: who holds the money.
        year: the financial year.
        month: how many months are settled; the plan to date is that many twelfths.

    Returns:
        place, service_line, provider_code, planned_units, planned_pence, actual_units, actual_pence, difference_pence
        (actual less planned), volume_pence and price_pence (its parts, where all units are known), method, holder.

    Raises:
        ValueError: a row has neither an amount nor units that the plan has a price for.
    """
    here = planned[planned["financial_year"].astype(str) == year]
    plan = here.groupby(_PAIR, as_index=False).agg(
        planned_units=("planned_units", "first"), price=("unit_price_pence", "first"), whole=("planned_pence", "sum")
    )
    plan["planned_pence"] = booked(plan["whole"].to_numpy(dtype=np.float64) * month / MONTHS)
    plan["planned_units"] = plan["planned_units"] * month / MONTHS
    done = _done(actual, plan)
    told = plan.merge(done, on=_PAIR, how="outer", validate="one_to_one").sort_values(_PAIR, ignore_index=True)
    # nothing was done there: a true zero
    told["actual_pence"] = booked(told["paid_pence"].where(told["paid_pence"].notna(), 0.0))
    told["planned_pence"] = told["planned_pence"].where(told["planned_pence"].notna(), 0).astype("int64")
    told["difference_pence"] = told["actual_pence"] - told["planned_pence"]
    told["volume_pence"] = (told["actual_units"] - told["planned_units"]) * told["price"]
    told["price_pence"] = told["difference_pence"] - told["volume_pence"]
    method = terms.loc[terms["financial_year"].astype(str) == year, ["method", "holder"]].iloc[0]
    return told.drop(columns=["whole", "price", "paid_pence"]).assign(**method.to_dict())


def known_choice(
    planned: pd.DataFrame, actual: pd.DataFrame, month: int, last: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Patient choice as far as it can be cut to a month: rows up to it, and the plan of what they are held against.

    A row without a month is a sum of all months that are settled. No earlier month is known of its provider, place and
    line, which wait for the last one.

    Args:
        planned: ``choice_by_provider``.
        actual: ``actual_choice`` up to the last month.
        month: to whose end.
        last: how many months are settled.

    Returns:
        Rows of the plan and of what was done.
    """
    if month >= last:
        return planned, actual
    waiting = actual[actual["month"].isna()]
    until = actual[~_of_pairs(actual, waiting) & (actual["month"].astype("float64") <= month)]
    return planned[~_of_pairs(planned, waiting)], until


def _of_pairs(rows: pd.DataFrame, pairs: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are of a provider, place and line that others name."""
    return pd.MultiIndex.from_frame(rows[_PAIR]).isin(pd.MultiIndex.from_frame(pairs[_PAIR]))


def _done(actual: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """What was done and what it cost; units are nothing where one of the rows does not state them."""
    rows = actual.merge(plan[[*_PAIR, "price"]], on=_PAIR, how="left", validate="many_to_one")
    units, stated = rows["units"].astype("float64"), rows["amount_pence"].astype("float64")
    rows = rows.assign(actual_units=units, paid_pence=stated.where(stated.notna(), units * rows["price"]))
    if rows["paid_pence"].isna().any():
        raise ValueError("a row of patient choice has neither an amount nor units with a planned price")
    sums = rows.groupby(_PAIR)
    return pd.DataFrame(
        {"actual_units": sum_if_known(sums, "actual_units"), "paid_pence": sums["paid_pence"].sum()}
    ).reset_index()
