"""Where the money goes: from every commissioner, through the parts of the budget, to whoever is paid or holds it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.money import apportion_within

_HELD = {"stop_loss": "stop_loss", "specialised": "nhs_england", "specialised_lines": "nhs_england"}
"""Who holds what is carved out; what is not named here goes to providers outside the footprint."""
_CARVED = ("choice_carve_out", "other_carve_outs")
_PAID = {"core_pence": "core", "incentive_pence": "incentive"}
_SHARED = ["place", "service_line", "commissioner"]
_FLOW = ["commissioner", "part", "payee_kind", "payee"]


def money_flow(
    budget: pd.DataFrame, ledger: pd.DataFrame, carve_outs: pd.DataFrame, activity: pd.DataFrame
) -> pd.DataFrame:
    """The first budget year's money by commissioner, part of the budget and payee.

    Core and incentive of a place and line go to its local providers by what their care cost in the base year, by
    largest remainder; where there is none they go to ``no_local_provider``. What is carved out is shared to kinds by
    what was planned in the place, the risk pool is held.

    Args:
        budget: ``integrated_budget``.
        ledger: ``budget_ledger``.
        carve_outs: ``carve_outs``.
        activity: ``provider_activity``.

    Returns:
        The columns of ``money_flow``; the parts of a commissioner add up to its part of the budget.
    """
    year = budget["financial_year"].min()
    this = budget[budget["financial_year"] == year]
    pool = this.groupby("commissioner", as_index=False)["risk_pool_pence"].sum()
    held = pool.rename(columns={"risk_pool_pence": "amount_pence"}).assign(
        part="risk_pool", payee_kind="held", payee="risk_pool"
    )
    movements = ledger[ledger["financial_year"] == year]
    planned = carve_outs[carve_outs["financial_year"] == year]
    flows = [_paid(this, activity[activity["local"]]), held, *(_carved(movements, planned, step) for step in _CARVED)]
    together = pd.concat(flows, ignore_index=True).groupby(_FLOW, as_index=False, sort=True)["amount_pence"].sum()
    return together[together["amount_pence"] != 0].assign(financial_year=year).reset_index(drop=True)


def _paid(budget: pd.DataFrame, local: pd.DataFrame) -> pd.DataFrame:
    sums = budget.groupby(_SHARED, as_index=False)[list(_PAID)].sum().reset_index(names="number")
    costs = local.groupby(["place", "service_line", "provider_code"], as_index=False)["cost_pence"].sum()
    costs = costs[costs["cost_pence"] > 0]
    shared = sums.merge(costs, on=["place", "service_line"], how="left", validate="many_to_many")
    nobody = shared["provider_code"].isna()
    weight = shared["cost_pence"].mask(nobody, 1).to_numpy(dtype=np.float64)
    of = shared["number"].to_numpy(dtype=np.intp)
    told = shared[["commissioner"]].assign(
        payee_kind=np.where(nobody, "unknown", "provider"),
        payee=shared["provider_code"].mask(nobody, "no_local_provider"),
    )
    return pd.concat(
        [
            told.assign(part=part, amount_pence=apportion_within(sums[name].to_numpy(dtype=np.int64), weight, of))
            for name, part in _PAID.items()
        ]
    )


def _carved(movements: pd.DataFrame, planned: pd.DataFrame, step: str) -> pd.DataFrame:
    """What a step carves out, by kind: a place's kinds take it from its commissioners alike."""
    kinds = planned[(planned["type"] == "choice") == (step == "choice_carve_out")]
    taken = (
        movements[movements["step"] == step].groupby(["place", "commissioner"], as_index=False)["amount_pence"].sum()
    )
    taken = taken[taken["amount_pence"] != 0].reset_index(drop=True).reset_index(names="number")
    shared = taken.merge(kinds[["place", "type", "planned_pence"]], on="place", how="left", validate="many_to_many")
    amounts = apportion_within(
        -taken["amount_pence"].to_numpy(dtype=np.int64),
        shared["planned_pence"].to_numpy(dtype=np.float64),
        shared["number"].to_numpy(dtype=np.intp),
    )
    payee = shared["type"].map(_HELD)
    return pd.DataFrame(
        {
            "commissioner": shared["commissioner"],
            "part": shared["type"],
            "payee_kind": np.where(payee.isna(), "outside", "held"),
            "payee": payee.mask(payee.isna(), "providers_outside"),
            "amount_pence": amounts,
        }
    )
