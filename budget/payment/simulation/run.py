"""A simulation from the tables and assumptions of a run to its tables; the payment stage and the command share it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.assumptions.draws import Draws
from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement
from budget.payment.simulation.gathering import plan_of
from budget.payment.simulation.party_risk import party_risk
from budget.payment.simulation.paying import Happened
from budget.payment.simulation.plan import Plan
from budget.payment.simulation.results import Simulation
from budget.payment.simulation.rules import ASSUMED, RuleBook
from budget.payment.simulation.shocks import PlaceRisk, Shock, cases, drawn
from budget.payment.simulation.tables import (
    contract_simulation,
    forms_not_simulated,
    payment_simulation,
    service_line_margins,
)
from budget.volume import planned_activity

Floats = NDArray[np.float64]

ASSUMPTIONS = tuple(
    sorted(
        {name for form in ASSUMED.values() for name in form.values()}
        | {
            "choice_lines",
            "gainloss_basis",
            "growth_nondemographic",
            "list_churn",
            "outcome_score",
            "primary_care_lines",
            "provider_fixed_cost_share",
            "simulated_activity",
            "simulation_draws",
            "simulation_seed",
        }
    )
)
"""What a simulation assumes."""


@dataclass(frozen=True)
class Tables:
    """What a simulation reads of a run.

    Attributes:
        budget: ``integrated_budget``.
        activity: ``provider_activity``.
        choice: ``choice_by_provider``; None where the run has none, and nothing is planned for choice.
        cover: ``risk_pool_cover``, whose deviation of a year's cost is that of chance alone.
        ledger: ``budget_ledger``, whose growth of people and demand the planned units follow.
    """

    budget: pd.DataFrame
    activity: pd.DataFrame
    choice: pd.DataFrame | None
    cover: pd.DataFrame
    ledger: pd.DataFrame


@dataclass(frozen=True)
class Asked:
    """What is to be simulated.

    Attributes:
        year: the budget year.
        ratios: actual over planned activity, one case each.
        draws: how many draws; none where it is nought.
        seed: where they start from.
        lines: activity of service lines, times the ratio or draw.
        parties: activity of parties, times the ratio or draw.
        forms: ids of forms; all of them where there are none.
    """

    year: FinancialYear
    ratios: Sequence[float]
    draws: int
    seed: int
    lines: Mapping[str, float]
    parties: Mapping[str, float]
    forms: Collection[str] = ()


def asked_by(assumptions: Assumptions, year: FinancialYear) -> Asked:
    """What assumptions ask for: the cases and draws of a published run."""
    return Asked(
        year=year,
        ratios=assumptions.numbers("simulated_activity", year),
        draws=int(assumptions.number("simulation_draws", year)),
        seed=int(assumptions.number("simulation_seed", year)),
        lines={},
        parties={},
    )


def simulate(
    asked: Asked, tables: Tables, assumptions: Assumptions, agreements: Sequence[Agreement]
) -> dict[str, pd.DataFrame]:
    """Simulate a budget year.

    Args:
        asked: what is to be simulated.
        tables: those of the run.
        assumptions: at least ``ASSUMPTIONS``.
        agreements: the contracts; those that are not in force in the year are left out.

    Raises:
        ConfigurationError: a line or party that is not in the plan, or an assumption without a value.

    Returns:
        ``service_line_margins``, ``payment_simulation``, ``contract_simulation``, ``forms_not_simulated`` and, where
        there are draws, ``party_risk``; nothing where no local provider has any of the budget.
    """
    in_force = [agreement for agreement in agreements if agreement.covers(asked.year)]
    fixed = assumptions.number("provider_fixed_cost_share", asked.year)
    activity = planned_activity(tables.activity, tables.ledger, str(asked.year))
    plan = plan_of(in_force, tables.budget, activity, tables.choice, str(asked.year), fixed)
    if plan is None:
        return {}
    lines = frozenset(assumptions.words("primary_care_lines", asked.year))
    simulation = Simulation(RuleBook(plan, assumptions, asked.year, lines), asked.forms)
    further, score = _further(plan, asked), assumptions.entry("outcome_score", asked.year)
    told = np.full(len(asked.ratios), float(score.value))  # type: ignore[arg-type]
    case = Happened.of(plan, cases(asked.ratios, len(plan.rows)).times(further), told).booked()
    margins = service_line_margins(simulation, case, asked.ratios)
    written = {
        "service_line_margins": margins,
        "payment_simulation": payment_simulation(margins, plan.rows.groupby("party").size()),
        "contract_simulation": contract_simulation(simulation, case, asked.ratios),
        "forms_not_simulated": forms_not_simulated(simulation),
    }
    if asked.draws:
        draws = Draws(asked.seed, asked.draws)
        shock = _drawn(plan, tables.cover, assumptions, asked.year, draws).times(further)
        many = Happened.of(plan, shock, np.broadcast_to(draws.of(score), (asked.draws,)))
        written["party_risk"] = party_risk(simulation, many, asked.seed)
    return written


def _further(plan: Plan, asked: Asked) -> Floats:
    """What the activity of each row is multiplied with, by its line and its party; one where nothing is asked.

    Raises:
        ConfigurationError: a line or party that is not in the plan.
    """
    ratios = np.ones(len(plan.rows))
    for kind, column, given in (("line", "service_line", asked.lines), ("party", "party", asked.parties)):
        known = plan.rows[column].astype(str)
        strangers = sorted(set(given) - set(known))
        if strangers:
            told = ", ".join(sorted(set(known)))
            raise ConfigurationError(f"{', '.join(strangers)}: no {kind} of the plan; known: {told}.")
        ratios *= np.array([given.get(name, 1.0) for name in known])  # one: nothing is asked of it
    return ratios


def _drawn(plan: Plan, cover: pd.DataFrame, assumptions: Assumptions, year: FinancialYear, draws: Draws) -> Shock:
    of_place = cover[(cover["financial_year"] == str(year)) & (cover["scale"] == "place")].set_index("unit")["sd_share"]
    risks = {
        place: PlaceRisk(float(of_place[place]), assumptions.entry("list_churn", year, place=place))
        for place in plan.places
    }
    lines = list(map(str, plan.rows["service_line"]))
    growth = {
        (line, place): assumptions.entry("growth_nondemographic", year, line=line, place=place)
        for line in dict.fromkeys(lines)
        for place in plan.places
    }
    return drawn(plan.mix, lines, risks, growth, draws)
