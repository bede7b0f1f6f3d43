"""Where the money goes: every pound of the first year, and a picture of it."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from budget.payment.money_flow import money_flow
from budget.report.charts.flow import flow
from budget.report.views.payment import readable
from budget.report.views.principles import answers
from tests.report_tables import run_facts, run_tables

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return run_tables()


def test_every_pound_of_a_commissioner_goes_somewhere(tables: dict[str, pd.DataFrame]) -> None:
    flows, budget = tables["money_flow"], tables["integrated_budget"]
    first = budget[budget["financial_year"] == budget["financial_year"].min()]
    allocated = first.groupby("commissioner")["allocation_pence"].sum()
    assert flows.groupby("commissioner")["amount_pence"].sum().to_dict() == allocated[allocated != 0].to_dict()
    by_part = flows.groupby("part")["amount_pence"].sum()
    for part in ("core", "incentive", "risk_pool"):
        assert by_part[part] == first[f"{part}_pence"].sum()
    carved = [part for part in by_part.index if part not in ("core", "incentive", "risk_pool")]
    assert by_part[carved].sum() == first["carve_out_pence"].sum()


def test_it_is_shared_to_local_providers_by_what_care_cost() -> None:
    budget = pd.DataFrame(
        [("2026/27", "A", "OA", "community", "QMF", 1_000, 0, 100, 0, 900)],
        columns=[
            "financial_year", "place", "segment", "service_line", "commissioner", "allocation_pence",
            "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence",
        ],
    )  # fmt: skip
    seen = [
        ("A", "community", code, local, cost)
        for code, local, cost in (("R1", True, 2), ("R2", True, 1), ("R3", False, 9))
    ]
    activity = pd.DataFrame(seen, columns=["place", "service_line", "provider_code", "local", "cost_pence"])
    ledger = pd.DataFrame(columns=["financial_year", "step", "place", "commissioner", "amount_pence"])
    carved = pd.DataFrame(columns=["financial_year", "place", "type", "planned_pence"])
    flows = money_flow(budget, ledger, carved, activity)
    assert flows.set_index(["part", "payee"])["amount_pence"].to_dict() == {
        ("core", "R1"): 600, ("core", "R2"): 300, ("risk_pool", "risk_pool"): 100
    }  # fmt: skip
    alone = money_flow(budget, ledger, carved, activity[~activity["local"]])
    assert alone.set_index("part")["payee"]["core"] == "no_local_provider"


def test_bands_are_as_wide_as_the_money_is_much() -> None:
    rows = pd.DataFrame(
        [("P", "core", "X", 30.0), ("P", "core", "Y", 10.0), ("P", "choice", "Z", 10.0)],
        columns=["payer", "part", "payee", "millions"],
    )
    names = {name: f"<{name}>" for name in ("P", "core", "choice", "X", "Y", "Z")}
    drawn = flow(rows, names, "one", "Title", "words").__html__()
    heights = {float(found) for found in re.findall(r'<rect [^>]*height="([\d.]+)"', drawn)}
    ratios = sorted(height / min(heights) for height in heights)
    assert ratios == pytest.approx([1, 3, 4, 5], abs=0.02)
    assert drawn.count("<path") == 5 and "&lt;P&gt;" in drawn and "<P>" not in drawn
    assert 'role="img"' in drawn and "Title" in drawn and "words" in drawn


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("BARTS HEALTH NHS TRUST", "Barts Health"),
        ("HOMERTON UNIVERSITY HOSPITAL NHS FOUNDATION TRUST", "Homerton FT"),
        ("General practices of Newham", "General practices of Newham"),
        ("RX1", "RX1"),
    ],
)
def test_names_without_shouting(name: str, told: str) -> None:
    assert readable(name) == told


class TestPrinciples:
    def test_all_eight_are_answered(self, tables: dict[str, pd.DataFrame]) -> None:
        found = dict(answers(tables, run_facts()))
        assert len(found) == 8 and all(answer.text for answer in found.values())
        assert "Nobody waits in the wrong bed." in found["Clear purpose"].text
        assert found["Independent oversight"].warns and found["Aligned incentives"].warns
        assert "has 1" in found["Complexity and ease of use in balance"].text

    def test_a_saving_that_is_seldom_made_is_named(self, tables: dict[str, pd.DataFrame]) -> None:
        bridge = tables["growth_bridge"]
        much = bridge["amount_pence"].where(
            bridge["step"] != "efficiency", -(bridge["balance_pence"] * 0.2).astype(int)
        )
        told = dict(answers({**tables, "growth_bridge": bridge.assign(amount_pence=much)}, run_facts()))
        assert told["Realistic expectations"].warns
        assert not dict(answers(tables, run_facts()))["Realistic expectations"].warns

    def test_without_contracts_and_providers_it_says_so(self, tables: dict[str, pd.DataFrame]) -> None:
        few = {name: tables[name] for name in ("growth_bridge", "integrated_budget")}
        told = dict(answers(few, run_facts()))
        assert "No contract is named" in told["Clear purpose"].text
        assert "No provider is known" in told["Aligned incentives"].text

    def test_too_many_measures_are_named(self, tables: dict[str, pd.DataFrame]) -> None:
        many = pd.concat([tables["contract_measures"]] * 11, ignore_index=True)
        assert dict(answers({**tables, "contract_measures": many}, run_facts()))[
            "Complexity and ease of use in balance"
        ].warns
