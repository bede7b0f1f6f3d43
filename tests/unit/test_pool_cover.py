"""Is the risk pool big enough: the published table to its digits, example A, and what the table says of units."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from budget.payment.pool_cover import SIZES, Spread, chance_exhausted, cover_share, risk_pool_cover, sd_share

pytestmark = pytest.mark.unit

CV = 3.7
TABLE = {
    10_000: ("3.70", ".446", ".393", ".294", ".0883", "6.09"),
    30_000: ("2.14", ".407", ".320", ".175", ".0096", "3.51"),
    50_000: ("1.65", ".381", ".273", ".113", ".0013", "2.72"),
    100_000: ("1.17", ".335", ".196", ".044", ".0000", "1.92"),
    300_000: ("0.68", ".230", ".069", ".002", ".0000", "1.11"),
    600_000: ("0.48", ".148", ".018", ".000", ".0000", "0.79"),
}
"""Deviation, chances of losing more than 0.5, 1, 2 and 5 per cent, pool for 95% of years (the method, section 8.11)."""


@pytest.mark.parametrize("people", TABLE)
def test_the_table_of_the_method(people: int) -> None:
    deviation, *chances, cover = TABLE[people]
    assert f"{100 * sd_share(people, CV):.2f}" == deviation
    found = [chance_exhausted(share, people, CV) for share in (0.005, 0.01, 0.02, 0.05)]
    assert [f"{chance:.{len(text) - 1}f}"[1:] for chance, text in zip(found, chances, strict=True)] == chances
    assert f"{100 * cover_share(people, CV):.2f}" == cover


def test_worked_example_a() -> None:
    people, budget = 93_160, 15_975_030_315
    assert f"{sd_share(people, CV):.2%}" == "1.21%"
    assert f"{chance_exhausted(0.005, people, CV):.0%}" == "34%"
    assert f"{cover_share(people, CV):.2%}" == "1.99%"
    assert f"{cover_share(people, CV) * budget / 1e8:.2f}" == "3.19"


def test_spread_of_several_populations_is_that_of_all_their_people() -> None:
    costs = [[0, 0, 10, 90], [5, 5, 200]]
    parts = [Spread(len(c), float(sum(c)), float(sum(x * x for x in c))) for c in costs]
    flat = pd.Series([x for c in costs for x in c])
    assert Spread.together(parts).cv == pytest.approx(flat.std(ddof=0) / flat.mean())


@pytest.mark.parametrize("paid", [0.0, 0.9, 1.0])
def test_spread_of_what_is_kept_is_that_of_persons_one_by_one(paid: float) -> None:
    threshold, costs = 100, pd.Series([0, 20, 20, 150, 100, 1_000])
    capped, excess = costs.clip(upper=threshold), (costs - threshold).clip(lower=0)
    squares = {"yy": capped.astype(float) ** 2, "excess_squares": excess.astype(float) ** 2}
    cells = pd.DataFrame({"people": 1, "y": capped, "excess_pence": excess, **squares})
    kept = costs - paid * excess
    assert Spread.kept(cells, threshold, paid).cv == pytest.approx(kept.std(ddof=0) / kept.mean())


def scales() -> pd.DataFrame:
    rows = [("footprint", "All", 300_000.0, 3), ("place", "A", 100_000.0, 1), ("place", "B", 200_000.0, 2)]
    rows += [("practice_group", "U1", 100_000.0, 1), ("place", "Empty", 0.0, 0)]
    frame = pd.DataFrame(rows, columns=["scale", "unit", "people", "parts"])
    for name, pence in (("allocation_pence", 11_000_000), ("carve_out_pence", 1_000_000), ("risk_pool_pence", 50_000)):
        frame[name] = frame["parts"] * pence
    return frame.assign(financial_year="2026/27")


def test_units_with_persons_have_their_own_spread_and_others_the_assumed_one() -> None:
    table = risk_pool_cover(scales(), {("place", "A"): Spread(100, 100.0, 500.0)}, CV).set_index("unit")
    assert table.loc["A", ["person_cost_cv", "cv_basis"]].tolist() == [2.0, "persons"]
    assert table.loc["B", ["person_cost_cv", "cv_basis"]].tolist() == [CV, "assumed"]
    assert table.loc["A", "pool_share"] == 0.005
    assert table.loc["A", "budget_pence"] == 10_000_000
    assert table.loc["A", "chance_exhausted"] == chance_exhausted(0.005, 100_000, 2.0)
    assert not {"U1", "Empty"} & set(table.index)


def test_a_pool_for_more_people_is_safer() -> None:
    table = risk_pool_cover(scales(), {}, CV)
    sizes = table[table["scale"] == "size"]
    assert list(sizes["people"]) == list(SIZES)
    assert sizes["chance_exhausted"].is_monotonic_decreasing
    assert sizes["pool_share"].to_numpy() == pytest.approx(0.005, abs=1e-7)
    assert math.isclose(sizes.iloc[3]["chance_exhausted"], table.set_index("unit").loc["A", "chance_exhausted"])
