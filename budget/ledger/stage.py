"""The ledger stage: every movement of every budget year, and the tables that explain them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from budget.ledger.balance import Balance
from budget.ledger.book import Booked, set_year
from budget.ledger.carving import Carving
from budget.ledger.choice import choice_by_provider, choice_history, choice_terms
from budget.ledger.context import Context
from budget.ledger.effects import population_effects
from budget.ledger.high_cost import high_cost
from budget.ledger.opening import opening_balance, refuse_strangers, shares_of_segments
from budget.stage import Given, Stage, Written


def book_budgets(given: Given) -> Written:
    """Book every budget year in turn; each opens with the allocations of the year before."""
    shares = shares_of_segments(given.frame("segment_cost"))
    first, adjustments = opening_balance(given.frame("baseline_lines"), shares)
    refuse_strangers(given.assumptions, first)
    context = Context(given)
    years: list[Booked] = []
    written: dict[str, Any] = {}
    for number, year in enumerate(given.plan.budget_years):
        if number == 0:
            balance, brought, normalise = Balance.empty(first), first["amount"].to_numpy(), adjustments
            before = float(brought.sum() + normalise.sum())
        else:
            balance = Balance.empty(years[-1].keys)
            brought, normalise = years[-1].allocation, np.zeros(len(balance.keys))
            before = float(years[-1].quantum)
        look = context.year(year, brought, normalise, before)
        if number == 0 and given.has("segment_people_alternatives"):
            alternatives, people = given.frame("segment_people_alternatives"), given.frame("segment_people")
            adjustment = given.assumptions.choice("list_inflation_adjustment")
            written["population_effects"] = population_effects(alternatives, people, adjustment, balance, look)
        years.append(set_year(balance, look))
    ledger = pd.concat([booked.movements for booked in years], ignore_index=True)
    carve_outs = pd.concat([booked.carve_outs for booked in years], ignore_index=True)
    written |= _carved(given, context.carving, ledger, carve_outs)
    return written | {
        "budget_ledger": ledger,
        "growth_bridge": pd.concat([booked.bridge for booked in years], ignore_index=True),
        "pace_of_change": pd.concat([booked.pace for booked in years], ignore_index=True),
        "carve_outs": carve_outs,
    }


def _carved(given: Given, carving: Carving, ledger: pd.DataFrame, carve_outs: pd.DataFrame) -> dict[str, Any]:
    """What stands behind the carve-outs: providers, pairs, people, and who holds the money of patient choice."""
    lines = given.assumptions.words("choice_lines", given.plan.budget_years[0])
    written = carving.tables() | {
        "choice_by_provider": choice_by_provider(given, ledger),
        "choice_terms": choice_terms(given, carve_outs),
    }
    if not carving.providers.empty:
        written["choice_history"] = choice_history(carving.providers, lines)
    if given.has("high_cost_care"):
        written["high_cost"] = high_cost(given, carving)
    return written


LEDGER = Stage(
    name="ledger",
    about="Book every step of every budget year as movements: from baseline to core budget.",
    reads=("baseline_lines", "segment_cost", "segment_people", "need_weights"),
    may_read=(
        "peer_places",
        "provider_activity",
        "provider_history",
        "high_cost_care",
        "segment_people_alternatives",
    ),
    assumes=(
        "list_inflation_adjustment",
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
        "specialised_lines",
        "specialised_services",
        "low_volume_basis",
        "low_volume_threshold",
        "low_volume_limit",
        "low_volume_years",
        "low_volume_activity",
        "non_contract_basis",
        "non_contract_activity",
        "stop_loss_basis",
        "stop_loss_premium",
        "stop_loss_threshold",
        "stop_loss_coverage",
        "risk_pool_share",
        "ips_share",
    ),
    writes=(
        "budget_ledger",
        "growth_bridge",
        "pace_of_change",
        "carve_outs",
        "choice_by_provider",
        "choice_history",
        "choice_terms",
        "low_volume_pairs",
        "carve_out_claims",
        "stop_loss_cost",
        "population_effects",
        "high_cost",
    ),
    gate="ledger",
    run=book_budgets,
)
