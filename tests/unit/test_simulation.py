"""The same activity under every form: the method's numbers, plain loops beside arrays, and what must hold of draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.payment.contracts import CONTRACT_FORMS, contract_form_of, settle
from budget.payment.forms import FORMS, form_of, pay
from budget.payment.simulation.costs import CostShape
from budget.payment.simulation.party_risk import party_risk
from budget.payment.simulation.paying import Happened
from budget.payment.simulation.plan import Contract, Plan, RowTerms
from budget.payment.simulation.results import Simulation
from budget.payment.simulation.rules import ASSUMED
from budget.payment.simulation.shocks import Shock, cases
from budget.payment.simulation.tables import (
    contract_simulation,
    forms_not_simulated,
    payment_simulation,
    service_line_margins,
)
from tests.support.simulated import METHOD, VALUES, in_contract, plan, simulation

pytestmark = pytest.mark.unit

HIGH, LOW = 1.06, 0.93
PAID = {
    "F01": (20_000_000, 20_000_000),
    "F02": (20_400_000, 19_500_000),
    "F03": (21_200_000, 18_600_000),
    "F05": (20_000_000, 18_080_000),
    "F06": (20_400_000, 19_600_000),
    "F07": (20_840_000, 18_600_000),
    "F08": (20_240_000, 19_720_000),
    "F09": (21_200_000, 18_600_000),
    "F10": (20_000_000, 20_000_000),
    "F12": (19_900_000, 19_900_000),
    "F13": (20_360_000, 19_580_000),
    "F14": (20_100_000, 20_000_000),
    "F16": (21_200_000, 18_600_000),
    "F18": (19_960_000, 19_960_000),
    "F19": (20_720_000, 19_160_000),
    "F20": (20_720_000, 19_160_000),
}
"""Pounds at 10,600 and 9,300 units: those of the method; of F13 and F14 what they leave on a block of 20.0 million."""

COST = {HIGH: 20_720_000, LOW: 19_160_000}
TRUSTS = [("ACUTE", "acute_elective", 12_000_000_00, 100.0), ("COMM", "community", 5_000_000_00, 50.0)]
TRUSTS += [("MH", "mental_health", 3_000_000_00, 30.0)]


def happened(of: Plan, ratios: tuple[float, ...] = (HIGH, LOW), score: float = 0.8) -> Happened:
    return Happened.of(of, cases(ratios, len(of.rows)), np.full(len(ratios), score)).booked()


def margins(of: Simulation, ratios: tuple[float, ...] = (HIGH, LOW)) -> pd.DataFrame:
    return service_line_margins(of, happened(of.plan, ratios), ratios)


class TestTheMethod:
    LINES = margins(simulation(plan(METHOD), gainloss_deadband=0.02)).set_index(["form", "activity"])

    @pytest.mark.parametrize("form", PAID)
    def test_payments_at_both_activities(self, form: str) -> None:
        paid = self.LINES["payment_pence"]
        assert (paid[form, HIGH], paid[form, LOW]) == tuple(pounds * 100 for pounds in PAID[form])

    def test_costs_and_margins(self) -> None:
        for (_, activity), row in self.LINES.iterrows():
            assert row["cost_pence"] == COST[activity] * 100
            assert row["margin_pence"] == row["payment_pence"] - row["cost_pence"]

    @pytest.mark.parametrize(
        ("form", "pounds"),
        [("F01", -720_000), ("F03", 480_000), ("F06", -320_000), ("F07", 120_000), ("F08", -480_000)],
    )
    def test_margins_of_the_method(self, form: str, pounds: int) -> None:
        assert self.LINES["margin_pence"][form, HIGH] == pounds * 100

    def test_aligned_payment_at_three_quarters(self) -> None:
        lines = margins(simulation(plan(METHOD), "F09", aligned_share=0.75)).set_index("activity")
        assert lines["payment_pence"].tolist() == [20_900_000_00, 18_950_000_00]
        assert lines["margin_pence"][HIGH] == 180_000_00

    def test_what_follows_activity_is_elective_care(self) -> None:
        other = [("PRO", "community", 20_000_000_00, 10_000.0)]
        assert set(margins(simulation(plan(other), "F09"))["payment_pence"]) == {20_000_000_00}

    def test_what_is_stranded_is_the_fixed_cost_of_what_left(self) -> None:
        lines = margins(simulation(plan(METHOD), "F01", "F03"), (0.7, 1.1)).set_index(["form", "activity"])
        assert lines["stranded_pence"].to_dict() == {
            ("F01", 0.7): 2_400_000_00, ("F03", 0.7): 2_400_000_00, ("F01", 1.1): 0, ("F03", 1.1): 0
        }  # fmt: skip
        assert lines["margin_pence"]["F03", 0.7] == -2_400_000_00, "payment by activity leaves it with the provider"
        assert lines["margin_pence"]["F01", 0.7] > 0, "a block leaves it with the commissioner"

    def test_contracts_of_the_method(self) -> None:
        moved = plan(TRUSTS, shape=CostShape(np.zeros(3), np.zeros(3), np.ones(3)))
        own = np.array([[12.9 / 12, 4.9 / 5, 2.8 / 3]])
        case = Happened.of(moved, Shock(own, np.ones_like(own)), np.array([0.8])).booked()
        table = contract_simulation(simulation(moved), case, (1.0,)).set_index(["form", "party"])
        results = (table["result_pence"] // 100).to_dict()
        assert [results["C1", p] for p in ("ACUTE", "COMM", "MH")] == [-900_000, 100_000, 200_000]
        assert [results["C2", p] for p in ("ACUTE", "COMM", "MH")] == [-360_000, -150_000, -90_000]
        assert [results["C2e", p] for p in ("ACUTE", "COMM", "MH")] == [-200_000] * 3
        assert [results["C3", p] for p in ("ACUTE", "COMM", "MH")] == [-900_000, 100_000, 200_000]
        assert results["C3a", "ACUTE"] == -600_000
        assert [results["C4", p] for p in ("commissioner", "ACUTE", "COMM", "MH")] == [
            -300_000,
            -180_000,
            -75_000,
            -45_000,
        ]
        transfers = (table["transfer_pence"] // 100).to_dict()
        assert [transfers["C2", p] for p in ("ACUTE", "COMM", "MH")] == [540_000, -250_000, -290_000]

    def test_a_pooled_fund_uses_its_pool_first(self) -> None:
        fund = Contract("fund", {"ICB": 24_000_000_00, "LA": 16_000_000_00}, pool_pence=400_000_00)
        pooled = plan([("P", "community", 40_000_000_00, 1.0)], contract=fund, shape=CostShape(np.zeros(1)))
        case = happened(pooled, (41.5 / 40,))
        table = contract_simulation(simulation(pooled, "C7"), case, (1.0,)).set_index("party")["result_pence"]
        assert table[["risk_pool", "ICB", "LA"]].tolist() == [-400_000_00, -660_000_00, -440_000_00]

    def test_the_money_for_choice_is_that_of_the_lead(self) -> None:
        led = in_contract(plan(TRUSTS), lead="COMM", choice_pence=4_782_317_91)
        table = contract_simulation(simulation(led, "C6"), happened(led, (1.05,)), (1.05,)).set_index("party")
        assert table["result_pence"].to_dict() == {"ACUTE": 0, "COMM": -23_911_590, "MH": 0}


SHARES = st.floats(0.0, 1.0)
RATIOS = st.floats(0.3, 1.8)


class TestAgainstPlainLoops:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(RATIOS, RATIOS, RATIOS), min_size=1, max_size=4), SHARES, SHARES)
    def test_payments_row_by_row(self, activity: list[tuple[float, ...]], score: float, fixed: float) -> None:
        of = plan(TRUSTS, shape=CostShape(np.full(3, fixed), np.zeros(3), np.ones(3)))
        made, shock = simulation(of), Shock(np.array(activity), np.ones((len(activity), 3)))
        many = Happened.of(of, shock, np.full(len(activity), score))
        for form in made.payment_forms():
            paid = many.paid(form)
            for case, ratios in enumerate(activity):
                for row, (_, line, pence, units) in enumerate(TRUSTS):
                    cost = pence * (fixed + (1 - fixed) * ratios[row])
                    expected = self.payment(form.id, line, pence, units, ratios[row], cost, score)
                    assert paid[case, row] == pytest.approx(expected, abs=0.51), form.id

    @staticmethod
    def payment(form: str, line: str, pence: int, units: float, ratio: float, cost: float, score: float) -> float:
        """One payment by the function that books it, with the parameters of the assumptions written out."""
        if form in ("F01", "F10") or (form == "F09" and line != "acute_elective"):
            return pence
        parameters = {name: VALUES[known] for name, known in ASSUMED[form].items()}
        if form == "F05":
            parameters["of_plan"] = True
        if form == "F13":
            shared = pay("F13", units, units, pence / units, cost=cost, basis="first_dollar", **parameters)
            return pence - shared
        facts = {name: {"cost": cost, "score": score}[name] for name in FORMS[form].needs}
        alone = pay(form, units, units * ratio, pence / units, **facts, **parameters)
        return pence + alone if form == "F14" else alone

    @settings(max_examples=25, deadline=None)
    @given(st.tuples(RATIOS, RATIOS, RATIOS))
    def test_contract_forms_as_they_are_settled(self, ratios: tuple[float, ...]) -> None:
        of = plan(TRUSTS)
        case = Happened.of(of, Shock(np.array([ratios]), np.ones((1, 3))), np.array([0.8])).booked()
        table = contract_simulation(simulation(of), case, (1.0,))
        parties = pd.DataFrame(
            {"party": of.rows["party"], "budget_pence": of.rows["budget_pence"], "cost_pence": case.cost[0].astype(int)}
        )
        for form in ("C1", "C2", "C2e", "C3", "C3a"):
            expected = settle(form, parties)["result_pence"].tolist()
            assert table.loc[table["form"] == form, "result_pence"].tolist() == expected


class TestEveryForm:
    def test_activity_as_planned_leaves_nothing_where_the_plan_is_paid(self) -> None:
        lines = margins(simulation(plan(METHOD + TRUSTS)), (1.0,))
        left = lines.groupby("form")["margin_pence"].agg(["min", "max"])
        not_the_plan = {"F05": -0.04, "F12": -0.005, "F18": -0.002}
        for form, (least, most) in left.iterrows():
            if form not in not_the_plan:
                assert (least, most) == (0, 0), form
        for form, share in not_the_plan.items():
            rows = lines[lines["form"] == form]
            assert (rows["margin_pence"] / rows["planned_pence"]).tolist() == pytest.approx([share] * len(rows)), form

    def test_none_is_left_out_in_silence(self) -> None:
        of = simulation(plan(METHOD + TRUSTS))
        told = forms_not_simulated(of)
        done = set(margins(of)["form"]) | set(contract_simulation(of, happened(of.plan), (HIGH, LOW))["form"])
        assert done | set(told["form"]) == set(FORMS) | set(CONTRACT_FORMS)
        assert set(told["form"]) == {"F04", "F11", "F15", "F17", "C6", "C8"}
        assert told["reason"].str.len().min() > 20

    def test_lists_pay_primary_care_alone(self) -> None:
        of = plan([("GP", "primary_medical_care", 100, 1.0), *METHOD])
        assert margins(simulation(of, "F11"))["provider_code"].unique().tolist() == ["GP"]
        told = forms_not_simulated(simulation(of, "F11"))
        assert told[["form", "lines"]].to_numpy().tolist() == [["F11", 1]]

    def test_providers_add_up_from_their_lines(self) -> None:
        of = plan([("R1", "community", 333, 3.0), ("R1", "acute_elective", 334, 1.0), ("R2", "community", 335, 7.0)])
        lines = margins(simulation(of))
        table = payment_simulation(lines, of.rows.groupby("party").size())
        sums = lines.groupby(["provider_code", "form", "activity"])[
            ["payment_pence", "cost_pence", "margin_pence"]
        ].sum()
        keys = table.set_index(["provider_code", "form", "activity"])[list(sums.columns)]
        pd.testing.assert_frame_equal(keys.sort_index(), sums.loc[keys.index].sort_index())

    def test_a_form_that_cannot_pay_all_lines_of_a_provider_has_no_total_of_it(self) -> None:
        of = plan([("GP", "community", 100, 1.0), ("GP", "primary_medical_care", 100, 1.0)])
        lines = margins(simulation(of, "F11"))
        assert len(lines) == 2 and payment_simulation(lines, of.rows.groupby("party").size()).empty

    def test_the_contract_states_the_parameters_of_the_form_that_it_names(self) -> None:
        stated = RowTerms(payment=form_of("F02", {"tolerance": 0.0, "share": 1.0}), in_force=form_of("F01", {}))
        of = plan(METHOD + TRUSTS, contract=Contract("east", {"QMF": 1}, 0), terms={0: stated})
        lines = margins(simulation(of, "F01", "F02")).query("activity == @HIGH").set_index(["form", "provider_code"])
        assert lines["terms"]["F02", "PRO"] == "contract" and lines["terms"]["F02", "MH"] == "assumptions"
        assert lines["payment_pence"]["F02", "PRO"] == lines["payment_pence"]["agreed", "PRO"] == 21_200_000_00
        assert lines["payment_pence"]["in_force", "PRO"] == 20_000_000_00
        assert "agreed" not in lines.xs("MH", level="provider_code").index


def many(count: int = 400, rows: int = 3, seed: int = 5) -> Shock:
    people = np.random.default_rng(seed).normal(1, 0.005, (count, 1)).repeat(rows, axis=1)
    return Shock(people * np.random.default_rng(seed + 1).normal(1, 0.03, (count, rows)), people)


class TestDraws:
    FUND = Contract(
        "east",
        {"QMF": 20_000_000_00},
        100_000_00,
        form=contract_form_of("C2", {}),
        can_bear_pence={"ACUTE": 300_000_00},
    )
    PLAN = plan(TRUSTS, contract=FUND)

    def drawn(self, shock: Shock) -> Happened:
        return Happened.of(self.PLAN, shock, np.full(len(shock.activity), 0.8))

    def test_what_parties_bear_is_the_same_under_every_contract_form_in_every_draw(self) -> None:
        case = self.drawn(many())
        whole = case.budget.sum(axis=1) - case.cost.sum(axis=1)
        for _, borne in simulation(self.PLAN).borne(case):
            assert borne.result.sum(axis=1) == pytest.approx(whole, abs=0.1), borne.form.id
            transfers = borne.result - (borne.budget - borne.cost)
            assert transfers.sum(axis=1) == pytest.approx(np.zeros(len(whole)), abs=0.1), borne.form.id

    def test_separate_and_shared_see_the_same_draws(self) -> None:
        found = {borne.form.id: borne for _, borne in simulation(self.PLAN, "C1", "C2").borne(self.drawn(many()))}
        assert (found["C1"].cost == found["C2"].cost).all()
        assert (found["C1"].result - found["C2"].result).sum(axis=1) == pytest.approx(np.zeros(400), abs=0.1)

    def test_providers_and_commissioner_have_what_there_is_under_every_payment_form(self) -> None:
        case = self.drawn(many())
        risk = party_risk(simulation(self.PLAN), case, 5)
        means = risk[risk["kind_of_form"] == "payment"].groupby("form")["mean_pence"].sum()
        left = (case.budget - case.cost).sum(axis=1).mean()
        assert means.to_numpy() == pytest.approx(np.full(len(means), left), abs=4)

    def test_who_cannot_bear_it_is_told(self) -> None:
        risk = party_risk(simulation(self.PLAN, "F01", "F20", "C2"), self.drawn(many()), 5)
        at = risk.set_index(["form", "party"])
        assert not at["within"]["F01", "ACUTE"] and at["within"]["F20", "ACUTE"]
        assert -at["worst_pence"]["F01", "ACUTE"] > at["can_bear_pence"]["F01", "ACUTE"] == 300_000_00
        assert at.loc[[("F01", "MH")], "within"].isna().all(), "it does not say what it can bear"
        assert at["agreed"]["C2", "ACUTE"] and not at["agreed"]["F01", "ACUTE"]

    def test_against_plain_loops(self) -> None:
        case = self.drawn(many(60))
        risk = party_risk(simulation(self.PLAN, "F03"), case, 5).set_index(["form", "party"])
        exhausted, gains = 0, []
        for draw in range(60):
            left = {}
            for row, (party, _, pence, _) in enumerate(TRUSTS):
                ratio, people = float(case.shock.activity[draw, row]), float(case.shock.people[draw, row])
                left[party] = pence * ratio - pence * (0.4 + 0.6 * ratio)
                left["commissioner"] = left.get("commissioner", 0.0) + pence * people - pence * ratio
            exhausted += -left["commissioner"] > 100_000_00
            gains.append(left["ACUTE"])
        assert 0 < risk["chance_pool_exhausted"].iloc[0] == exhausted / 60
        assert risk["mean_pence"]["F03", "ACUTE"] == pytest.approx(sum(gains) / 60, abs=1)
        assert risk["chance_of_loss"]["F03", "ACUTE"] == sum(gain < 0 for gain in gains) / 60

    def test_what_parties_lose_to_each_other_exhausts_no_pool(self) -> None:
        risk = party_risk(simulation(self.PLAN, "C1", "C2", "C4", "C7"), self.drawn(many()), 5)
        chance = risk.drop_duplicates("form").set_index("form")["chance_pool_exhausted"]
        assert (chance[["C1", "C2"]] == 0).all()
        assert 0 < chance["C4"] < 1 and 0 < chance["C7"] < 1

    def test_money_follows_people_who_are_paid_for_by_the_head(self) -> None:
        shock = Shock(np.full((2, 3), 1.0), np.array([[1.01] * 3, [0.99] * 3]))
        made = {form.id: self.drawn(shock).paid(form) for form in simulation(self.PLAN, "F01", "F10").payment_forms()}
        assert made["F10"].sum(axis=1) == pytest.approx([20_200_000_00, 19_800_000_00])
        assert (made["F01"].sum(axis=1) == 20_000_000_00).all()

    def test_more_draws_tell_the_same_more_exactly(self) -> None:
        worst = [
            [
                party_risk(simulation(self.PLAN, "F01"), self.drawn(many(count, seed=seed)), seed)["worst_pence"].iloc[
                    0
                ]
                for seed in range(6)
            ]
            for count in (100, 4_000)
        ]
        assert np.std(worst[1]) < np.std(worst[0]) / 2

    def test_without_uncertainty_nobody_risks_anything(self) -> None:
        still = Shock(np.ones((50, 3)), np.ones((50, 3)))
        risk = party_risk(simulation(self.PLAN, "F01", "F03", "F10", "C1", "C2", "C9"), self.drawn(still), 1)
        assert (risk[["mean_pence", "sd_pence", "worst_pence", "chance_of_loss", "chance_pool_exhausted"]] == 0).all(
            axis=None
        )

    def test_another_order_of_parties_changes_nothing(self) -> None:
        order = [2, 0, 1]
        turned = replace(self.PLAN, rows=self.PLAN.rows.iloc[order].reset_index(drop=True), mix=self.PLAN.mix[order])
        shock = many()
        other = Happened.of(turned, Shock(shock.activity[:, order], shock.people[:, order]), np.full(400, 0.8))
        one, two = (
            party_risk(simulation(of, "F02", "C2", "C4"), case, 1).sort_values(["form", "party"], ignore_index=True)
            for of, case in ((self.PLAN, self.drawn(shock)), (turned, other))
        )
        pence = [name for name in one if name.endswith("_pence") and name != "can_bear_pence"]
        assert (one[pence] - two[pence]).abs().max().max() <= 1
