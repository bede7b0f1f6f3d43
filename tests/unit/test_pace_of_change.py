"""Pace of change: worked example A, the published micro-set, every rule, and an exact oracle."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from budget.ledger.pace_of_change import PaceInfeasible, solve, taper
from tests.oracle import pace as oracle

pytestmark = pytest.mark.unit

PLACES = ["L01", "L02", "L03", "L04"]
QUANTUM = 534_000_000_00
L01 = 16_105_012_711.864407 * 1.005 * 1.0215 - 60_000_000
"""Unrounded: the demographic estimate, demand, uplift net of efficiency, investment less savings, in pence."""
OPENING = pd.Series([L01, 121_500_000_00, 98_200_000_00, 143_750_000_00], index=PLACES)
WEIGHTED = pd.Series([93_480.0, 74_950.0, 53_210.0, 86_030.0], index=PLACES)


def named(*values: float) -> pd.Series:
    return pd.Series(values, index=[f"P{number}" for number in range(len(values))])


def pounds(column: pd.Series) -> list[str]:
    return [f"{pence / 100:.2f}" for pence in column]


def percent(column: pd.Series) -> list[str]:
    return [f"{share:+.4%}" for share in column]


class TestWorkedExampleA:
    def test_floor_then_raise_lowest(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM)
        assert pounds(table["target_pence"]) == ["162246302.86", "130085156.17", "92352650.57", "149315890.40"]
        assert percent(table["opening_dft"]) == ["+2.6518%", "-5.5714%", "+7.5021%", "-2.6677%"]
        assert pounds(table["floor_pence"]) == ["166382621.06", "123580898.37", "98690580.35", "145187500.00"]
        assert pounds(table["allocation_pence"]) == ["166382621.06", "123739298.59", "98690580.35", "145187500.00"]
        assert percent(table["closing_dft"]) == ["+2.5494%", "-4.8782%", "+6.8627%", "-2.7649%"]
        assert percent(table["growth"]) == ["+1.0000%", "+1.8430%", "+0.4996%", "+1.0000%"]
        assert list(table["binding_rule"]) == ["growth_floor", "raised", "growth_floor", "growth_floor"]

    def test_floors_add_up_and_the_level_is_the_published_one(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM).set_index("place")
        assert table["floor_pence"].sum() == 533_841_599_78
        assert table["allocation_pence"].sum() == QUANTUM
        level = table.loc["L02", "allocation_pence"] / (QUANTUM * 74_950 / 307_670) - 1
        assert level == pytest.approx(-0.048782334396, abs=1e-10)

    def test_the_target_floor_of_l02_is_above_its_growth_floor(self) -> None:
        without = solve(OPENING, WEIGHTED, QUANTUM, max_under_target=-1.0).set_index("place")
        assert without.loc["L02", "floor_pence"] == 122_715_000_00

    def test_gap_share(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM, rule="gap_share")
        assert pounds(table["allocation_pence"]) == ["164735268.38", "125027681.07", "98200000.00", "146037050.55"]
        assert percent(table["growth"]) == ["+0.0000%", "+2.9034%", "+0.0000%", "+1.5910%"]
        assert percent(table["closing_dft"]) == ["+1.5341%", "-3.8878%", "+6.3315%", "-2.1959%"]
        assert set(table["binding_rule"]) == {"gap_share"}

    def test_uniform_grows_all_alike(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM, rule="uniform")
        assert table["allocation_pence"].sum() == QUANTUM
        assert table["growth"].to_numpy() == pytest.approx(QUANTUM / OPENING.sum() - 1, abs=1e-9)
        assert set(table["binding_rule"]) == {"uniform"}


class TestMicroSet:
    def test_an_allocation_of_95_against_100_is_5_percent_under(self) -> None:
        table = solve(named(9_500, 10_500), named(1, 1), 20_000, min_growth=0.0, max_under_target=-1.0)
        assert table["closing_dft"].iloc[0] == pytest.approx(-0.05, abs=1e-12)

    @pytest.mark.parametrize(("distance", "left"), [(0.075, 0.5), (0.05, 1.0), (0.10, 0.0), (-0.2, 1.0), (0.5, 0.0)])
    def test_the_guarantee_fades_between_5_and_10_percent_over(self, distance: float, left: float) -> None:
        assert taper(np.array([distance]), 0.05, 0.10)[0] == pytest.approx(left, abs=1e-12)

    def test_a_taper_without_width_is_a_cliff(self) -> None:
        assert taper(np.array([0.05, 0.0501]), 0.05, 0.05).tolist() == [1.0, 0.0]

    def test_floors_beyond_the_quantum_are_refused_and_say_by_how_much(self) -> None:
        with pytest.raises(PaceInfeasible, match="the floors need £1.00 more than the quantum of £201.00") as refusal:
            solve(named(10_000, 10_000), named(1, 1), 20_100, min_growth=0.01)
        assert refusal.value.shortfall_pence == 100
        assert list(refusal.value.needed["allocation_pence"]) == [10_100, 10_100]
        assert set(refusal.value.needed["binding_rule"]) == {"infeasible"}

    def test_places_at_equal_distance_all_grow_alike(self) -> None:
        table = solve(named(10_000, 30_000, 60_000), named(1, 3, 6), 103_000, min_growth=0.01)
        assert list(table["allocation_pence"]) == [10_300, 30_900, 61_800]
        assert table["growth"].to_numpy() == pytest.approx(0.03)


class TestEdges:
    def test_one_place_gets_the_quantum_whatever_its_floor(self) -> None:
        table = solve(named(10_000), named(7), 9_000, min_growth=0.05)
        assert list(table["allocation_pence"]) == [9_000]
        assert list(table["binding_rule"]) == ["only_place"]

    def test_a_place_without_an_opening_budget_opens_at_target(self) -> None:
        table = solve(named(0, 50_000), named(1, 1), 100_000, min_growth=0.0)
        assert list(table["opening_pence"]) == [50_000, 50_000]
        assert list(table["growth"]) == [0.0, 0.0]

    def test_a_cut_needs_a_negative_guarantee(self) -> None:
        with pytest.raises(PaceInfeasible):
            solve(named(10_000, 10_000), named(1, 1), 19_000, min_growth=0.0)
        table = solve(named(10_000, 10_000), named(1, 1), 19_000, min_growth=-0.05)
        assert list(table["allocation_pence"]) == [9_500, 9_500]

    def test_a_negative_guarantee_does_not_fade(self) -> None:
        """Fading it would let a place at target fall, and shield one far above."""
        table = solve(named(150_000, 50_000), named(1, 1), 200_000, min_growth=-0.02, max_under_target=-1.0)
        assert list(table["taper"]) == [1.0, 1.0]
        assert list(table["floor_pence"]) == [147_000, 49_000]

    def test_floors_that_just_fit_are_not_refused_for_a_penny_of_rounding(self) -> None:
        opening, growth = named(150, 150, 150, 150), 0.01
        table = solve(opening, opening, 606, min_growth=growth)
        assert table["allocation_pence"].sum() == 606

    def test_the_growth_cap_holds_and_passes_money_on(self) -> None:
        opening, weights = named(80_000, 100_000, 100_000), named(1, 1, 1)
        free = solve(opening, weights, 290_000, min_growth=0.0, max_under_target=-1.0)
        capped = solve(opening, weights, 290_000, min_growth=0.0, max_under_target=-1.0, max_growth=0.05)
        capped = capped.set_index("place")
        assert free["growth"].iloc[0] > 0.05
        assert capped.loc["P0", "allocation_pence"] == 84_000
        assert capped.loc["P0", "binding_rule"] == "growth_cap"
        assert capped["allocation_pence"].sum() == 290_000

    def test_caps_that_cannot_spend_the_quantum_are_refused(self) -> None:
        with pytest.raises(PaceInfeasible, match="leaves £80.00 of the quantum unspent") as refusal:
            solve(named(50_000, 50_000), named(1, 1), 110_000, max_under_target=-1.0, max_growth=0.02)
        assert refusal.value.shortfall_pence == -8_000

    def test_a_floor_above_the_cap_wins_over_it(self) -> None:
        table = solve(named(50_000, 150_000), named(1, 1), 215_000, max_under_target=-0.4, max_growth=0.02)
        assert list(table["allocation_pence"]) == [64_500, 150_500]
        assert list(table["binding_rule"]) == ["target_floor", "raised"]

    def test_gap_share_without_new_money_is_refused(self) -> None:
        with pytest.raises(PaceInfeasible, match="no new money"):
            solve(named(50_000, 50_000), named(1, 1), 99_999, rule="gap_share")

    def test_gap_share_with_nobody_below_target_follows_targets(self) -> None:
        table = solve(named(50_000, 50_000), named(1, 1), 100_000, rule="gap_share")
        assert list(table["allocation_pence"]) == [50_000, 50_000]

    @pytest.mark.parametrize("weights", [(0, 1), (-1, 2)])
    def test_a_target_must_be_above_zero(self, weights: tuple[float, float]) -> None:
        with pytest.raises(ValueError, match="target above zero"):
            solve(named(1, 1), named(*weights), 10)

    def test_a_quantum_must_be_above_zero(self) -> None:
        with pytest.raises(ValueError, match="quantum"):
            solve(named(1, 1), named(1, 1), 0)

    def test_places_must_be_the_same_in_the_same_order(self) -> None:
        with pytest.raises(ValueError, match="same places"):
            solve(OPENING, WEIGHTED.iloc[::-1], QUANTUM)


@st.composite
def footprints(draw: st.DrawFn) -> tuple[pd.Series, pd.Series, int, float]:
    count = draw(st.integers(2, 7))
    opening = draw(st.lists(st.integers(1_000, 10**11), min_size=count, max_size=count))
    weights = draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count))
    growth = draw(st.integers(-50, 150)) / 1000
    quantum = int(sum(opening) * (1 + growth))
    guarantee = draw(st.integers(-50, 150)) / 1000
    assume(quantum > 0)
    return named(*opening), named(*weights), quantum, guarantee


@given(footprints())
def test_allocations_meet_floors_and_add_up_or_the_shortfall_is_told(
    case: tuple[pd.Series, pd.Series, int, float],
) -> None:
    opening, weights, quantum, guarantee = case
    try:
        table = solve(opening, weights, quantum, min_growth=guarantee)
    except PaceInfeasible as refusal:
        needed = refusal.needed
        assert int(needed["floor_pence"].sum()) - quantum == refusal.shortfall_pence > 0
        return
    assert table["allocation_pence"].sum() == quantum
    assert table["target_pence"].sum() == quantum
    assert (table["allocation_pence"] >= table["floor_pence"]).all()


@given(footprints(), st.integers(0, 100))
def test_no_place_grows_beyond_the_cap_unless_its_floor_asks(
    case: tuple[pd.Series, pd.Series, int, float], thousandths: int
) -> None:
    opening, weights, quantum, guarantee = case
    try:
        table = solve(opening, weights, quantum, min_growth=guarantee, max_growth=thousandths / 1000)
    except PaceInfeasible:
        return
    limit = np.maximum(opening.to_numpy() * (1 + thousandths / 1000) + 1, table["floor_pence"])
    assert (table["allocation_pence"] <= limit).all()
    assert table["allocation_pence"].sum() == quantum


@given(footprints())
def test_agrees_with_the_exact_oracle(case: tuple[pd.Series, pd.Series, int, float]) -> None:
    opening, weights, quantum, guarantee = case
    exact = {str(place): Fraction(int(pence)) for place, pence in opening.items()}
    shares = {str(place): Fraction(int(weight)) for place, weight in weights.items()}
    least = oracle.floors(
        exact,
        shares,
        Fraction(quantum),
        min_growth=Fraction(guarantee),
        taper_lo=Fraction(5, 100),
        taper_hi=Fraction(10, 100),
        max_under_target=Fraction(-5, 100),
    )
    assume(abs(sum(least.values()) - quantum) > 1)
    if sum(least.values()) > quantum:
        with pytest.raises(PaceInfeasible):
            solve(opening, weights, quantum, min_growth=guarantee)
        return
    expected = oracle.raise_lowest(least, shares, Fraction(quantum))
    found = solve(opening, weights, quantum, min_growth=guarantee).set_index("place")
    for place, amount in expected.items():
        assert abs(int(found.loc[place, "floor_pence"]) - least[place]) <= 1
        assert abs(int(found.loc[place, "allocation_pence"]) - amount) <= 2


@given(footprints(), st.randoms())
def test_the_order_of_places_does_not_matter(case: tuple[pd.Series, pd.Series, int, float], chance: object) -> None:
    opening, weights, quantum, guarantee = case
    order = list(opening.index)
    chance.shuffle(order)  # type: ignore[attr-defined]
    try:
        first = solve(opening, weights, quantum, min_growth=guarantee).set_index("place")
    except PaceInfeasible:
        return
    second = solve(opening[order], weights[order], quantum, min_growth=guarantee).set_index("place")
    difference = first["allocation_pence"] - second.loc[first.index, "allocation_pence"]
    assert difference.abs().max() <= 1


def test_a_quantum_that_is_the_booked_sum_of_openings_has_no_shortfall() -> None:
    opening = pd.Series({"A": 1_000.2, "B": 2_000.2})
    found = solve(opening, pd.Series({"A": 1.0, "B": 2.0}), 3_000, "gap_share")
    assert found["allocation_pence"].to_list() == [1_000, 2_000]
    with pytest.raises(PaceInfeasible, match=r"exceed the quantum by £0\.01"):
        solve(opening, pd.Series({"A": 1.0, "B": 2.0}), 2_999, "gap_share")
