"""Settlement: what changes hands adds up, and follows the terms that were agreed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.payment.agreements import Agreement
from budget.payment.agreements.model import Payment
from budget.payment.settlement.books import Actuals, Run
from budget.payment.settlement.holdings import holdings
from budget.payment.settlement.journal import balances
from budget.payment.settlement.payments import due_to_date
from budget.payment.settlement.proof import prove
from budget.payment.settlement.spread import attribute
from budget.payment.settlement.statement import statements_of
from budget.payment.settlement.terms import ASSUMED
from budget.payment.settlement.to_date import settle_to
from budget.payment.settlement.year import settle_year
from tests.support.settling import (
    PLACES,
    PROVIDERS,
    YEAR,
    agreement,
    books,
    choice,
    news,
    outcomes,
    run,
    spend,
)

pytestmark = pytest.mark.unit

REACHED = outcomes(("alliance", "wait", 20.0), ("alliance", "home", 0.9))
"""Half of the way, and all of it: a score of 0.4 x 0.5 + 0.6 = 0.8."""


def everything(factor: float = 1.05, months: int = 12) -> Actuals:
    """A year in which all that can happen does."""
    return Actuals(
        spend=spend(run(), months, factor, by={"BBB": 0.9}),
        news=news({("East", "AMW"): 31.7, ("West", "OA"): -8.3}, months, late=True),
        outcomes=REACHED,
        choice=choice(2_000_000),
        prior_year=prior_year(),
    )


def prior_year() -> pd.DataFrame:
    return pd.DataFrame(
        [("2025/26", "QXX", "East", "community", -123_457, "a challenge")],
        columns=["financial_year", "commissioner", "place", "service_line", "amount_pence", "reason"],
    )


def dated(months: int) -> Actuals:
    """The same, with the day on which all of it came to be known."""
    known = everything(months=months)
    return replace(
        known,
        choice=choice(500_000, range(1, months + 1)),
        outcomes=REACHED.assign(known_month=[2, 3]),
        prior_year=prior_year().assign(known_month=3),
    )


def unshadowed(form: str = "C2", **changes: object) -> Agreement:
    """The alliance without a form in force: nothing of it is looked at month by month."""
    paid = [{"party": code, "role": "provider", "payment": {"id": "F10"}} for code in PROVIDERS[:2]]
    return agreement(form, parties=paid, **changes)  # type: ignore[arg-type]


def party(tables: dict[str, pd.DataFrame], code: str, quarter: int = 1) -> pd.Series:
    rows = tables["settlement_parties"]
    return rows[(rows["party"] == code) & (rows["quarter"] == quarter) & (rows["kind"] == "contract")].iloc[0]


class TestWhoHoldsTheBudget:
    def test_without_contracts_it_is_the_places(self) -> None:
        held = holdings(run()["integrated_budget"], (), None, YEAR)
        assert set(held["kind"]) == {"place"}
        assert held["annual_pence"].sum() == run()["integrated_budget"]["wpap"].sum()

    def test_parties_hold_their_part_and_the_place_the_rest(self) -> None:
        tables = run()
        held = holdings(tables["integrated_budget"], (agreement(),), tables["provider_activity"], YEAR)
        cells = ["place", "segment", "service_line", "commissioner"]
        whole = tables["integrated_budget"].groupby(cells)["wpap"].sum()
        pd.testing.assert_series_equal(held.groupby(cells)["annual_pence"].sum(), whole, check_names=False)
        mine = held[held["kind"] == "contract"]
        assert set(mine["service_line"]) == {"community"} and set(mine["party"]) == {"AAA", "BBB"}
        community = whole.loc[:, :, "community"].sum()
        assert mine["annual_pence"].sum() == pytest.approx(community * 5 / 9, abs=10)

    def test_spend_falls_to_whom_it_is_agreed(self) -> None:
        tables = run()
        held = holdings(tables["integrated_budget"], (agreement(),), tables["provider_activity"], YEAR)
        rows = [
            ("East", "community", "QXX", "AAA", None, 100, 10.0),  # a party bears its own
            ("East", "community", "QXX", "CCC", None, 200, 1.0),  # who is no party is the place's
            ("East", "acute", "QXX", "AAA", None, 300, 1.0),  # and so is what the contract is not about
            ("East", "community", "QXX", None, None, 900, None),  # nobody's is everyone's, by budget
            ("East", "community", "QZZ", "AAA", None, 500, 1.0),  # a commissioner that is none of the contract's
        ]
        columns = ["place", "service_line", "commissioner", "provider_code", "segment", "amount_pence", "units"]
        told = attribute(pd.DataFrame(rows, columns=columns), held)
        assert told["amount_pence"].sum() == 2_000
        sums = told.groupby("party")["amount_pence"].sum()
        assert sums.to_dict() == {"AAA": 100 + 200, "BBB": 300, "East": 200 + 300 + 400 + 500}

    def test_a_contract_for_a_segment_bears_its_part_of_spend_that_names_none(self) -> None:
        tables = run()
        older = agreement(scope={"places": "all", "lines": ["community"], "segments": ["OA"]})
        held = holdings(tables["integrated_budget"], (older,), tables["provider_activity"], YEAR)
        columns = ["place", "service_line", "commissioner", "provider_code", "segment", "amount_pence"]
        told = attribute(pd.DataFrame([("East", "community", "QXX", "AAA", None, 400)], columns=columns), held)
        assert told.set_index("kind")["amount_pence"].to_dict() == {"contract": 100, "place": 300}
        named = attribute(pd.DataFrame([("East", "community", "QXX", "AAA", "OA", 400)], columns=columns), held)
        assert named.set_index("kind")["amount_pence"].to_dict() == {"contract": 400}


class TestNothingIsMadeOrLost:
    @pytest.mark.parametrize("form", ["C1", "C2", "C2e", "C3", "C3a", "C4", "C5", "C9", "C10"])
    def test_of_any_contract_form(self, form: str) -> None:
        shared = {"gain_share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "excess"}
        asked = {"C4": {"share": 0.5}, "C5": {"share": 0.025}, "C9": shared, "C10": shared | {"share": 0.025}}
        tables = settle_year(books(everything(1.05, 3), 3, (unshadowed(form, parameters=asked.get(form, {})),)))
        assert [check.check_id for check in prove(tables) if check.outcome == "failed"] == []
        assert balances(tables["settlement_journal"])["amount_pence"].sum() == 0

    @pytest.mark.parametrize(
        ("destination", "basis"), [("commissioner", "own"), ("pool", "receiver"), ("providers", "national")]
    )
    def test_of_any_terms(self, destination: str, basis: str) -> None:
        terms = {"ips_unearned_destination": destination, "transfer_rate_basis": basis}
        tables = settle_year(books(everything(months=3), 3, (unshadowed(),), **terms))
        assert all(check.outcome == "passed" for check in prove(tables))

    def test_statements_of_the_quarters_add_up_to_the_year(self) -> None:
        year = settle_year(books(everything(months=9), 9, (unshadowed(),)))
        whole = settle_to(books(everything(months=9), 9, (unshadowed(),)), 9).journal
        keys = [name for name in whole.columns if name != "amount_pence"]
        quarters = year["settlement_journal"].groupby(keys)["amount_pence"].sum()
        pd.testing.assert_series_equal(
            quarters[quarters != 0], whole.set_index(keys)["amount_pence"], check_names=False
        )

    def test_a_quarter_is_the_same_whether_or_not_the_year_has_gone_on(self) -> None:
        early = settle_year(books(dated(3), 3, (unshadowed(),)))
        late = settle_year(books(dated(6), 6, (unshadowed(),)))
        assert {"choice", "incentive_unearned", "prior_year", "late_news"} <= set(early["settlement_journal"]["item"])
        for name in ("settlement_journal", "settlement_parties", "contract_results", "pool_balance"):
            first = late[name][late[name]["quarter"] == 1].reset_index(drop=True)
            pd.testing.assert_frame_equal(early[name], first)

    def test_statements_of_the_parties_add_up_to_nothing(self) -> None:
        tables = settle_year(books(everything(months=6), 6, (unshadowed(),)))
        told = statements_of(tables["settlement_journal"], tables["settlement_parties"], tables["pool_balance"])
        assert sum(one.now_pence for one in told) == 0
        assert [one.kind for one in told] == ["provider"] * 2 + ["place"] * 2 + ["commissioner"] + ["pool"] * 2
        pools = [one for one in told if one.kind == "pool"]
        last = tables["pool_balance"].query("quarter == 2").set_index("place")["closing_pence"]
        assert {one.party: one.closing_pence for one in pools} == last.to_dict()

    @pytest.mark.parametrize("destination", ["commissioner", "pool", "providers"])
    def test_results_add_up_to_what_was_expected_less_what_it_cost(self, destination: str) -> None:
        shared = (unshadowed(),)
        tables = settle_year(books(everything(months=3), 3, shared, ips_unearned_destination=destination))
        parties = tables["settlement_parties"].groupby("contract")
        told = tables["contract_results"].set_index("contract")
        gap = parties["result_pence"].sum() + told["commissioner_result_pence"] - told["difference_pence"]
        lost = 0 if destination == "commissioner" else parties["unearned_pence"].sum()["alliance"]
        assert parties["unearned_pence"].sum()["alliance"] > 0
        assert gap.to_dict() == {"East": 0, "West": 0, "alliance": -lost}
        wrong = tables["contract_results"].assign(commissioner_result_pence=0)
        failed = [one for one in prove({**tables, "contract_results": wrong}) if one.outcome == "failed"]
        assert [one.check_id for one in failed] == ["Y45"] and "alliance" in failed[0].keys

    def test_at_plan_nothing_moves(self) -> None:
        tables = settle_year(books(Actuals(spend=spend(run(), 3)), 3, (agreement(),)))
        assert "settlement_journal" not in tables
        assert tables["contract_results"]["difference_pence"].abs().max() < 20


class TestAfterWhatWasIssued:
    """News that is late is settled in the next statement, whatever month it is of."""

    def settled(self, happened: Actuals, quarter: int, issued: dict[str, pd.DataFrame] | None = None) -> pd.DataFrame:
        tables = self.tables(happened, quarter, issued)
        return tables["settlement_journal"].groupby(["item", "quarter"])["amount_pence"].sum()

    def tables(
        self, happened: Actuals, quarter: int, issued: dict[str, pd.DataFrame] | None = None
    ) -> dict[str, pd.DataFrame]:
        tables = settle_year(books(happened, 3 * quarter, (unshadowed(),)), issued)
        assert all(check.outcome == "passed" for check in prove(tables))
        return tables

    def test_what_does_not_say_when_it_was_known_is_news_of_the_last_quarter(self) -> None:
        items = self.settled(everything(months=6), 2)
        assert items["prior_year"].to_dict() == {2: -123_457}
        assert set(items["incentive_unearned"].index) == {2}

    def test_a_statement_is_what_is_due_to_date_less_what_was_issued(self) -> None:
        known = replace(everything(months=3), outcomes=None, prior_year=None)
        first = self.tables(known, 1)
        restated = replace(everything(1.12, 6), choice=choice(700_000, range(1, 7)))
        second = self.tables(restated, 2, first)
        for name in ("settlement_journal", "settlement_parties", "contract_results", "pool_balance"):
            kept = second[name][second[name]["quarter"] == 1].reset_index(drop=True)
            pd.testing.assert_frame_equal(kept, first[name], check_like=True, check_dtype=False)
        whole = settle_to(books(restated, 6, (unshadowed(),)), 6).journal
        keys = [name for name in whole.columns if name != "amount_pence"]
        both = second["settlement_journal"].groupby(keys)["amount_pence"].sum()
        pd.testing.assert_series_equal(both[both != 0], whole.set_index(keys)["amount_pence"], check_names=False)
        items = second["settlement_journal"].groupby(["item", "quarter"])["amount_pence"].sum()
        assert items["prior_year"].to_dict() == {2: -123_457}
        assert items["incentive_unearned", 2] > 0

    def test_what_was_issued_is_not_paid_again(self) -> None:
        happened = everything(months=6)
        first = self.tables(replace(happened, spend=spend(run(), 3, 1.05, by={"BBB": 0.9})), 1)
        items = self.settled(happened, 2, first)
        assert items["prior_year"].to_dict() == {1: -123_457}

    def test_a_quarter_that_had_no_statement_is_in_the_next(self) -> None:
        happened = dated(9)
        first, third = self.tables(happened, 1), self.settled(happened, 3)
        after = self.settled(happened, 3, first)
        assert set(after["gain_loss"].index) == {1, 3}
        assert after["gain_loss", 3] == third["gain_loss", 2] + third["gain_loss", 3]

    def test_of_a_measure_the_last_that_was_known_holds(self) -> None:
        values = pd.concat([REACHED.assign(known_month=3), REACHED.assign(value=[10.0, 0.9], known_month=5)])
        told = self.tables(replace(everything(months=6), outcomes=values[::-1]), 2)["contract_results"]
        assert told.query("contract == 'alliance'").set_index("quarter")["score"].to_dict() == {1: 0.8, 2: 1.0}


class TestPlaces:
    """Without contracts the locality's assumptions say who bears what."""

    def settled(self, factor: float, **terms: object) -> pd.DataFrame:
        return settle_year(books(Actuals(spend=spend(run(), 3, factor)), 3, **terms))["contract_results"].set_index(
            "contract"
        )

    def expected(self) -> int:
        return int(self.settled(1.0).loc["East", "expected_pence"])

    def test_half_of_a_loss_is_the_commissioners(self) -> None:
        row = self.settled(1.04).loc["East"]
        assert row["passed_pence"] == pytest.approx(row["difference_pence"] / 2, abs=1)
        assert row["commissioner_result_pence"] == row["passed_pence"]

    def test_within_the_deadband_nothing_changes_hands(self) -> None:
        assert self.settled(1.019).loc["East", "passed_pence"] == 0

    def test_beyond_it_the_excess_alone_where_that_is_agreed(self) -> None:
        row = self.settled(0.94, gainloss_basis="excess").loc["East"]
        assert row["passed_pence"] == pytest.approx(0.5 * (0.06 - 0.02) * row["expected_pence"], abs=20)

    def test_the_cap_holds(self) -> None:
        row = self.settled(1.5).loc["East"]
        assert row["passed_pence"] == pytest.approx(-0.05 * row["expected_pence"], abs=1)

    def test_a_loss_may_have_a_share_of_its_own(self) -> None:
        assert self.settled(1.1, loss_share=0).loc["East", "passed_pence"] == 0
        assert self.settled(0.9, loss_share=0).loc["East", "passed_pence"] > 0

    def test_against_the_trend_a_plan_that_is_kept_is_a_gain(self) -> None:
        row = self.settled(1.0, expected_basis="baseline_trend").loc["East"]
        assert row["difference_pence"] == pytest.approx(0.04 * self.expected(), rel=0.01)

    def test_a_pool_pays_no_loss_that_is_one_of_expectation_alone(self) -> None:
        tables = run()
        gap = tables["funding_gap"].assign(
            do_nothing_pence=(tables["funding_gap"]["allocation_pence"] * 0.9).astype(int)
        )
        lower = type(tables)({**tables.tables, "funding_gap": gap})
        told = settle_year(books(Actuals(spend=spend(lower, 3)), 3, tables=lower, expected_basis="baseline_trend"))
        result = told["contract_results"].set_index("contract").loc["East"]
        assert result["passed_pence"] > 0
        assert result["commissioner_result_pence"] == result["difference_pence"] + result["passed_pence"]
        assert (told["pool_balance"]["drawn_for_losses_pence"] == 0).all()

    def test_a_counterfactual_has_to_be_handed_over(self) -> None:
        with pytest.raises(ConfigurationError, match="counterfactual_spend"):
            self.settled(1.0, expected_basis="counterfactual")
        other = spend(run(), 3, 1.1)
        told = settle_year(
            books(Actuals(spend=spend(run(), 3), counterfactual=other), 3, expected_basis="counterfactual")
        )["contract_results"].set_index("contract")
        assert told.loc["West", "difference_pence"] == pytest.approx(0.1 * told.loc["West", "actual_pence"], rel=1e-4)

    def test_incentive_that_was_not_earned_goes_where_it_should(self) -> None:
        scored = Actuals(spend=spend(run(), 3), outcomes=outcomes(("East", "score", 0.6)))
        for destination, kind in (("commissioner", "commissioner"), ("pool", "pool"), ("providers", "place")):
            tables = settle_year(books(scored, 3, ips_unearned_destination=destination))
            moved = balances(tables["settlement_journal"]).query("item == 'incentive_destination' and amount_pence > 0")
            assert set(moved["kind"]) == {kind}
            stake = 0.025 * tables["contract_results"].set_index("contract").loc["East", "expected_pence"]
            assert moved["amount_pence"].sum() == pytest.approx(stake * 0.4, abs=5)


class TestListChanges:
    def test_money_follows_people_or_stays(self) -> None:
        happened = Actuals(spend=spend(run(), 3), news=news({("East", "AMW"): 40.0}, 3))
        paid = settle_year(books(happened, 3, transfer_rate_basis="own"))
        rate = run()["segment_rates"].set_index(["place", "segment"]).loc[("East", "AMW"), "rate_per_head_pence"]
        here = paid["settlement_parties"].set_index("party").loc["East", "list_pence"]
        assert here == round(40 * rate / 4)
        off = settle_year(books(happened, 3, inyear_list_adjustment="off"))
        assert (off["settlement_parties"]["list_pence"] == 0).all()
        assert off["list_adjustment"]["change_pence"].sum() == round(40 * rate / 4)

    def test_people_who_moved_within_the_footprint_cost_nobody_anything(self) -> None:
        happened = Actuals(spend=spend(run(), 3), news=news({("East", "AMW"): -2.0, ("West", "AMW"): 2.0}, 3))
        for basis, total in (("sender", 0), ("receiver", 0), ("national", 0)):
            told = settle_year(books(happened, 3, transfer_rate_basis=basis))
            assert told["settlement_parties"]["list_pence"].sum() == pytest.approx(total, abs=1)
            assert told["place_transfers"]["transfer_pence"].sum() == 0

    def test_late_news_is_an_item_of_its_own(self) -> None:
        happened = Actuals(spend=spend(run(), 6), news=news({("East", "AMW"): 40.0}, 6, late=True))
        tables = settle_year(books(happened, 6, transfer_rate_basis="own"))
        items = tables["settlement_journal"].groupby(["quarter", "item"])["amount_pence"].sum()
        assert items[1, "late_news"] == tables["late_news"]["amount_pence"].sum()
        assert (2, "late_news") not in items.index


class TestContracts:
    def settled(
        self, factor: float = 1.0, by: dict[str, float] | None = None, **changes: object
    ) -> dict[str, pd.DataFrame]:
        told = {name: changes.pop(name, None) for name in ("reached",)}
        months = int(changes.pop("months", 3))  # type: ignore[call-overload]
        happened = Actuals(spend=spend(run(), months, factor, by=by), outcomes=told["reached"])  # type: ignore[arg-type]
        return settle_year(books(happened, months, (agreement(**changes),)))  # type: ignore[arg-type]

    def test_an_alliance_shares_what_is_left(self) -> None:
        tables = self.settled(by={"AAA": 1.10, "BBB": 0.95})
        budgets = {code: int(party(tables, code)["account_pence"]) for code in ("AAA", "BBB")}
        results = {code: int(party(tables, code)["result_pence"]) for code in ("AAA", "BBB")}
        assert results["AAA"] / budgets["AAA"] == pytest.approx(results["BBB"] / budgets["BBB"], rel=1e-4)

    def test_separate_contracts_share_nothing_between_parties(self) -> None:
        tables = self.settled(by={"AAA": 1.10, "BBB": 1.0}, form="C1", gain_loss=None)
        assert party(tables, "BBB")["shared_pence"] == 0
        assert party(tables, "AAA")["result_pence"] == pytest.approx(
            -0.1 * party(tables, "AAA")["account_pence"], rel=1e-3
        )

    def test_outcomes_earn_their_part(self) -> None:
        tables = self.settled(reached=REACHED)
        assert tables["outcome_scores"]["achievement"].tolist() == [0.5, 1.0]
        assert tables["contract_results"]["score"].dropna().unique() == pytest.approx([0.8])
        mine = party(tables, "AAA")
        assert mine["unearned_pence"] == pytest.approx(0.2 * 0.025 * mine["planned_pence"], abs=1)

    def test_until_every_measure_is_known_nothing_is_taken_back(self) -> None:
        tables = self.settled(reached=REACHED[:1])
        assert party(tables, "AAA")["unearned_pence"] == 0
        assert tables["contract_results"]["score"].isna().all()

    def test_payment_follows_activity_where_that_is_agreed(self) -> None:
        paid = [
            {"party": code, "role": "provider", "payment": {"id": form}}
            for code, form in (("AAA", "F03"), ("BBB", "F01"))
        ]
        tables = self.settled(by={"AAA": 1.06, "BBB": 1.06}, parties=paid, form="C1", gain_loss=None)
        assert party(tables, "AAA")["true_up_pence"] == pytest.approx(
            0.06 * party(tables, "AAA")["account_pence"], rel=1e-3
        )
        assert party(tables, "BBB")["true_up_pence"] == 0

    def test_units_that_are_known_in_part_are_not_known(self) -> None:
        paid = [{"party": code, "role": "provider", "payment": {"id": "F03"}} for code in ("AAA", "BBB")]
        agreed = agreement("C1", parties=paid, gain_loss=None)
        rows = spend(run(), 3, 1.06)
        for part in (rows["month"] == 2, rows["place"] == "West"):
            bare = rows.assign(units=rows["units"].mask(part & (rows["provider_code"] == "AAA")))
            tables = settle_year(books(Actuals(spend=bare), 3, (agreed,)))
            assert party(tables, "AAA")["true_up_pence"] == 0
            assert party(tables, "BBB")["true_up_pence"] > 0
            lines = tables["settlement_lines"].query("party == 'AAA'").set_index("place")["units"]
            assert pd.isna(lines["West"])

    def test_incentive_that_comes_back_meets_a_loss_before_the_pool_does(self) -> None:
        costly = {"AAA": 1.10, "BBB": 1.10}
        claimed = []
        for reached in (None, REACHED):
            told = self.settled(by=costly, reached=reached)
            drawn = told["settlement_journal"].query("item == 'risk_pool' and contract == 'alliance'")
            unearned = sum(int(party(told, code)["unearned_pence"]) for code in costly)
            result = told["contract_results"].query("contract == 'alliance'")["commissioner_result_pence"].iloc[0]
            claimed.append((drawn["amount_pence"].sum() + unearned, -result + unearned))
        assert claimed[0] == claimed[1] and claimed[0][0] > 0

    def test_commissioners_who_pay_for_activity_bear_it_and_share_it(self) -> None:
        paid = [{"party": code, "role": "provider", "payment": {"id": "F03"}} for code in ("AAA", "BBB")]
        told = self.settled(1.06, parties=paid)["contract_results"].query("kind == 'contract'").iloc[0]
        assert told["passed_pence"] == pytest.approx(-told["difference_pence"] / 2, rel=1e-3)

    def test_the_shadow_year_shows_both(self) -> None:
        tables = self.settled(by={"AAA": 1.06, "BBB": 0.9}, gain_loss=None, form="C1", months=12)
        shadow = tables["shadow_year"]
        assert len(shadow) == 24
        last = shadow[shadow["month"] == 12].set_index("party")
        plan = party(tables, "AAA", 4)["account_pence"]
        assert last.loc["AAA", "cumulative_in_force_pence"] == pytest.approx(1.06 * plan, rel=1e-3)
        assert last.loc["AAA", "cumulative_integrated_pence"] == plan
        assert last.loc["BBB", "cumulative_difference_pence"] > 0
        sums = shadow.groupby("party")[["in_force_pence", "integrated_pence", "cost_pence", "difference_pence"]].sum()
        assert (sums["difference_pence"] == last["cumulative_difference_pence"]).all()
        assert (sums["cost_pence"] == last["cumulative_cost_pence"]).all()

    def test_a_contract_that_names_nothing_in_force_has_no_shadow(self) -> None:
        paid = [{"party": code, "role": "provider", "payment": {"id": "F10"}} for code in PROVIDERS[:2]]
        assert "shadow_year" not in self.settled(parties=paid)


class TestPools:
    def test_choice_comes_first_and_no_pool_pays_more_than_it_has(self) -> None:
        happened = replace(everything(1.2), choice=choice(10**9))
        tables = settle_year(books(happened, 3, (unshadowed(),)))
        pools = tables["pool_balance"]
        assert (pools["closing_pence"] == 0).all()
        assert (pools["drawn_for_losses_pence"] == 0).all()
        assert (pools["unmet_pence"] > 0).all()

    def test_what_choice_did_not_cost_comes_back(self) -> None:
        tables = settle_year(books(Actuals(spend=spend(run(), 3), choice=choice(100_000)), 3))
        pools = tables["pool_balance"].set_index("place")
        assert (pools["returned_by_choice_pence"] == 200_000).all()
        assert (pools["closing_pence"] == pools["opening_pence"] + 200_000).all()

    def test_a_sum_of_all_months_is_reconciled_with_the_last_of_them(self) -> None:
        tables = settle_year(books(Actuals(spend=spend(run(), 6), choice=choice(700_000, [None])), 6))
        assert tables["settlement_journal"].query("item == 'choice'")["quarter"].unique().tolist() == [2]
        pools = tables["pool_balance"].set_index(["quarter", "place"])["drawn_for_choice_pence"]
        assert pools.to_dict() == {(1, "East"): 0, (1, "West"): 0, (2, "East"): 100_000, (2, "West"): 100_000}

    def test_a_prime_provider_bears_its_own(self) -> None:
        tables = run()
        prime = pd.DataFrame({"financial_year": [YEAR], "method": ["prime_provider"], "holder": ["Trust"]})
        changed = type(tables)({**tables.tables, "choice_terms": prime})
        told = settle_year(books(Actuals(spend=spend(run(), 3), choice=choice(400_000)), 3, tables=changed))
        assert "settlement_journal" not in told
        assert set(told["choice_settlement"]["holder"]) == {"Trust"}
        assert told["choice_settlement"]["difference_pence"].tolist() == [100_000, 100_000]


MOVES = {
    "inyear_list_adjustment": "off",
    "transfer_rate_basis": "receiver",
    "ips_unearned_destination": "pool",
    "expected_basis": "baseline_trend",
    "gain_share": 0.3,
    "loss_share": 0.3,
    "gainloss_deadband": 0.2,
    "gainloss_cap": 0.001,
    "gainloss_basis": "excess",
}


@pytest.mark.parametrize("name", sorted(set(ASSUMED) - {"monthly_count"}))
def test_every_assumption_moves_what_is_settled(name: str) -> None:
    factor = 0.9 if name == "gain_share" else 1.1
    happened = replace(everything(factor, 3), outcomes=outcomes(("East", "score", 0.5)))
    usual = settle_year(books(happened, 3))["settlement_journal"]
    other = settle_year(books(happened, 3, **{name: MOVES[name]}))["settlement_journal"]
    assert not usual.equals(other)


def test_places_of_the_small_year_are_those_that_are_settled() -> None:
    tables = settle_year(books(everything(months=3), 3))
    assert set(tables["contract_results"]["contract"]) == set(PLACES)


class TestGainAndLossInAPayment:
    """F13 over a fixed payment: the party bears cost, and passes its part on."""

    @pytest.mark.parametrize(("cost", "due"), [(19_000_000_00, 19_500_000_00), (21_200_000_00, 20_600_000_00)])
    @pytest.mark.parametrize("base", ["F01", "F10"])
    def test_it_goes_the_way_of_the_method(self, base: str, cost: int, due: int) -> None:
        shared = {"share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "first_dollar"}
        payment = Payment.model_validate({"id": base, "adjusted_by": [{"id": "F13", "parameters": shared}]})
        line = {"service_line": "acute", "planned_pence": 20_000_000_00, "cost_pence": cost}
        lines = pd.DataFrame([line | {"planned_units": 1.0, "actual_units": 1.0}])
        assert due_to_date(payment, lines, 12)["due_pence"].tolist() == [due]


class TestUnitsOfThePlan:
    GROWTH = {"demographic_growth": 0.02, "nondemographic_growth": 0.01}

    def grown(self) -> Run:
        tables = run()
        opened = tables["budget_ledger"]
        steps = [opened]
        for step, rate in self.GROWTH.items():
            so_far = sum(part["amount_pence"] for part in steps)
            steps.append(opened.assign(step=step, amount_pence=(so_far * rate).round().astype("int64")))
        return Run({**tables.tables, "budget_ledger": pd.concat(steps, ignore_index=True)})

    @pytest.mark.parametrize(
        ("form", "parameters"),
        [("F03", {}), ("F09", {"variable": 1.0}), ("F02", {"tolerance": 0.02, "share": 0.5})],
    )
    def test_activity_that_grows_as_planned_is_paid_the_plan(self, form: str, parameters: dict[str, float]) -> None:
        paid = [
            {"party": code, "role": "provider", "payment": {"id": form, "parameters": parameters}}
            for code in PROVIDERS[:2]
        ]
        deal = agreement("C1", parties=paid, gain_loss=None, outcomes=None)
        happened = spend(run(), 3).assign(units=lambda rows: rows["units"] * 1.02 * 1.01)
        tables = settle_year(books(Actuals(spend=happened), 3, (deal,), self.grown()))
        assert tables["settlement_parties"]["true_up_pence"].abs().max() < 1_000
        units = tables["settlement_lines"].query("kind == 'contract'")
        assert units["planned_units"].to_numpy() / 4 == pytest.approx(units["units"].to_numpy(), rel=1e-6)
