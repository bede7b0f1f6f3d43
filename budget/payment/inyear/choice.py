"""Reconciliation of patient choice: what was planned by provider and line beside what was done and paid for (C6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.payment.inyear.months import MONTHS
from budget.payment.inyear.pennies import booked

_PAIR = ["place", "service_line", "provider_code"]


def reconcile_choice(
    planned: pd.DataFrame, actual: pd.DataFrame, terms: pd.DataFrame, year: str, month: int
) -> pd.DataFrame:
    """Planned and actual patient choice to date, by place, line and provider.

    What was done costs its stated amount; where only units are stated, units at the planned price. The difference is
    the commissioner's and goes to the pool or comes from it, or the prime provider's, who bears it (the method, step 11
    and C6). A provider that was not planned has a plan of nothing.

    Args:
        planned: ``choice_by_provider``.
        actual: ``actual_choice`` up to the month.
        terms: ``choice_terms``: who holds the money.
        year: the financial year.
        month: how many months are settled; the plan to date is that many twelfths.

    Returns:
        place, service_line, provider_code, planned_units, planned_pence, actual_units, actual_pence, difference_pence
        (actual less planned), volume_pence and price_pence (its parts, where both are known), method, holder.
    """
    here = planned[planned["financial_year"].astype(str) == year]
    plan = here.groupby(_PAIR, as_index=False).agg(
        planned_units=("planned_units", "first"), price=("unit_price_pence", "first"), whole=("planned_pence", "sum")
    )
    plan["planned_pence"] = booked(plan["whole"].to_numpy(dtype=np.float64) * month / MONTHS)
    plan["planned_units"] = plan["planned_units"] * month / MONTHS
    told = plan.merge(_done(actual), on=_PAIR, how="outer", validate="one_to_one").sort_values(_PAIR, ignore_index=True)
    paid = told["stated_pence"].where(told["amounts"] > 0, told["actual_units"] * told["price"])
    told["actual_pence"] = booked(paid.where(paid.notna(), 0.0))  # nothing was done there: a true zero
    told["planned_pence"] = told["planned_pence"].where(told["planned_pence"].notna(), 0).astype("int64")
    told["difference_pence"] = told["actual_pence"] - told["planned_pence"]
    told["volume_pence"] = (told["actual_units"] - told["planned_units"]) * told["price"]
    told["price_pence"] = told["difference_pence"] - told["volume_pence"]
    method = terms.loc[terms["financial_year"].astype(str) == year, ["method", "holder"]].iloc[0]
    return told.drop(columns=["whole", "price", "stated_pence", "amounts"]).assign(**method.to_dict())


def _done(actual: pd.DataFrame) -> pd.DataFrame:
    """Units and stated amounts of what was done, and how many amounts were stated."""
    sums = actual.groupby(_PAIR)
    done = {
        "actual_units": sums["units"].sum(min_count=1).astype("float64"),
        "stated_pence": sums["amount_pence"].sum(min_count=1).astype("float64"),
        "amounts": sums["amount_pence"].count(),
    }
    return pd.DataFrame(done).reset_index()
