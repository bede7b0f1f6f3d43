"""Published facts of pace of change: targets of 2013/14, gaps and years to target, the guards of distances."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from budget.ledger.pace_of_change import solve
from budget.ledger.years_to_target import at_this_pace, standing_still
from tests.unit.test_pace_of_change import OPENING, QUANTUM, WEIGHTED, named

pytestmark = pytest.mark.unit

RATE = 1_135.41
"""Pounds a weighted head, 2013/14."""

CCGS = pd.DataFrame(
    [
        ("01C", "Q44", 202_256, 208_986, 219_307, 237_285, "-7.58"),
        ("01R", "Q44", 174_605, 181_827, 193_566, 206_448, "-6.24"),
        ("02E", "Q44", 209_117, 220_611, 231_588, 250_484, "-7.54"),
        ("02F", "Q44", 254_106, 269_739, 308_328, 306_264, "+0.67"),
        ("00D", "Q45", 287_935, 335_296, 398_372, 380_698, "+4.64"),
        ("00K", "Q45", 289_445, 312_400, 362_855, 354_702, "+2.30"),
        ("00M", "Q45", 290_416, 321_927, 383_116, 365_519, "+4.81"),
        ("00T", "other", 296_802, 310_589, 331_159, 352_647, "-6.09"),
        ("00W", "other", 214_744, 196_572, 233_893, 223_190, "+4.80"),
    ],
    columns=["ccg", "area", "people", "weighted", "allocation", "target", "distance"],
).set_index("ccg")
"""Allocations and targets in thousands of pounds (NHS England, CCG allocations 2013/14)."""

AREAS = {
    "Q44": (1_273_564, 1_375_653, 1_517_990, 1_561_931, "-2.81", 1_192, 1_226),
    "Q45": (1_221_312, 1_349_366, 1_582_118, 1_532_085, "+3.27", None, None),
}
"""Published sums of area teams; of Q45 the table shows three of its five CCGs."""


class TestTargetsOf2013:
    @pytest.mark.parametrize("code", CCGS.index)
    def test_every_target_is_the_rate_times_weighted_people(self, code: str) -> None:
        row = CCGS.loc[code]
        assert row["weighted"] * RATE / 1_000 == pytest.approx(row["target"], rel=5e-6)

    def test_the_solver_gives_the_published_targets_and_distances(self) -> None:
        quantum = round(CCGS["weighted"].sum() * RATE * 100)
        opening, weights = CCGS["allocation"] * 100_000.0, CCGS["weighted"].astype("float64")
        table = solve(opening, weights, quantum, rule="uniform").set_index("place")
        assert (table["target_pence"] / 100_000 - CCGS["target"]).abs().max() < 1.2
        distances = opening / table["target_pence"] - 1
        assert [f"{100 * share:+.2f}" for share in distances] == list(CCGS["distance"])

    @pytest.mark.parametrize("area", AREAS)
    def test_area_teams_follow_the_same_rate(self, area: str) -> None:
        people, weighted, allocated, target, distance, *per_head = AREAS[area]
        mine = CCGS.loc[CCGS["area"] == area, ["people", "weighted", "allocation", "target"]].sum()
        # each area team has two more groups than are told here
        assert (mine < np.array([people, weighted, allocated, target])).all()
        assert weighted * RATE / 1_000 == pytest.approx(target, rel=5e-6)
        assert f"{100 * (allocated / target - 1):+.2f}" == distance
        if area == "Q44":
            assert [round(pounds * 1_000 / people) for pounds in (allocated, target)] == per_head

    def test_pounds_a_head(self) -> None:
        row = CCGS.loc["01C"]
        assert round(row["allocation"] * 1_000 / row["people"]) == 1_084
        assert round(row["target"] * 1_000 / row["people"]) == 1_173


class TestGapShare:
    """Section 8.6 on worked example A."""

    def test_new_money_and_gaps(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM, rule="gap_share").set_index("place")
        assert f"{(QUANTUM - OPENING.sum()) / 100:,.2f}" == "5,814,731.62"
        gap = (table["target_pence"] - table["opening_pence"]).clip(lower=0)
        assert gap["L02"] == 858_515_617
        assert gap["L04"] == 556_589_040
        assert (gap[["L01", "L03"]] == 0).all()

    def test_years_to_target(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM, rule="gap_share")
        growth = QUANTUM / OPENING.sum() - 1
        assert f"{growth:.4%}" == "1.1009%"
        years = standing_still(table["opening_dft"].to_numpy(), growth)
        assert f"{np.nanmax(years):.2f}" == "6.61"
        shares = (OPENING / OPENING.sum()) / (WEIGHTED / WEIGHTED.sum())
        assert np.nanmax(years) == pytest.approx(math.log(shares.max()) / math.log(1 + growth))


class TestYears:
    def test_a_place_below_target_does_not_wait_for_it_to_grow(self) -> None:
        years = standing_still(np.array([-0.1, 0.0, 0.1]), 0.02)
        assert np.isnan(years[0])
        assert years[1:] == pytest.approx([0.0, math.log(1.1) / math.log(1.02)])

    @pytest.mark.parametrize("growth", [0.0, -0.01, 1e-12])
    def test_without_growth_nobody_above_target_arrives(self, growth: float) -> None:
        assert np.isnan(standing_still(np.array([0.1]), growth)[0])

    def test_at_this_pace(self) -> None:
        opening, closing = np.array([0.10, -0.10, 0.10, 0.02, -0.02]), np.array([0.05, -0.08, 0.12, -0.01, 0.0])
        years = at_this_pace(opening, closing)
        assert years[0] == pytest.approx(math.log(1.05) / (math.log(1.10) - math.log(1.05)))
        assert years[1] == pytest.approx(math.log(0.92) / (math.log(0.90) - math.log(0.92)))
        assert np.isnan(years[2])
        assert list(years[3:]) == [0.0, 0.0]


class TestDistances:
    def test_opening_distances_cancel_out(self) -> None:
        table = solve(OPENING, WEIGHTED, QUANTUM)
        assert (table["opening_dft"] * table["target_pence"]).sum() == pytest.approx(0, abs=QUANTUM * 1e-9)

    def test_openings_far_above_the_quantum_are_at_target_where_all_are(self) -> None:
        """Targets are scaled to the openings, so all places cannot be above theirs at once."""
        table = solve(named(150, 300), named(1, 2), 400, min_growth=-0.5)
        assert list(table["opening_dft"]) == [0.0, 0.0]

    def test_equal_distances_stay_equal_under_every_rule(self) -> None:
        for rule in ("floor_then_raise_lowest", "gap_share", "uniform"):
            table = solve(named(10_000, 30_000), named(1, 3), 41_000, rule=rule)  # type: ignore[arg-type]
            assert list(table["allocation_pence"]) == [10_250, 30_750]
