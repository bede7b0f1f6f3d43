"""One budget at every scale, and what commissioners pay: sums, shares by need, the odd penny."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.payment.contributions import contributions
from budget.payment.practice_groups import NO_GROUP, practice_groups
from budget.payment.scale import NO_SYSTEM, budget_by_scale, systems_of

pytestmark = pytest.mark.unit

YEAR = "2026/27"
MONEY = ["allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]
PRACTICES = pd.DataFrame(
    [("P1", "A", "U1", "East"), ("P2", "A", "U2", "East"), ("P3", "A", None, "East"), ("P4", "B", "U3", None)],
    columns=["practice_code", "place", "pcn_code", "system"],
)
USED = pd.DataFrame([(YEAR, "A", "published", "core"), (YEAR, "B", "published", "core")])
USED.columns = pd.Index(["financial_year", "place", "method", "stream"])


def budget(*rows: tuple[str, str, int, float]) -> pd.DataFrame:
    """Place, segment, allocation and people; one line and commissioner."""
    frame = pd.DataFrame(rows, columns=["place", "segment", "allocation_pence", "people"])
    frame["carve_out_pence"] = frame["allocation_pence"] // 10
    frame["risk_pool_pence"], frame["incentive_pence"] = 7, 11
    frame["core_pence"] = frame["allocation_pence"] - frame[MONEY[1:4]].sum(axis=1)
    return frame.assign(financial_year=YEAR, weighted_people=frame["people"] * 1.1, service_line="x", commissioner="Q")


TWO = budget(("A", "AMW", 100_003, 60.0), ("A", "OA", 200_001, 40.0), ("B", "AMW", 50_000, 50.0))
DETAIL = pd.DataFrame(
    [("A", "AMW", "P1", 30.0), ("A", "AMW", "P2", 20.0), ("A", "OA", "P1", 10.0), ("A", "OA", "P2", 20.0)]
    + [("A", "OA", "P3", 10.0), ("A", "AMW", None, 10.0), ("B", "AMW", "P4", 50.0)],
    columns=["place", "segment", "practice_code", "people"],
)
PEOPLE = TWO[["financial_year", "place", "segment", "people"]]


def groups(used: pd.DataFrame = USED, published: pd.DataFrame | None = None) -> pd.DataFrame:
    found = practice_groups(TWO, PEOPLE, DETAIL, PRACTICES, used, published)
    return found.set_index(["place", "unit"])


def published(*rows: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["practice_code", "population", "weighted_population"])
    return frame.assign(financial_year=YEAR, stream="core")


def test_places_add_up_to_systems_and_the_footprint() -> None:
    table = budget_by_scale(TWO, "All", {"A": "East", "B": "West"}, None)
    for scale in ("footprint", "system", "place"):
        rows = table[table["scale"] == scale]
        assert rows[MONEY].sum().to_dict() == TWO[MONEY].sum().to_dict()
        assert rows["people"].sum() == TWO["people"].sum()
    assert table.loc[table["scale"] == "system", "unit"].tolist() == ["East", "West"]


def test_people_on_several_lines_are_counted_once() -> None:
    twice = pd.concat([TWO, TWO.assign(service_line="y")], ignore_index=True)
    table = budget_by_scale(twice, "All", {}, None)
    assert table.loc[table["scale"] == "footprint", "people"].tolist() == [150.0]


def test_a_place_whose_practices_name_two_systems_or_none_has_none() -> None:
    torn = PRACTICES.assign(system=["East", "West", "East", None])
    assert systems_of(torn, ["A", "B"]) == {"A": NO_SYSTEM, "B": NO_SYSTEM}
    assert systems_of(PRACTICES, ["A", "B"]) == {"A": "East", "B": NO_SYSTEM}
    assert systems_of(PRACTICES.assign(system=None), ["A", "B"]) == {}


def test_groups_share_by_published_weights_and_whoever_has_none_by_the_mean_of_the_place() -> None:
    weights = published(("P1", 100.0, 120.0), ("P2", 100.0, 80.0), ("P4", 10.0, 9.0))
    found = groups(published=weights)
    assert found["people"].to_dict() == {("A", "U1"): 40.0, ("A", "U2"): 40.0, ("A", NO_GROUP): 20.0, ("B", "U3"): 50.0}
    assert found["weight"].to_dict() == pytest.approx(
        {("A", "U1"): 48.0, ("A", "U2"): 32.0, ("A", NO_GROUP): 20.0, ("B", "U3"): 45.0}
    )
    assert set(found["method"]) == {"published_weights"}


def test_groups_share_by_the_budgets_of_their_segments_where_no_published_weights_decide() -> None:
    found = groups(USED.assign(method="model"))
    a_head = {"AMW": 100_003 / 60, "OA": 200_001 / 40}
    assert found.loc[("A", "U1"), "weight"] == pytest.approx(30 * a_head["AMW"] + 10 * a_head["OA"])
    assert found["weight"].groupby(level="place").sum().to_dict() == pytest.approx({"A": 300_004.0, "B": 50_000.0})
    assert set(found["method"]) == {"segment_budgets"}


def test_people_of_groups_grow_as_their_segments_do() -> None:
    grown = PEOPLE.assign(people=PEOPLE["people"] * [1.1, 1.0, 1.0])
    found = practice_groups(TWO, grown, DETAIL, PRACTICES, USED.assign(method="model"), None).set_index("unit")
    assert found.loc["U1", "people"] == pytest.approx(33 + 10)
    assert found["people"].sum() == pytest.approx(grown["people"].sum())


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(1, 10**10), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_practice_groups_add_up_to_their_place_to_the_penny(case: list[tuple[int, list[float]]]) -> None:
    rows = [(f"P{n}", "AMW", pence + 100, 50.0) for n, (pence, _) in enumerate(case)]
    shares = [
        (YEAR, f"P{n}", f"U{m}", 1.0, weight, "published_weights")
        for n, (_, weights) in enumerate(case)
        for m, weight in enumerate(weights)
    ]
    parts = pd.DataFrame(shares, columns=["financial_year", "place", "unit", "people", "weight", "method"])
    table = budget_by_scale(budget(*rows), "All", {}, parts)
    found = table[table["scale"] == "practice_group"].groupby("place")[[*MONEY, "weighted_people"]].sum()
    places = table[table["scale"] == "place"].set_index("place")
    assert (found[MONEY] == places[MONEY]).all(axis=None)
    assert found["weighted_people"].to_numpy() == pytest.approx(places["weighted_people"].to_numpy())


def test_contributions_add_up_and_stand_beside_the_baseline() -> None:
    paid = pd.concat([TWO, TWO.assign(commissioner="LA", allocation_pence=50_000)], ignore_index=True)
    moves = [
        (YEAR, "baseline", "A", "Q", 250_000),
        (YEAR, "normalisation", "A", "Q", -10_000),
        (YEAR, "baseline", "B", "Q", 40_000),
        (YEAR, "cost_uplift", "B", "Q", 999),
        (YEAR, "baseline", "B", "LA", 25_000),
        ("2027/28", "baseline", "B", "LA", 77_000),
    ]
    ledger = pd.DataFrame(moves, columns=["financial_year", "step", "place", "commissioner", "amount_pence"])
    table = contributions(paid, ledger).set_index(["place", "commissioner"])
    assert table["baseline_pence"].to_dict() == {
        ("A", "LA"): 0,
        ("A", "Q"): 240_000,
        ("B", "LA"): 25_000,
        ("B", "Q"): 40_000,
    }
    assert table["share"].groupby(level="place").sum().to_numpy() == pytest.approx(1.0)
    assert pd.isna(table.loc[("A", "LA"), "growth"])
    assert table.loc[("B", "LA"), "growth"] == 1.0
    assert table.loc[("B", "Q"), "payment_pence"] == 50_000 - 5_000 - 7
