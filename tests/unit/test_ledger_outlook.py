"""Rebasing, the growth cap, agreed moves, growth in two parts and the funding gap, told in a few numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.support.localities import YEARS, Locality, locality

pytestmark = pytest.mark.unit

FOUR = ("2025/26", "2026/27", "2027/28", "2028/29")
GROWING = {"growth": 1.01, "growth_nondemographic": 0.01, "cost_uplift_factor": 0.04, "efficiency_factor": 0.02}


def moved(small: Locality, step: str) -> pd.DataFrame:
    """Movements of a step in pence, years by places."""
    table = small.book()["growth_bridge"]
    return table[table["step"] == step].pivot(index="financial_year", columns="place", values="amount_pence")


class TestRebasing:
    def unequal(self, **values: object) -> Locality:
        """Two places that pace of change pulls together, with twice as much money as need for the one."""
        rules = {"quantum_basis": "opening", "pace_min_growth": -0.05, **GROWING, **values}
        return locality({"A": 20_000_000, "B": 10_000_000}, weights={"A": 1, "B": 1}, years=FOUR, **rules)  # type: ignore[arg-type]

    def test_never_by_nought(self) -> None:
        assert (moved(self.unequal(), "rebasing") == 0).all(axis=None)

    @pytest.mark.parametrize(("every", "years"), [(1, FOUR[1:]), (2, FOUR[2:3]), (3, FOUR[3:]), (4, ())])
    def test_every_so_many_years_after_the_first(self, every: int, years: tuple[str, ...]) -> None:
        found = moved(self.unequal(rebase_years=every), "rebasing")
        assert tuple(found.index[(found != 0).any(axis=1)]) == tuple(years)

    def test_a_rebased_year_opens_with_what_services_were_planned_to_cost(self) -> None:
        small = self.unequal(rebase_years=2)
        tables = small.book()
        bridge = tables["growth_bridge"].set_index(["financial_year", "step", "place"])["balance_pence"]
        gap = tables["funding_gap"].set_index(["financial_year", "place"])
        for place in "AB":
            assert abs(bridge[FOUR[2], "rebasing", place] - gap.loc[(FOUR[1], place), "planned_pence"]) <= 3

    def test_compression_is_a_movement_of_its_own(self) -> None:
        """What a place was allocated beyond the cost of its services goes when it is rebased, and is seen to go."""
        small = self.unequal(rebase_years=2)
        tables = small.book()
        gap = tables["funding_gap"].set_index(["financial_year", "place"])
        rebased = moved(small, "rebasing").loc[FOUR[2]]
        assert rebased["B"] < 0 < rebased["A"]
        for place in "AB":
            assert abs(rebased[place] - gap.loc[(FOUR[1], place), "left_pence"]) <= 3
        ledger = tables["budget_ledger"]
        cited = ledger.loc[ledger["step"] == "rebasing", "assumptions"]
        assert {tuple(names) for names in cited} == {("rebase_years",)}

    def test_savings_lower_the_base(self) -> None:
        quantum = {"quantum_basis": "growth", "quantum_growth": 0.02, "rebase_years": 1}
        plain = locality({"A": 10_000_000}, years=YEARS, **quantum)
        saving = plain.with_values(**{f"savings@{YEARS[0]}": 1_000})
        assert moved(saving, "rebasing").loc[YEARS[1], "A"] == moved(plain, "rebasing").loc[YEARS[1], "A"] - 100_000


class TestGrowthCap:
    SHARED = {"weights": {"A": 2, "B": 1}, "quantum_growth": 0.05, "pace_max_under_target": -1}

    def test_no_place_is_capped_where_no_cap_is_given(self) -> None:
        pace = locality({"A": 100_000, "B": 100_000}, **self.SHARED).book()["pace_of_change"]  # type: ignore[arg-type]
        assert pace.set_index("place")["growth"].to_dict() == pytest.approx({"A": 0.1, "B": 0.0})

    def test_a_cap_holds_and_is_cited(self) -> None:
        small = locality({"A": 100_000, "B": 100_000}, pace_max_growth=0.06, **self.SHARED)  # type: ignore[arg-type]
        tables = small.book()
        pace = tables["pace_of_change"].set_index("place")
        assert pace["allocation_pence"].to_dict() == {"A": 106_000, "B": 104_000}
        assert pace.loc["A", "binding_rule"] == "growth_cap"
        ledger = tables["budget_ledger"]
        assert all(
            "pace_max_growth" in names for names in ledger.loc[ledger["step"] == "pace_of_change", "assumptions"]
        )

    def test_a_cap_that_cannot_spend_the_quantum_stays_visible(self) -> None:
        small = locality({"A": 100_000, "B": 100_000}, pace_max_growth=0.01, **self.SHARED)  # type: ignore[arg-type]
        pace = small.book()["pace_of_change"]
        assert set(pace["binding_rule"]) == {"infeasible"}
        assert pace["allocation_pence"].sum() - pace["target_pence"].sum() == -8_000


class TestPolicyMoves:
    def test_each_move_names_owner_and_reason_and_adds_up(self) -> None:
        values = {"investment": 10.01, "savings@place:B": 5, "savings": 1}
        tables = locality({"A": 100_000, "B": 200_000}, **values).book()
        moves = tables["policy_moves"]
        assert moves.groupby("move_id")["amount_pence"].sum().to_dict() == {
            "investment": 1_001,
            "savings": -100,
            "savings@B": -500,
        }
        assert set(moves.loc[moves["move_id"] == "savings@B", "place"]) == {"B"}
        assert set(moves["owner"]) == {"tester"} and set(moves["reason"]) == {"a test"}
        stepped = tables["growth_bridge"].query("step == 'investments'").set_index("place")["amount_pence"]
        assert ((moves.groupby("place")["amount_pence"].sum() - stepped).abs() <= 2).all()

    def test_where_nothing_is_agreed_the_table_is_empty_but_whole(self) -> None:
        moves = locality({"A": 100_000}).book()["policy_moves"]
        assert moves.empty
        assert {"move_id", "owner", "reason"} <= set(moves.columns)


class TestDemography:
    def test_more_people_of_the_same_mix_are_numbers_alone(self) -> None:
        (row,) = locality({"A": 1_000_000}, growth=1.02).book()["demographic_growth"].itertuples()
        assert (row.population_pence, row.case_mix_pence) == (20_000, 0)
        assert (row.population_growth, row.case_mix_growth) == pytest.approx((0.02, 0.0))

    def test_older_people_in_place_of_younger_are_mix_alone(self) -> None:
        small = locality({"A": 1_000_000})
        now = small.people["financial_year"] == YEARS[0]
        small.people.loc[now & (small.people["segment"] == "OA"), "people"] = 1_100
        small.people.loc[now & (small.people["segment"] == "AMW"), "people"] = 900
        (row,) = small.book()["demographic_growth"].itertuples()
        # segments share cost 3 to 1, and people half and half
        assert (row.population_pence, row.case_mix_pence, row.amount_pence) == (0, -50_000, -50_000)


class TestFundingGap:
    def test_the_same_care_against_the_allocation(self) -> None:
        values = GROWING | {"investment": 50, "savings": 200, "savings_realised_share": 0.15, "quantum_growth": 0.03}
        (row,) = locality({"A": 10_000_000}, **values).book()["funding_gap"].itertuples()  # type: ignore[arg-type]
        assert row.baseline_pence == 10_000_000
        assert row.do_nothing_pence == round(10_000_000 * 1.01 * 1.01 * 1.04)
        assert row.efficiency_pence == round(10_000_000 * 1.01 * 1.01 * 0.02)
        assert (row.investment_pence, row.savings_pence, row.savings_unproven_pence) == (5_000, 20_000, 17_000)
        assert row.allocation_pence == 10_300_000
        assert row.gap_pence == row.do_nothing_pence - 10_300_000
        assert row.left_pence == row.gap_pence - row.efficiency_pence + 5_000 - 20_000

    def test_efficiency_counts_from_the_base_year_on(self) -> None:
        small = locality({"A": 100_000_000}, years=YEARS, cost_uplift_factor=0.04, efficiency_factor=0.02)
        gap = small.book()["funding_gap"].set_index("financial_year")
        assert gap.loc[YEARS[1], "do_nothing_pence"] == round(100_000_000 * 1.04**2)
        assert gap.loc[YEARS[1], "planned_pence"] == round(100_000_000 * 1.02**2)

    def test_what_pace_of_change_moves_leaves_the_cost_of_services_alone(self) -> None:
        shared = {"quantum_basis": "opening", "pace_min_growth": -0.05, **GROWING}
        spend, even = {"A": 200_000, "B": 100_000}, {"A": 1, "B": 1}
        moves = locality(spend, weights=even, years=YEARS, **shared).book()["funding_gap"]  # type: ignore[arg-type]
        stays = locality(spend, years=YEARS, **shared).book()["funding_gap"]  # type: ignore[arg-type]
        assert (moves["planned_pence"] == stays["planned_pence"]).all()
        assert not (moves["left_pence"] == stays["left_pence"]).all()


def test_years_to_target_stand_beside_the_pace() -> None:
    small = locality({"A": 120_000, "B": 100_000}, weights={"A": 1, "B": 1}, quantum_growth=0.02)
    pace = small.book()["pace_of_change"].set_index("place")
    distance = 120_000 / 110_000 - 1
    assert pace.loc["A", "years_to_target"] == pytest.approx(np.log1p(distance) / np.log(1.02))
    assert pd.isna(pace.loc["B", "years_to_target"])
    assert pace.loc["B", "years_at_this_pace"] > 0


def test_money_held_out_of_segments_has_no_mix() -> None:
    small = locality({"A": 1_000_000}, growth=1.03)
    held = small.costs.assign(segment=["AMW", "UNATTR"])
    (row,) = replace(small, costs=held).book()["demographic_growth"].itertuples()
    assert row.case_mix_pence == 0
