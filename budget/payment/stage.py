"""The payment stage: the integrated budget, its rates and months, and what providers would be paid."""

from __future__ import annotations

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear
from budget.payment.forms import Activity, Blended, Block, BlockWithTolerance, CapAndCollar, MarginalRate, PaymentForm
from budget.payment.integrated import broad_group_budget, integrated_budget, monthly_profile, segment_rates
from budget.payment.scoped import scoped_budgets
from budget.payment.simulate import contracts, payments
from budget.scope import refuse_strangers
from budget.stage import Given, Stage, Written


def express_payments(given: Given) -> Written:
    """Express the ledger as budgets, rates and months, and simulate payment where providers are known."""
    weights = given.frame("need_weights")
    used = weights[weights["used"]][["financial_year", "place", "weighted_people"]]
    budget = integrated_budget(given.frame("budget_ledger"), given.frame("segment_people"), used)
    rates = segment_rates(budget)
    written = {
        "integrated_budget": budget,
        "broad_group_budget": broad_group_budget(budget, given.frame("segments")),
        "segment_rates": rates,
        "monthly_profile": monthly_profile(rates),
        **_scoped(given, budget),
    }
    if not given.has("provider_activity"):
        return written
    year = given.plan.budget_years[0]
    activity = given.frame("provider_activity")
    ratios = given.assumptions.numbers("simulated_activity", year)
    fixed = given.assumptions.number("provider_fixed_cost_share", year)
    written["payment_simulation"] = payments(_providers(activity), _forms(given.assumptions, year), ratios, fixed)
    parties = _providers(activity[activity["local"]])
    if not parties.empty:
        written["contract_simulation"] = contracts(parties, ratios, fixed)
    return written


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


def _providers(activity: pd.DataFrame) -> pd.DataFrame:
    """Planned value of each provider: what the base year's activity there cost."""
    keys = ["provider_code", "provider_name"]
    sums = activity.groupby(keys, as_index=False, dropna=False)["cost_pence"].sum()
    return sums.rename(columns={"cost_pence": "planned_pence"}).sort_values("provider_code", ignore_index=True)


def _forms(assumptions: Assumptions, year: FinancialYear) -> tuple[PaymentForm, ...]:
    def value(name: str) -> float:
        return assumptions.number(name, year)

    return (
        Block(),
        BlockWithTolerance(value("tolerance_band"), value("tolerance_share")),
        Activity(),
        CapAndCollar(value("cap_and_collar")),
        MarginalRate(value("marginal_rate")),
        Blended(value("blended_share")),
    )


PAYMENT = Stage(
    name="payment",
    about="Express the ledger as budgets, rates a head and monthly payments, and simulate payment forms.",
    reads=("budget_ledger", "segment_people", "segments", "need_weights"),
    may_read=("provider_activity", "condition_cost"),
    assumes=(
        "simulated_activity",
        "tolerance_band",
        "tolerance_share",
        "cap_and_collar",
        "marginal_rate",
        "blended_share",
        "provider_fixed_cost_share",
    ),
    writes=(
        "integrated_budget",
        "broad_group_budget",
        "segment_rates",
        "monthly_profile",
        "scoped_budgets",
        "payment_simulation",
        "contract_simulation",
    ),
    gate="payment",
    run=express_payments,
)
