"""What actual spend is held against: the plan to date, the trend of the base year, or a counterfactual."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.kernel.money import apportion_within, half_up
from budget.payment.settlement.holdings import WHO
from budget.payment.settlement.terms import Deal


def paid_on_account(held: pd.DataFrame, profile: pd.DataFrame, year: str, month: int) -> pd.DataFrame:
    """What has been paid month by month, with every row of the budget: the places' monthly payments, to the penny.

    Args:
        held: ``holdings``.
        profile: ``monthly_profile``.
        year: the budget year.
        month: how many months have been paid.

    Returns:
        ``held`` with account_pence.
    """
    here = profile[(profile["financial_year"].astype(str) == year) & (profile["month"] <= month)]
    paid = here.groupby("place")["payment_pence"].sum()
    places = held["place"].drop_duplicates().reset_index(drop=True)
    number = held["place"].map({place: n for n, place in enumerate(places)}).to_numpy(dtype=np.intp)
    weights = held["annual_pence"].clip(lower=0).to_numpy(dtype=np.float64)
    totals = paid.reindex(places).to_numpy(dtype=np.int64)
    return held.assign(account_pence=apportion_within(totals, weights, number))


def trend(funding_gap: pd.DataFrame, year: str) -> pd.Series:
    """What present services would cost if nothing were done over what is allocated, by place (``baseline_trend``)."""
    here = funding_gap[funding_gap["financial_year"].astype(str) == year].set_index("place")
    return here["do_nothing_pence"] / here["allocation_pence"]


def expected_to_date(
    deal: Deal, lines: pd.DataFrame, trend_index: pd.Series | None, counterfactual: pd.DataFrame | None
) -> int:
    """E of a contract to date, in whole pence.

    Args:
        deal: the contract and what it expects.
        lines: its place and planned_pence to date (on account and list changes).
        trend_index: ``trend``.
        counterfactual: kind, contract, party, amount_pence of what care would have cost otherwise, to date.

    Raises:
        ConfigurationError: what the contract expects is not known.
    """
    match deal.expected_basis:
        case "plan":
            return int(lines["planned_pence"].sum())
        case "baseline_trend":
            if trend_index is None:
                raise ConfigurationError(
                    f"{deal.id}: expected_basis is baseline_trend, and the run has no funding_gap."
                )
            return half_up(float((lines["planned_pence"] * lines["place"].map(trend_index)).sum()))
        case "counterfactual":
            if counterfactual is None:
                raise ConfigurationError(
                    f"{deal.id}: expected_basis is counterfactual; hand over counterfactual_spend with the actuals."
                )
            return int(of_contract(counterfactual, deal)["amount_pence"].sum())


def of_contract(rows: pd.DataFrame, deal: Deal) -> pd.DataFrame:
    """The rows of a contract."""
    return rows[(rows[WHO[0]] == deal.kind) & (rows[WHO[1]] == deal.id)]
