"""The same activity under several payment forms and contract forms, side by side for each provider."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.money import half_up
from budget.payment.contracts import contract_form_of, settled
from budget.payment.forms import Care, PaymentForm

_CONTRACTS = ("C1", "C2", "C2e", "C3a")
"""Contract forms that are shown side by side; none of them asks for a parameter."""


def payments(
    providers: pd.DataFrame, forms: tuple[PaymentForm, ...], ratios: tuple[float, ...], fixed_share: float
) -> pd.DataFrame:
    """What each provider is paid, what it costs and what is left, under each form and activity.

    Cost is ``V (f + (1 - f) a)`` for planned value V, fixed share f and actual over planned activity a.

    Args:
        providers: provider_code, provider_name, planned_pence.
        forms: the payment forms.
        ratios: actual over planned activity.
        fixed_share: f.
    """
    planned = np.ones(len(providers))
    price = providers["planned_pence"].to_numpy(dtype=np.float64)
    rows = []
    for ratio in ratios:
        cost = [half_up(value) for value in price * (fixed_share + (1 - fixed_share) * ratio)]
        for form in forms:
            paid = [half_up(float(value)) for value in form.pay(Care(planned, planned * ratio, price))]
            rows.append(
                providers[["provider_code", "provider_name"]].assign(
                    form=form.id,
                    form_name=form.name,
                    activity=ratio,
                    payment_pence=paid,
                    cost_pence=cost,
                    margin_pence=np.subtract(paid, cost),
                    delta_vs_block_pence=np.subtract(paid, providers["planned_pence"]),
                )
            )
    return pd.concat(rows, ignore_index=True)


def contracts(providers: pd.DataFrame, ratios: tuple[float, ...], fixed_share: float) -> pd.DataFrame:
    """Who bears the gain or loss under each contract form, where every provider's activity moves alike.

    Args:
        providers: provider_code, planned_pence; the parties.
        ratios: actual over planned activity.
        fixed_share: share of planned cost that does not move.
    """
    budgets = providers["planned_pence"].to_numpy(dtype=np.int64)
    rows = []
    for ratio in ratios:
        costs = [half_up(value) for value in budgets * (fixed_share + (1 - fixed_share) * ratio)]
        parties = pd.DataFrame({"party": providers["provider_code"], "budget_pence": budgets, "cost_pence": costs})
        for form in (contract_form_of(form, {}) for form in _CONTRACTS):
            rows.append(settled(form, parties).assign(form=form.id, form_name=form.name, activity=ratio))
    return pd.concat(rows, ignore_index=True)
