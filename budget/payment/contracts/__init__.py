"""Contract forms C1 to C10 (the method, section 2.3): who bears a gain or loss when costs differ from budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from budget.payment.contracts.apart import LeadPaysCost, LeadWithFixedBudgets, PrimeProvider, Separate
from budget.payment.contracts.form import COMMISSIONER, FACTS, Account, Bearing, ContractForm, account_of
from budget.payment.contracts.outcome import AlignedIncentive, OutcomeBased, SingleContract
from budget.payment.contracts.pooled import PooledFund
from budget.payment.contracts.settle import booked, settled, sorted_out
from budget.payment.contracts.shared import Alliance, EqualAlliance, PerformanceAlliance, WithCommissioner
from budget.payment.terms import made, named, spelt_out

CONTRACT_FORMS: Mapping[str, type[ContractForm]] = {
    form.id: form
    for form in (
        Separate,
        Alliance,
        EqualAlliance,
        LeadWithFixedBudgets,
        LeadPaysCost,
        WithCommissioner,
        OutcomeBased,
        PrimeProvider,
        PooledFund,
        PerformanceAlliance,
        AlignedIncentive,
        SingleContract,
    )
}
"""Every contract form by its id."""


def contract_form_of(form: str, parameters: Mapping[str, Any], *, where: str = "") -> ContractForm:
    """A contract form with its parameters.

    Args:
        form: the id, C1 to C10.
        parameters: by name.
        where: file and key, for errors.

    Raises:
        ConfigurationError: there is no such form; a parameter is unknown, missing or out of bounds.
    """
    return made(CONTRACT_FORMS, form, parameters, where=where)


def settle(form: str, parties: pd.DataFrame, **parameters: Any) -> pd.DataFrame:
    """Settle a contract: who gains or loses what, in whole pence.

    Args:
        form: the id, C1 to C10.
        parties: party, budget_pence, cost_pence, and as the form needs them lead, performance, contribution_pence.
        parameters: those of the form, by name or by their letter in the method, and the outcome ``score``; ``lead``
            may name the party that leads.

    Returns:
        party, kind, budget_pence, cost_pence, result_pence, transfer_pence; see `settled`. What the commissioner,
        pools and other sources bear has rows of its own, so that results add up to ``B - C``.

    Raises:
        ConfigurationError: there is no such form; a parameter, column or fact is unknown or missing.
    """
    facts, agreed = sorted_out(parameters)
    rule = contract_form_of(form, spelt_out(named(CONTRACT_FORMS, form), agreed))
    by_party = {name: value for name, value in facts.items() if name != "score"}
    if "lead" in by_party:
        by_party["lead"] = parties["party"] == by_party["lead"]
    columns = {("contribution_pence" if name == "contribution" else name): value for name, value in by_party.items()}
    return settled(rule, parties.assign(**columns), score=facts.get("score"))


__all__ = [
    "COMMISSIONER",
    "CONTRACT_FORMS",
    "FACTS",
    "Account",
    "Bearing",
    "ContractForm",
    "LeadPaysCost",
    "LeadWithFixedBudgets",
    "account_of",
    "booked",
    "contract_form_of",
    "settle",
    "settled",
]
