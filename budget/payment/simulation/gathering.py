"""The plan of a run: what every local provider is planned to do and be paid, in its contracts and outside of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from budget.payment.agreements import (
    OUTSIDE,
    Agreement,
    Party,
    commissioner_money,
    party_place_lines,
    pool_money,
    uncontracted_place_lines,
)
from budget.payment.forms import Outcomes
from budget.payment.simulation.costs import CostShape
from budget.payment.simulation.plan import NO_CONTRACT, Contract, Paying, Plan, RowTerms

_ROW = ["contract", "party", "service_line"]
_CELL = ["place", "service_line"]


def plan_of(
    agreements: Sequence[Agreement],
    budget: pd.DataFrame,
    activity: pd.DataFrame,
    choice: pd.DataFrame | None,
    year: str,
    fixed_share: float,
) -> Plan | None:
    """The plan of a budget year; nothing where no local provider has any of the budget.

    Args:
        agreements: the contracts, that are in force in the year.
        budget: ``integrated_budget``.
        activity: ``provider_activity`` as it is planned for the year.
        choice: ``choice_by_provider``, where the run has it.
        year: the budget year.
        fixed_share: share of planned cost that does not move, for parties that do not say themselves.
    """
    cells = [party_place_lines(agreement, budget, activity, year) for agreement in agreements]
    cells = [plan[plan["party"] != OUTSIDE] for plan in cells]
    cells.append(uncontracted_place_lines(agreements, budget, activity, year).assign(contract=NO_CONTRACT))
    by_place = pd.concat(cells, ignore_index=True)
    by_place = by_place[by_place["budget_pence"] > 0].sort_values(_ROW, kind="stable")
    if by_place.empty:
        return None
    rows = by_place.groupby(_ROW, as_index=False, sort=False)[["budget_pence", "units"]].sum()
    people = _people(budget, year)
    mix = _mix(by_place, rows, people.index)
    known = {agreement.contract: agreement for agreement in agreements}
    return Plan(
        rows=rows.assign(
            party_name=rows["party"].map(_names(activity)),
            # where care is not counted in units, the plan is one unit of it
            units=rows["units"].where(rows["units"] > 0, 1.0),
            people=(mix > 0) @ people.to_numpy(dtype=np.float64),
        ),
        terms=tuple(_terms(known.get(row.contract), row.party, row.service_line) for row in rows.itertuples()),
        places=tuple(map(str, people.index)),
        mix=mix,
        shape=CostShape.together(
            [_shape(known.get(row.contract), row.party, fixed_share) for row in rows.itertuples()]
        ),
        contracts=_contracts(agreements, by_place, budget, choice, year),
    )


def _people(budget: pd.DataFrame, year: str) -> pd.Series:
    """People by place; they stand on every line and commissioner of a segment."""
    this = budget[budget["financial_year"] == year]
    return this.drop_duplicates(["place", "segment"]).groupby("place")["people"].sum()


def _mix(by_place: pd.DataFrame, rows: pd.DataFrame, places: pd.Index) -> np.ndarray:
    wide = by_place.pivot_table(index=_ROW, columns="place", values="budget_pence", aggfunc="sum", fill_value=0)
    # a place in which a row has nothing has no part in it: a true zero
    amounts = wide.reindex(index=pd.MultiIndex.from_frame(rows[_ROW]), columns=places, fill_value=0).to_numpy(float)
    return amounts / amounts.sum(axis=1, keepdims=True)


def _names(activity: pd.DataFrame) -> pd.Series:
    return activity.drop_duplicates("provider_code").set_index("provider_code")["provider_name"]


def _party(agreement: Agreement | None, party: object) -> Party | None:
    return None if agreement is None else agreement.party(str(party))


def _terms(agreement: Agreement | None, party: object, line: object) -> RowTerms:
    stated = _party(agreement, party)
    if stated is None:
        return RowTerms()
    payment, today = (None if terms is None else terms.form(str(line)) for terms in (stated.payment, stated.in_force))
    return RowTerms(payment, today)


def _shape(agreement: Agreement | None, party: object, fixed_share: float) -> CostShape:
    stated = _party(agreement, party)
    if stated is None or stated.cost is None:
        return CostShape(fixed_share)
    return CostShape(stated.cost.fixed, stated.cost.stepped, stated.cost.step)


def _contracts(
    agreements: Sequence[Agreement],
    by_place: pd.DataFrame,
    budget: pd.DataFrame,
    choice: pd.DataFrame | None,
    year: str,
) -> dict[str, Contract]:
    found = {agreement.contract: _contract(agreement, budget, year) for agreement in agreements}
    if (by_place["contract"] == NO_CONTRACT).any():
        found[NO_CONTRACT] = _no_contract(by_place, budget, year)
    held = {} if choice is None else _choice(by_place, choice[choice["financial_year"] == year])
    return {
        name: replace(contract, choice_pence=held[name]) if name in held else contract
        for name, contract in found.items()
    }


def _choice(by_place: pd.DataFrame, choice: pd.DataFrame) -> dict[str, int]:
    """What is planned for patients' choice in the places and lines of each contract, pence."""
    planned = choice.groupby(_CELL, as_index=False)["planned_pence"].sum()
    cells = by_place[["contract", *_CELL]].drop_duplicates().merge(planned, on=_CELL, validate="many_to_one")
    return {str(name): int(pence) for name, pence in cells.groupby("contract")["planned_pence"].sum().items()}


def _contract(agreement: Agreement, budget: pd.DataFrame, year: str) -> Contract:
    money = commissioner_money(agreement, budget, year)
    stated: dict[str, Paying] = {}
    if agreement.outcomes:
        stated["F12"] = Outcomes(agreement.outcomes.share)
    if agreement.gain_loss:
        # a provider that is paid a fixed sum bears its cost, and passes a part of the difference on
        stated["F13"] = replace(agreement.gain_loss.rule, borne_by="paid")
    lead = agreement.lead
    return Contract(
        id=agreement.contract,
        partners=dict(zip(money["commissioner"], money["contribution_pence"], strict=True)),
        pool_pence=pool_money(agreement, budget, year),
        form=agreement.contract_form(),
        payments=stated,
        can_bear_pence={
            party.party: party.capacity_pence for party in agreement.parties if party.capacity_pence is not None
        },
        lead=lead.party if lead else None,
    )


def _no_contract(by_place: pd.DataFrame, budget: pd.DataFrame, year: str) -> Contract:
    """The money and the pool of the places and lines in which somebody is in no contract."""
    cells = by_place.loc[by_place["contract"] == NO_CONTRACT, _CELL].drop_duplicates()
    money = budget[budget["financial_year"] == year].merge(cells, on=_CELL)
    paid = (money["core_pence"] + money["incentive_pence"]).groupby(money["commissioner"]).sum()
    partners = {str(name): int(pence) for name, pence in paid.items() if pence}
    return Contract(NO_CONTRACT, partners, int(money["risk_pool_pence"].sum()))
