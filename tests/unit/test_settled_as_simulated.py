"""What is settled is what was simulated: the same contract, the same cost, the same split under every contract form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from budget.kernel.money import apportion
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement, party_place_lines
from budget.payment.contracts import CONTRACT_FORMS, settle
from budget.payment.settlement.books import Actuals
from budget.payment.settlement.journal import OTHER, balances
from budget.payment.settlement.proof import prove
from budget.payment.settlement.statement import statements_of
from budget.payment.settlement.to_date import ToDate, settle_to
from budget.payment.settlement.year import settle_year
from budget.payment.simulation.run import Asked, Tables, simulate
from budget.report.statements import statement_text
from tests.support.given import assume
from tests.support.settling import YEAR, agreement, books, outcomes, run
from tests.support.simulated import VALUES

pytestmark = pytest.mark.unit

REACHED = outcomes(("alliance", "wait", 20.0), ("alliance", "home", 0.9))
"""A score of 0.8, as it is simulated."""
SHARED = {"gain_share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "excess"}
ASKED: Mapping[str, Mapping[str, Any]] = {
    "C4": {"share": 0.5},
    "C5": {"share": 0.025},
    "C7": {"risk_pool": 3_000_00, "uncommitted": 2_000_00},
    "C8": {"performance_losses": "budget"},
    "C9": SHARED,
    "C10": SHARED | {"share": 0.025},
}
PENNIES = 3
"""A plan is shared by contract in simulation, by cell in settlement: pennies apart."""


def contract(form: str, paid: str = "F10", **changes: Any) -> Agreement:
    """The alliance under a form, and nothing else that shares."""
    role = "lead" if form in ("C3", "C3a", "C6") else "provider"
    parties = [{"party": "AAA", "role": role, "payment": {"id": paid}}]
    parties += [{"party": "BBB", "role": "provider", "payment": {"id": paid}}]
    parties += [{"party": "QXX", "role": "commissioner"}] if form == "C7" else []
    told = {"parties": parties, "gain_loss": None} | changes
    if "score" not in CONTRACT_FORMS[form].needs:
        told |= {"outcomes": None}
    return agreement(form, parameters=ASKED.get(form, {}), **told)


def simulated(deal: Agreement, ratio: float, forms: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    tables, year = run(), FinancialYear.parse(YEAR)
    read = Tables(
        tables["integrated_budget"],
        tables["provider_activity"],
        tables["choice_by_provider"],
        pd.DataFrame(),
        tables["budget_ledger"],
    )
    asked = Asked(year, (ratio,), 0, 1, {}, {"AAA": 1.02}, forms)
    return simulate(asked, read, assume({**VALUES, "choice_lines": ["acute"]}), [deal])


def spent(deal: Agreement, margins: pd.DataFrame) -> pd.DataFrame:
    """Just the cost that was simulated for every party, by place and month, to the penny."""
    tables = run()
    plan = party_place_lines(deal, tables["integrated_budget"], tables["provider_activity"], YEAR)
    parts = []
    mine = margins[(margins["contract"] == deal.contract) & (margins["form"] == "agreed")]
    for row in mine.itertuples(index=False):
        here = plan[(plan["party"] == row.provider_code) & (plan["service_line"] == row.service_line)]
        months = here.merge(pd.DataFrame({"month": range(1, 13)}), how="cross")
        months["amount_pence"] = apportion(int(row.cost_pence), months["budget_pence"].to_numpy(dtype=float))
        months["units"] = months["units"] / 12 * row.line_activity
        parts.append(months)
    told = pd.concat(parts, ignore_index=True).rename(columns={"party": "provider_code"})
    columns = ["provider_code", "place", "service_line", "month", "amount_pence", "units"]
    return told[columns].assign(commissioner="QXX", segment=None, financial_year=YEAR)


def settled(deal: Agreement, ratio: float, **actual: Any) -> tuple[pd.Series, ToDate]:
    """A year that went as simulated: what was simulated by party, and what is settled."""
    tables = simulated(deal, ratio, (deal.form.id,))
    happened = Actuals(spend=spent(deal, tables["service_line_margins"]), **actual)
    told = tables.get("contract_simulation", pd.DataFrame(columns=["party", "result_pence"]))
    return told.set_index("party")["result_pence"], settle_to(books(happened, 12, (deal,)), 12)


def results(told: ToDate) -> pd.Series:
    """What parties, commissioners and other sources are left with."""
    mine = told.parties[told.parties["kind"] == "contract"].set_index("party")["result_pence"]
    commissioner = told.contracts.set_index("contract").loc["alliance", "commissioner_result_pence"]
    moved = balances(told.journal)
    others = moved[moved["kind"] == OTHER].set_index("account")["amount_pence"]
    return pd.concat([mine, pd.Series({"commissioner": commissioner}), others])


@pytest.mark.parametrize("ratio", [1.06, 0.9])
@pytest.mark.parametrize("form", ["C1", "C2", "C2e", "C3", "C3a", "C4", "C5", "C9", "C10"])
def test_the_split_of_a_contract_is_that_of_the_simulation(form: str, ratio: float) -> None:
    known = {"outcomes": REACHED} if form in ("C5", "C10") else {}
    expected, told = settled(contract(form), ratio, **known)
    found = results(told)
    assert found[["AAA", "BBB"]].to_numpy() == pytest.approx(expected[["AAA", "BBB"]].to_numpy(), abs=PENNIES)
    # what a form does not leave with commissioners it does not name: a true zero
    assert found["commissioner"] == pytest.approx(expected.get("commissioner", 0), abs=PENNIES)
    assert abs(expected["AAA"]) > 1_000_00


@pytest.mark.parametrize("ratio", [1.06, 0.9])
@pytest.mark.parametrize("paid", ["F19", "F10"])
def test_a_pooled_fund_pays_cost_however_its_providers_are_paid(paid: str, ratio: float) -> None:
    expected, told = settled(contract("C7", paid), ratio)
    found = results(told)
    assert found[["AAA", "BBB"]].to_numpy() == pytest.approx([0, 0], abs=PENNIES)
    assert found["commissioner"] == pytest.approx(expected["QXX"], abs=PENNIES)
    for source in ("risk_pool", "uncommitted"):
        assert found.get(source, 0) == expected[source]
    over = min(0, int(found["commissioner"]))
    assert expected["risk_pool"] == (-3_000_00 if ratio > 1 else 0)
    pools = told.pools[["drawn_for_losses_pence", "unmet_pence"]].to_numpy().sum()
    assert pools == -over, "the pools of places are asked for what the fund's reserves leave, and no more"


def test_a_prime_provider_bears_what_choice_costs_and_every_party_its_own() -> None:
    deal = contract("C6", scope={"places": "all", "lines": ["acute"], "segments": "all"})
    expected, bare = settled(deal, 1.06)
    margins = simulated(deal, 1.06, ("C6",))["service_line_margins"].query("contract == 'alliance'")
    activity = float(np.average(margins["line_activity"], weights=margins["planned_pence"]))
    choice = run()["choice_by_provider"].rename(columns={"planned_pence": "amount_pence"})
    choice = choice.assign(
        amount_pence=(choice["amount_pence"] * activity).round().astype("int64"), month=1, units=None
    )
    choice = choice.astype({"units": "float64"})
    _, told = settled(deal, 1.06, choice=choice)
    own = (
        -margins.set_index("provider_code")["cost_pence"] + margins.set_index("provider_code")["planned_pence"]
    ).to_dict()
    assert results(told)[["AAA", "BBB"]].to_dict() == pytest.approx(own, abs=PENNIES)
    moved = balances(told.journal).query("item == 'choice'").set_index("account")["amount_pence"].to_dict()
    assert moved == pytest.approx({"AAA": expected["AAA"], "QXX": -expected["AAA"]}, abs=PENNIES)
    assert expected["AAA"] < 0 and expected["BBB"] == 0
    assert (told.pools["drawn_for_choice_pence"] == 0).all(), "the pool pays for no choice that a prime provider bears"
    assert told.choice is not None and set(told.choice["holder"]) == {"AAA"}
    assert results(bare)["AAA"] == results(told)["AAA"]


@pytest.mark.parametrize("ratio", [1.06, 0.9])
def test_an_alliance_shares_by_performance_once_it_is_known(ratio: float) -> None:
    deal = contract("C8")
    _, provisional = settled(deal, ratio, outcomes=outcomes(("alliance", "AAA", 0.7)))
    waiting = provisional.parties.query("kind == 'contract'").set_index("party")
    assert (waiting["shared_pence"] == 0).all() and waiting["performance"].isna().tolist() == [False, True]
    known = outcomes(("alliance", "AAA", 0.7), ("alliance", "BBB", 0.9))
    _, told = settled(deal, ratio, outcomes=known)
    parties = told.parties.query("kind == 'contract'").rename(columns={"payment_pence": "budget_pence"})
    expected = settle("C8", parties, performance_losses="budget").set_index("party")["result_pence"]
    assert parties.set_index("party")["result_pence"].to_dict() == expected[["AAA", "BBB"]].to_dict()
    assert parties["shared_pence"].ne(0).all() and parties["shared_pence"].sum() == 0


@pytest.mark.parametrize("form", ["C6", "C7", "C8"])
def test_nothing_is_made_or_lost(form: str) -> None:
    deal = contract(form)
    spend = spent(deal, simulated(deal, 1.06, (form,))["service_line_margins"])
    tables = settle_year(books(Actuals(spend=spend), 6, (deal,)))
    assert [check.check_id for check in prove(tables) if check.outcome == "failed"] == []
    told = statements_of(*(tables[name] for name in ("settlement_journal", "settlement_parties", "pool_balance")))
    assert sum(one.now_pence for one in told) == 0
    reserves = {one.party: one for one in told if one.kind == OTHER}
    assert set(reserves) == ({"risk_pool", "uncommitted"} if form == "C7" else set())
    for one in reserves.values():
        assert statement_text(one, "A year", "Reserve").startswith("Reserve of a pooled fund: Reserve")
