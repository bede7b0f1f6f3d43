"""What must hold of every ledger, whatever the locality and the assumptions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.ledger.balance import KEYS, Balance
from budget.ledger.steps import STEPS
from tests.oracle import ledger as oracle
from tests.support.localities import LINES, QUIET, YEARS, Locality, localities

pytestmark = pytest.mark.integration

PARTS = ["carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]
PENNIES = 7
"""Twice the furthest that a booked key can lie from its estimate: half a penny, and one at each depth below places."""
ORDER = [step.name for step in STEPS]
PACE = ORDER.index("pace_of_change")

# a ledger takes some 100 ms to book
thorough = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(localities(years=YEARS))
def test_movements_are_the_balance_at_every_step(small: Locality) -> None:
    tables = small.book()
    moved = tables["budget_ledger"].groupby(["financial_year", "place", "step"])["amount_pence"].sum()
    bridge = tables["growth_bridge"].set_index(["financial_year", "place", "step"])
    assert (moved.reindex(bridge.index, fill_value=0) == bridge["amount_pence"]).all()
    assert (bridge.groupby(level=[0, 1])["amount_pence"].cumsum() == bridge["balance_pence"]).all()


@thorough
@given(localities(years=YEARS))
def test_a_line_that_a_step_does_not_touch_does_not_move(small: Locality) -> None:
    ledger = small.book()["budget_ledger"]
    chosen = ledger[ledger["step"] == "choice_carve_out"]
    assert set(chosen["service_line"]) <= set(small.values["choice_lines"])  # type: ignore[arg-type]


@thorough
@given(localities(years=YEARS))
def test_movements_up_to_pace_of_change_are_the_allocation(small: Locality) -> None:
    tables = small.book()
    ledger = tables["budget_ledger"]
    allocated = ledger[ledger["step"].isin(ORDER[: PACE + 1])]
    sums = allocated.groupby(["financial_year", "place"])["amount_pence"].sum()
    pace = tables["pace_of_change"].set_index(["financial_year", "place"])["allocation_pence"]
    assert (sums.loc[pace.index] == pace).all()


@thorough
@given(localities(years=YEARS))
def test_a_year_opens_with_the_allocation_of_the_year_before(small: Locality) -> None:
    tables = small.book()
    pace = tables["pace_of_change"]
    before = pace[pace["financial_year"] == YEARS[0]].set_index("place")["allocation_pence"]
    bridge = tables["growth_bridge"]
    opening = bridge[(bridge["financial_year"] == YEARS[1]) & (bridge["step"] == "baseline")]
    assert (opening.set_index("place")["balance_pence"] == before).all()
    later = tables["budget_ledger"].query("financial_year == @YEARS[1]")
    assert "normalisation" not in set(later["step"])


@thorough
@given(localities())
def test_parts_add_up_to_the_allocation_on_every_row(small: Locality) -> None:
    budget = small.pay()
    assert (budget[PARTS].sum(axis=1) == budget["allocation_pence"]).all()
    # left-over pennies change hands between keys, so a part of a key can be pennies below nothing, a place's cannot
    assert (budget[PARTS] > -PENNIES).all(axis=None)
    assert (budget.groupby("place")[PARTS].sum() >= 0).all(axis=None)
    ledger = small.book()["budget_ledger"]
    assert budget["core_pence"].sum() == ledger["amount_pence"].sum()


@thorough
@given(localities(years=YEARS))
def test_every_movement_is_named_once_and_says_why(small: Locality) -> None:
    ledger = small.book()["budget_ledger"]
    assert ledger["movement_id"].is_unique
    assert (ledger["amount_pence"] != 0).all()
    for row in ledger.itertuples():
        number = f"{ORDER.index(row.step) + 1:02d}"
        assert row.movement_id.startswith(f"{row.financial_year}-{number}-")
        assert row.step == "baseline" or row.assumptions
    assert list(dict.fromkeys(ledger.loc[ledger["financial_year"] == YEARS[0], "step"])) == [
        step for step in ORDER if step in set(ledger.loc[ledger["financial_year"] == YEARS[0], "step"])
    ]


@thorough
@given(localities(), st.randoms())
def test_the_order_of_rows_changes_nothing(small: Locality, chance: object) -> None:
    def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
        order = list(range(len(frame)))
        chance.shuffle(order)  # type: ignore[attr-defined]
        return frame.iloc[order].reset_index(drop=True)

    mixed = Locality(
        shuffled(small.baseline),
        shuffled(small.costs),
        shuffled(small.people),
        small.weights,
        small.values,
        small.years,
    )
    expected, found = small.book(), mixed.book()
    for name, table in expected.items():
        pd.testing.assert_frame_equal(table, found[name])


@thorough
@given(localities())
def test_twice_the_money_is_twice_the_budget(small: Locality) -> None:
    money = ["gross_pence", "adjustment_pence", "normalised_pence"]
    double = Locality(
        small.baseline.assign(**{name: small.baseline[name] * 2 for name in money}),
        small.costs.assign(grossed_pence=small.costs["grossed_pence"] * 2),
        small.people,
        small.weights,
        small.values,
        small.years,
    )
    once, twice = small.book(), double.book()
    opened, opened_twice = once["pace_of_change"], twice["pace_of_change"]
    assert (opened_twice["opening_pence"] - 2 * opened["opening_pence"]).abs().max() <= 1
    assert opened_twice["opening_dft"].to_numpy() == pytest.approx(opened["opening_dft"].to_numpy(), abs=1e-8)
    # floors, the quantum and allocations are whole pence, each its own half-up
    assert (opened_twice["allocation_pence"] - 2 * opened["allocation_pence"]).abs().max() <= len(opened) + 2


@thorough
@given(localities(years=YEARS))
def test_the_funding_gap_adds_up_and_ends_at_the_opening_of_the_first_year(small: Locality) -> None:
    tables = small.book()
    gap = tables["funding_gap"]
    grown = gap[["baseline_pence", "demographic_pence", "nondemographic_pence", "price_pence"]].sum(axis=1)
    closed = gap["efficiency_pence"] - gap["investment_pence"] + gap["savings_pence"]
    assert (gap["do_nothing_pence"] == grown).all()
    assert (gap["left_pence"] == gap["gap_pence"] - closed).all()
    first = gap[gap["financial_year"] == YEARS[0]].set_index("place")
    opening = tables["pace_of_change"].query("financial_year == @YEARS[0]").set_index("place")["opening_pence"]
    # seven parts, each its own half-up
    assert ((first["planned_pence"] - opening).abs() <= 4).all()


@thorough
@given(localities(years=YEARS))
def test_demographic_growth_is_numbers_and_mix(small: Locality) -> None:
    tables = small.book()
    parts = tables["demographic_growth"]
    step = tables["growth_bridge"].query("step == 'demographic_growth'").reset_index(drop=True)
    assert (parts["population_pence"] + parts["case_mix_pence"] == step["amount_pence"]).all()


@thorough
@given(localities(years=YEARS))
def test_growth_of_nothing_leaves_every_year_as_it_is(small: Locality) -> None:
    still = small.people[small.people["financial_year"] == small.people["financial_year"].min()]
    years = [still.assign(financial_year=year) for year in ("2024/25", *YEARS)]
    idle = replace(
        small,
        people=pd.concat(years, ignore_index=True),
        values=QUIET,
        weights=small.weights.assign(weighted_people=1.0),
    )
    tables = replace(idle, values={**QUIET, "pace_rule": "uniform"}).book()
    bridge = tables["growth_bridge"]
    later = bridge[~bridge["step"].isin(["baseline", "normalisation"])]
    # pace of change shares whole pence of the quantum anew: the odd penny
    assert (later["amount_pence"].abs() <= 1).all()
    assert (later.loc[later["step"] != "pace_of_change", "amount_pence"] == 0).all()
    assert (tables["funding_gap"][["gap_pence", "left_pence"]].abs() <= 2).all(axis=None)


@thorough
@given(localities(years=YEARS))
def test_places_that_merge_have_their_budgets_together(small: Locality) -> None:
    """Where all grow alike, whose place a budget is in changes nothing but the odd penny."""
    alike = {"pace_rule": "uniform", "quantum_basis": "opening", "growth_nondemographic": 0.01}
    alike |= {f"growth_nondemographic@line:{LINES[0]}": 0.01}
    alike |= {f"cost_uplift_factor@line:{line}": 0.03 for line in small.baseline["service_line"]}
    apart = replace(small, people=small.people.assign(people=100.0)).with_values(**alike)
    merged = replace(
        apart,
        baseline=apart.baseline.assign(
            place="All", commissioner=apart.baseline["place"] + apart.baseline["commissioner"]
        ),
        costs=apart.costs.assign(place="All", segment=apart.costs["place"] + apart.costs["segment"]),
        people=apart.people.assign(place="All", segment=apart.people["place"] + apart.people["segment"]),
        weights=apart.weights.drop_duplicates("financial_year").assign(place="All"),
    )
    before, after = (
        world.book()["growth_bridge"].groupby(["financial_year", "step"], sort=False)["balance_pence"].sum()
        for world in (apart, merged)
    )
    assert (before - after).abs().max() <= 3 * small.baseline["place"].nunique()


@thorough
@given(localities())
def test_agrees_with_the_slow_oracle(small: Locality) -> None:
    expected = oracle.first_year(small.baseline, small.costs, small.people, small.weights, small.values, small.years[0])
    booked = _balances(small.book()["budget_ledger"])
    for number, step in enumerate(ORDER):
        # whole pence of the quantum and its floors enter at pace of change
        slack = Decimal("0.51") if number < PACE else Decimal(3)
        places = oracle.by_place(expected[step])
        found = booked[step].groupby(level="place").sum()
        for place, pence in places.items():
            assert abs(int(found.get(place, 0)) - pence) <= slack, (step, place)
        for key, pence in expected[step].items():
            assert abs(int(booked[step].get(key, 0)) - pence) <= slack + 3, (step, key)


def _balances(ledger: pd.DataFrame) -> dict[str, pd.Series]:
    """Booked pence by key after every step."""
    after = {}
    for number, step in enumerate(ORDER):
        rows = ledger[ledger["step"].isin(ORDER[: number + 1])]
        after[step] = rows.groupby(list(KEYS))["amount_pence"].sum()
    return after


@st.composite
def balances(draw: st.DrawFn) -> tuple[Balance, np.ndarray]:
    size = st.integers(1, 3)
    keys = [
        (f"P{p}", f"S{s}", f"L{line}", f"C{c}")
        for p in range(draw(size))
        for s in range(draw(size))
        for line in range(draw(size))
        for c in range(draw(size))
    ]
    exact = draw(st.lists(st.floats(0, 1e12), min_size=len(keys), max_size=len(keys)))
    return Balance.empty(pd.DataFrame(keys, columns=list(KEYS))), np.array(exact)


@settings(deadline=None)
@given(balances())
def test_booking_rounds_a_place_half_up_and_each_key_below_by_less_than_a_penny_a_level(
    case: tuple[Balance, np.ndarray],
) -> None:
    empty, exact = case
    after = empty.moved_to(exact)
    for depth in range(1, len(KEYS) + 1):
        sums = (
            pd.DataFrame({"exact": exact, "booked": after.booked})
            .groupby([after.column(name) for name in KEYS[:depth]])
            .sum()
        )
        worst = (sums["booked"] - sums["exact"]).abs().max()
        # float64 sums of billions carry about a ten-thousandth of a penny
        assert worst <= 0.5 + (depth - 1) + 1e-3
    assert (after.booked >= 0).all()


@settings(deadline=None)
@given(balances())
def test_booking_the_same_estimate_again_moves_nothing(case: tuple[Balance, np.ndarray]) -> None:
    empty, exact = case
    once = empty.moved_to(exact)
    assert (once.moved_to(exact.copy()).booked == once.booked).all()
    assert (empty.moved_to(exact * 2).moved_to(exact).booked == once.booked).all()
