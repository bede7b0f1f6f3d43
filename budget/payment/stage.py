"""The payment stage: the integrated budget, its rates and months, and what providers would be paid."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError
from budget.payment.agreements import (
    Agreement,
    Known,
    contract_measures,
    contract_plans,
    contract_terms,
    read_agreements,
)
from budget.payment.contributions import contributions
from budget.payment.integrated import broad_group_budget, integrated_budget, monthly_profile, segment_rates
from budget.payment.money_flow import money_flow
from budget.payment.pool_cover import Spread, risk_pool_cover
from budget.payment.practice_groups import practice_groups
from budget.payment.scale import budget_by_scale, systems_of
from budget.payment.scoped import scoped_budgets
from budget.payment.simulation.run import ASSUMPTIONS, Tables, asked_by, simulate
from budget.plan import Plan
from budget.scope import refuse_strangers
from budget.stage import Given, Stage, Written
from budget.volume import planned_activity


def express_payments(given: Given) -> Written:
    """Express the ledger as budgets, rates and months, and simulate payment where providers are known."""
    weights = given.frame("need_weights")
    used, ledger = weights[weights["used"]], given.frame("budget_ledger")
    people = used[["financial_year", "place", "weighted_people"]]
    budget = integrated_budget(ledger, given.frame("segment_people"), people)
    rates = segment_rates(budget)
    practices = given.frame("practices") if given.has("practices") else None
    systems = systems_of(practices, sorted(budget["place"].unique())) if practices is not None else {}
    scales = budget_by_scale(budget, given.plan.title, systems, _groups(given, budget, practices, used))
    written = {
        "integrated_budget": budget,
        "broad_group_budget": broad_group_budget(budget, given.frame("segments")),
        "budget_by_scale": scales,
        "contributions": contributions(budget, ledger),
        "risk_pool_cover": risk_pool_cover(
            scales,
            _spreads(given, systems),
            given.assumptions.number("person_cost_cv", given.plan.budget_years[0]),
        ),
        "segment_rates": rates,
        "monthly_profile": monthly_profile(rates),
        **_scoped(given, budget),
    }
    return {**written, **_by_provider(given, budget, written["risk_pool_cover"])}


def _by_provider(given: Given, budget: pd.DataFrame, cover: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Contracts, where the money goes, and the first budget year under every form, where providers are known."""
    if not given.has("provider_activity"):
        if given.plan.contracts is not None:
            lacking = "contracts need activity by provider, which the locality does not have"
            raise ConfigurationError(f"{given.plan.contracts}: {lacking}.")
        return {}
    activity = given.frame("provider_activity")
    agreements = _agreements(given, budget, activity)
    choice = given.frame("choice_by_provider") if given.has("choice_by_provider") else None
    ledger = given.frame("budget_ledger")
    tables = Tables(budget, activity, choice, cover, ledger)
    asked = asked_by(given.assumptions, given.plan.budget_years[0])
    return {
        **_contracts(agreements, budget, planned_activity(activity, ledger, str(asked.year))),
        "money_flow": money_flow(budget, ledger, given.frame("carve_outs"), activity),
        **simulate(asked, tables, given.assumptions, agreements),
    }


def _scoped(given: Given, budget: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The budget by the locality's own scopes, where it has any.

    Raises:
        ConfigurationError: a scope names a segment or line that the budget does not have.
    """
    scopes = given.plan.budgets
    if not scopes:
        return {}
    known = {"segments": set(given.frame("segments")["segment"]), "lines": set(budget["service_line"])}
    refuse_strangers(scopes, known)
    costs = given.frame("condition_cost") if given.has("condition_cost") else None
    if costs is None and any(scope.conditions for scope in scopes):
        raise ConfigurationError("budgets: some are for people with conditions, and the locality has no activity.")
    titles = pd.DataFrame([(scope.id, scope.title) for scope in scopes], columns=["budget", "title"])
    shared = scoped_budgets(budget, scopes, costs)
    return {"scoped_budgets": shared.merge(titles, on="budget", how="left", validate="many_to_one")}


def inspect_contracts(plan: Plan, assumptions: Assumptions, inputs: Collection[str]) -> tuple[CheckResult, ...]:
    """Read the agreements before anything is computed.

    Args:
        plan: the plan of the run.
        assumptions: those that the stage declares.
        inputs: the input tables that the locality has.

    Raises:
        ConfigurationError: an agreement cannot be read, or two claim the same money.
    """
    if plan.contracts is not None:
        read_agreements(plan.contracts)
    return ()


def _agreements(given: Given, budget: pd.DataFrame, activity: pd.DataFrame) -> tuple[Agreement, ...]:
    """The locality's agreements; none where it names no folder.

    Raises:
        ConfigurationError: an agreement cannot be read, or names what the run does not have.
    """
    folder = given.plan.contracts
    if folder is None:
        return ()
    providers = given.frame("providers") if given.has("providers") else None
    return read_agreements(folder, Known.of(budget, activity, providers))


def _contracts(
    agreements: tuple[Agreement, ...], budget: pd.DataFrame, activity: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The agreements as tables, where there are any."""
    if not agreements:
        return {}
    return {
        "contract_terms": contract_terms(agreements),
        "contract_measures": contract_measures(agreements),
        "contract_plans": contract_plans(agreements, budget, activity),
    }


def _groups(
    given: Given, budget: pd.DataFrame, practices: pd.DataFrame | None, used: pd.DataFrame
) -> pd.DataFrame | None:
    """Practice groups, where people are known by practice and some practice names its group."""
    if practices is None or not given.has("segment_detail") or practices["pcn_code"].isna().all():
        return None
    published = given.frame("published_weights") if given.has("published_weights") else None
    people, detail = given.frame("segment_people"), given.frame("segment_detail")
    return practice_groups(budget, people, detail, practices, used, published)


def _spreads(given: Given, systems: dict[str, str]) -> dict[tuple[str, str], Spread]:
    """Spread of persons' cost by scale and unit; nothing where no cost of persons is known."""
    if not given.has("cells"):
        return {}
    first = given.plan.budget_years[0]
    threshold = given.assumptions.pence("stop_loss_threshold", first)
    paid = given.assumptions.number("stop_loss_coverage", first) if _has_stop_loss(given) else 0.0
    by_place = given.frame("cells").groupby("place")
    places = {str(place): Spread.kept(cells, threshold, paid) for place, cells in by_place}
    groups = {("place", place): [place] for place in places} | {("footprint", given.plan.title): list(places)}
    for system in set(systems.values()):
        groups["system", system] = [place for place in places if systems.get(place) == system]
    return {unit: Spread.together(places[place] for place in members) for unit, members in groups.items()}


def _has_stop_loss(given: Given) -> bool:
    """Whether money is set aside for very costly people; where none is, their cost falls on the pool."""
    carved = given.frame("carve_outs")
    return bool((carved["type"].eq("stop_loss") & (carved["planned_pence"] > 0)).any())


PAYMENT = Stage(
    name="payment",
    about="Express the ledger as budgets, rates a head and monthly payments, and simulate payment forms.",
    reads=("budget_ledger", "segment_people", "segments", "need_weights", "carve_outs"),
    may_read=(
        "provider_activity",
        "choice_by_provider",
        "providers",
        "condition_cost",
        "practices",
        "published_weights",
        "segment_detail",
        "cells",
    ),
    assumes=(
        "person_cost_cv",
        "stop_loss_coverage",
        "stop_loss_threshold",
        *ASSUMPTIONS,
    ),
    writes=(
        "integrated_budget",
        "broad_group_budget",
        "budget_by_scale",
        "contributions",
        "risk_pool_cover",
        "segment_rates",
        "monthly_profile",
        "scoped_budgets",
        "money_flow",
        "payment_simulation",
        "contract_simulation",
        "service_line_margins",
        "party_risk",
        "forms_not_simulated",
        "contract_terms",
        "contract_measures",
        "contract_plans",
    ),
    gate="payment",
    run=express_payments,
    inspect=inspect_contracts,
    plan_files=("contract_files",),
)
