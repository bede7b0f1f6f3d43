"""The ledger stage: every movement of every budget year, and the tables that explain them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.money import apportion, half_up
from budget.kernel.years import FinancialYear
from budget.ledger.balance import KEYS, Balance
from budget.ledger.book import Booked, set_year
from budget.ledger.opening import opening_balance, shares_of_segments
from budget.ledger.year import Year
from budget.stage import Given, Stage, Written


def book_budgets(given: Given) -> Written:
    """Book every budget year in turn; each opens with the allocations of the year before."""
    shares = shares_of_segments(given.frame("segment_cost"))
    first, adjustments = opening_balance(given.frame("baseline_lines"), shares)
    context = _Context(given)
    years: list[Booked] = []
    for number, year in enumerate(given.plan.budget_years):
        if number == 0:
            balance, brought, normalise = Balance.empty(first), first["amount"].to_numpy(), adjustments
            before = float(brought.sum() + normalise.sum())
        else:
            balance = Balance.empty(years[-1].keys)
            brought, normalise = years[-1].allocation, np.zeros(len(balance.keys))
            before = float(years[-1].quantum)
        years.append(set_year(balance, context.year(year, brought, normalise, before)))
    return {
        "budget_ledger": pd.concat([booked.movements for booked in years], ignore_index=True),
        "growth_bridge": pd.concat([booked.bridge for booked in years], ignore_index=True),
        "pace_of_change": pd.concat([booked.pace for booked in years], ignore_index=True),
        "carve_outs": pd.concat([booked.carve_outs for booked in years], ignore_index=True),
        "choice_by_provider": context.choice_by_provider(years),
    }


class _Context:
    """The tables of the ledger, read once, and what each year takes from them."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._people = given.frame("segment_people").set_index(["financial_year", "place", "segment"])["people"]
        weights = given.frame("need_weights")
        self._weights = weights[weights["used"]].set_index(["financial_year", "place"])["weighted_people"]
        columns = ["financial_year", "place", "opening_pence", "weighted_people"]
        self._peers = given.frame("peer_places") if given.has("peer_places") else pd.DataFrame(columns=columns)
        self._activity = given.frame("provider_activity") if given.has("provider_activity") else None
        self._cells = given.frame("cells") if given.has("cells") else None

    def year(self, year: FinancialYear, brought: np.ndarray, adjustments: np.ndarray, before: float) -> Year:
        """What the steps of one year look at; ``before`` is the sum that a growing quantum grows from."""
        return Year(
            year=year,
            assumptions=self._given.assumptions,
            brought_forward=brought,
            adjustments=adjustments,
            growth=self._growth(year),
            weighted_people=self._weights.loc[str(year)],
            quantum=self._quantum(year, before),
            peers=self._peers[self._peers["financial_year"] == str(year)],
            outside_share=self._outside_share(),
            excess=self._excess(),
        )

    def choice_by_provider(self, years: list[Booked]) -> pd.DataFrame:
        """The choice carve-out shared to providers outside by what the base year shows of the choice lines."""
        columns = ["financial_year", "place", "provider_code", "provider_name", "planned_pence"]
        if self._activity is None:
            return pd.DataFrame(columns=columns)
        lines = self._given.assumptions.words("choice_lines", self._given.plan.budget_years[0])
        outside = self._activity[~self._activity["local"] & self._activity["service_line"].isin(lines)]
        keys = ["place", "provider_code", "provider_name"]
        flows = outside.groupby(keys, as_index=False, dropna=False)["cost_pence"].sum()
        tables = [_by_provider(booked.carve_outs, flows) for booked in years]
        return pd.concat(tables, ignore_index=True)[columns]

    def _growth(self, year: FinancialYear) -> dict[tuple[str, str], float]:
        """People of the year over people of the year before; a segment that stays empty has no cost to grow."""
        now, before = self._people.loc[str(year)], self._people.loc[str(year.previous)]
        return {key: float(now[key]) / float(before[key]) if before[key] else 1.0 for key in before.index}

    def _quantum(self, year: FinancialYear, before: float) -> int:
        assumptions = self._given.assumptions
        if assumptions.choice("quantum_basis", year) == "given":
            return assumptions.pence("quantum", year)
        return half_up(before * (1 + assumptions.number("quantum_growth", year)))

    def _outside_share(self) -> dict[tuple[str, str], float]:
        if self._activity is None:
            return {}
        keys = ["place", "service_line"]
        whole = self._activity.groupby(keys)["cost_pence"].sum()
        outside = self._activity[~self._activity["local"]].groupby(keys)["cost_pence"].sum()
        return {key: float(outside[key] / whole[key]) for key in outside.index}

    def _excess(self) -> dict[str, float]:
        if self._cells is None:
            return {}
        return {str(place): float(pence) for place, pence in self._cells.groupby("place")["excess_pence"].sum().items()}


def _by_provider(carve_outs: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    choice = carve_outs[carve_outs["type"] == "choice"]
    parts = []
    for row in choice.itertuples():
        here = flows[flows["place"] == row.place]
        if here.empty or not row.planned_pence:
            continue
        planned = apportion(int(row.planned_pence), here["cost_pence"].to_numpy(dtype=np.float64))
        parts.append(here.assign(financial_year=row.financial_year, planned_pence=planned))
    return pd.concat(parts) if parts else flows.iloc[:0].assign(financial_year="", planned_pence=0)


LEDGER = Stage(
    name="ledger",
    about="Book every step of every budget year as movements: from baseline to core budget.",
    reads=("baseline_lines", "segment_cost", "segment_people", "need_weights"),
    may_read=("peer_places", "provider_activity", "cells"),
    assumes=(
        "growth_nondemographic",
        "cost_uplift_factor",
        "efficiency_factor",
        "uplift_combination",
        "investment",
        "savings",
        "quantum_basis",
        "quantum",
        "quantum_growth",
        "pace_rule",
        "pace_min_growth",
        "pace_taper_lo",
        "pace_taper_hi",
        "pace_max_under_target",
        "choice_basis",
        "choice_share",
        "choice_lines",
        "choice_method",
        "carve_out_lines",
        "low_volume_activity",
        "non_contract_activity",
        "stop_loss_basis",
        "stop_loss_premium",
        "stop_loss_threshold",
        "stop_loss_coverage",
        "risk_pool_share",
        "ips_share",
    ),
    writes=("budget_ledger", "growth_bridge", "pace_of_change", "carve_outs", "choice_by_provider"),
    gate="ledger",
    run=book_budgets,
)
