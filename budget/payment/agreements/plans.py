"""What every party to an agreement is planned to do and to be paid: one place for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from budget.kernel.money import apportion_within
from budget.payment.agreements.model import Agreement, Scope

OUTSIDE = "outside the contract"
"""Stands for local providers that are no party, and for money that no local provider works for."""

_CELL = ["place", "service_line"]
_KEYS = ["contract", "party", "service_line"]


def party_lines(
    agreement: Agreement, budget: pd.DataFrame, activity: pd.DataFrame, year: str | None = None
) -> pd.DataFrame:
    """The plan of every party by service line.

    The contract's money (core and incentive of its scope and commissioners) is shared by place and line to local
    providers by what their care there cost, by largest remainder. Units are those of the part of the cell's money that
    the contract holds; the price is money over units.

    Args:
        agreement: the agreement.
        budget: ``integrated_budget``.
        activity: ``provider_activity`` as it is planned for the year (`budget.volume.planned_activity`).
        year: budget year; the first one where it is not said.

    Returns:
        contract, party, service_line, budget_pence, units, price_pence; those that are no party as `OUTSIDE`. The
        budget adds up to the contract's money, to the penny.
    """
    places = party_place_lines(agreement, budget, activity, year)
    plan = places.groupby(_KEYS, as_index=False)[["budget_pence", "units"]].sum()
    return plan.assign(price_pence=_price(plan))


def party_place_lines(
    agreement: Agreement, budget: pd.DataFrame, activity: pd.DataFrame, year: str | None = None
) -> pd.DataFrame:
    """As `party_lines`, by place: contract, party, place, service_line, budget_pence, units, price_pence."""
    plan = _shared(_of_year(budget, year), activity, agreement.scope, agreement.commissioners)
    parties = {party.party for party in agreement.providers}
    named = plan["provider_code"].where(plan["provider_code"].isin(parties), OUTSIDE)
    keys = ["contract", "party", *_CELL]
    plan = plan.assign(contract=agreement.contract, party=named)
    plan = plan.groupby(keys, as_index=False)[["budget_pence", "units"]].sum()
    return plan.assign(price_pence=_price(plan))


def uncontracted_lines(
    agreements: Sequence[Agreement], budget: pd.DataFrame, activity: pd.DataFrame, year: str | None = None
) -> pd.DataFrame:
    """The plan of local providers for money that is in no agreement.

    Returns:
        party, service_line, budget_pence, units, price_pence; with the plans of the parties of every agreement it
        adds up to core and incentive of every place and line that a local provider works in, but for the pennies that
        rounding leaves between contracts that share a place and line by segment.
    """
    rest = uncontracted_place_lines(agreements, budget, activity, year)
    plan = rest.groupby(["party", "service_line"], as_index=False)[["budget_pence", "units"]].sum()
    return plan.assign(price_pence=_price(plan))


def uncontracted_place_lines(
    agreements: Sequence[Agreement], budget: pd.DataFrame, activity: pd.DataFrame, year: str | None = None
) -> pd.DataFrame:
    """As `uncontracted_lines`, by place: party, place, service_line, budget_pence, units."""
    keys = ["party", *_CELL]
    everything = Scope(places="all", lines=tuple(sorted(budget["service_line"].astype(str).unique())))
    whole = _shared(_of_year(budget, year), activity, everything, None).rename(columns={"provider_code": "party"})
    held = [party_place_lines(agreement, budget, activity, year) for agreement in agreements]
    taken = [plan[plan["party"] != OUTSIDE].assign(**_negative(plan)) for plan in held]
    rest = pd.concat([whole, *taken], ignore_index=True).groupby(keys, as_index=False)[["budget_pence", "units"]].sum()
    return rest[(rest["budget_pence"] > len(agreements)) & (rest["party"] != OUTSIDE)].reset_index(drop=True)


def commissioner_money(agreement: Agreement, budget: pd.DataFrame, year: str | None = None) -> pd.DataFrame:
    """What every commissioner puts into an agreement: commissioner, contribution_pence (core and incentive)."""
    money = _in_scope(_of_year(budget, year), agreement.scope, agreement.commissioners)
    paid = money.groupby("commissioner", as_index=False)["payment_pence"].sum()
    return paid.rename(columns={"payment_pence": "contribution_pence"})


def pool_money(agreement: Agreement, budget: pd.DataFrame, year: str | None = None) -> int:
    """The risk pool that is held beside an agreement's money, pence: that of its scope and commissioners."""
    money = _in_scope(_of_year(budget, year), agreement.scope, agreement.commissioners)
    return int(money["risk_pool_pence"].sum())


def _of_year(budget: pd.DataFrame, year: str | None) -> pd.DataFrame:
    chosen = budget["financial_year"].min() if year is None else year
    money = budget[budget["financial_year"] == chosen]
    return money.assign(payment_pence=money["core_pence"] + money["incentive_pence"])


def _in_scope(money: pd.DataFrame, scope: Scope, commissioners: Sequence[str] | None) -> pd.DataFrame:
    inside = money["service_line"].isin(scope.lines)
    for column, names in (("place", scope.places), ("segment", scope.segments)):
        if names != "all":
            inside &= money[column].isin(names)
    return money[inside if commissioners is None else inside & money["commissioner"].isin(commissioners)]


def _shared(
    money: pd.DataFrame, activity: pd.DataFrame, scope: Scope, commissioners: Sequence[str] | None
) -> pd.DataFrame:
    """Money and units by place, line and local provider; money without one stands under `OUTSIDE`."""
    held = _in_scope(money, scope, commissioners).groupby(_CELL)["payment_pence"].sum().rename("held")
    whole = money.groupby(_CELL)["payment_pence"].sum().rename("whole")
    cells = pd.concat([held, whole], axis=1, join="inner").reset_index().reset_index(names="number")
    local = activity[activity["local"] & (activity["cost_pence"] > 0)]
    there = cells.merge(local[[*_CELL, "provider_code", "units", "cost_pence"]], on=_CELL, how="left")
    nobody = there["provider_code"].isna()
    # money that no local provider works for stays whole, and no units are known of it
    weight = there["cost_pence"].mask(nobody, 1).to_numpy(dtype=np.float64)
    of = there["number"].to_numpy(dtype=np.intp)
    # a cell without money has no units to pay for
    part = (there["held"] / there["whole"]).where(there["whole"] != 0, 0.0)
    return there[_CELL].assign(
        provider_code=there["provider_code"].mask(nobody, OUTSIDE),
        budget_pence=apportion_within(cells["held"].to_numpy(dtype=np.int64), weight, of),
        units=(there["units"] * part).mask(nobody, 0.0),
    )


def _price(plan: pd.DataFrame) -> pd.Series:
    """Pence a unit; nothing where no units are known."""
    return (plan["budget_pence"] / plan["units"]).where(plan["units"] > 0)


def _negative(plan: pd.DataFrame) -> dict[str, pd.Series]:
    mine = plan[plan["party"] != OUTSIDE]
    return {"budget_pence": -mine["budget_pence"], "units": -mine["units"]}
