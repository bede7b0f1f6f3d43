"""Draws: what a range means, streams of their own, pace of change on many draws, and draws of weighted people."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.assumptions.draws import Draws, name_of
from budget.assumptions.pack import Entry
from budget.assumptions.spread import Spread
from budget.ledger.pace_of_change import PaceInfeasible, solve
from budget.ledger.uncertainty.pace import PaceTerms, share_quantum
from budget.ledger.uncertainty.weights import NeedError
from tests.support.given import assume

pytestmark = pytest.mark.unit

MANY = 200_000


def ranged(name: str, value: str, low: str | None, high: str | None) -> Entry:
    (entry,) = assume({name: value}).entries.values()
    return replace(entry, low=None if low is None else Decimal(low), high=None if high is None else Decimal(high))


class TestSpread:
    def test_low_value_and_high_are_the_percentiles(self) -> None:
        drawn = Draws(1, MANY).of(ranged("cost_uplift_factor", "0.04", "0.02", "0.05"))
        assert np.percentile(drawn, (10, 50, 90)) == pytest.approx([0.02, 0.04, 0.05], abs=2e-4)

    def test_a_side_without_a_range_has_no_width(self) -> None:
        drawn = Draws(1, 1000).of(ranged("efficiency_factor", "0.02", "0.01", None))
        assert drawn.max() == 0.02
        assert drawn.min() < 0.01

    def test_what_lies_beyond_the_bounds_is_drawn_in(self) -> None:
        drawn = Draws(1, MANY).of(ranged("risk_pool_share", "0.005", "0", "0.02"))
        assert drawn.min() == 0
        assert 0.05 < (drawn == 0).mean() < 0.15

    def test_a_value_without_a_range_is_fixed(self) -> None:
        draws = Draws(1, 1000)
        assert draws.of(ranged("ips_share", "0.025", None, None)).tolist() == [0.025]
        assert draws.fixed == {"ips_share"}
        assert not draws.normals

    def test_a_choice_has_no_spread(self) -> None:
        (entry,) = assume({"pace_rule": "uniform"}).entries.values()
        assert Spread.of(entry) is None


class TestStreams:
    ONE = ranged("cost_uplift_factor", "0.04", "0.02", "0.05")
    OTHER = ranged("efficiency_factor", "0.02", "0.01", "0.03")

    def test_another_assumption_changes_no_draw(self) -> None:
        alone, beside = Draws(7, 100), Draws(7, 100)
        beside.of(self.OTHER)
        assert np.array_equal(alone.of(self.ONE), beside.of(self.ONE))

    def test_more_draws_begin_with_the_same_ones(self) -> None:
        assert np.array_equal(Draws(7, 100).of(self.ONE), Draws(7, 1000).of(self.ONE)[:100])

    def test_another_seed_and_another_scope_draw_otherwise(self) -> None:
        here = replace(self.ONE, scope=replace(self.ONE.scope, place="P1"))
        assert name_of(here) == "cost_uplift_factor@P1"
        first = Draws(7, 1000)
        assert abs(np.corrcoef(first.of(self.ONE), first.of(here))[0, 1]) < 0.1
        assert not np.array_equal(first.of(self.ONE), Draws(8, 1000).of(self.ONE))


money = st.integers(0, 10**9).map(float)
shares = st.integers(-300, 200).map(lambda thousandths: thousandths / 1000)


@settings(max_examples=150, deadline=None)
@given(
    openings=st.lists(money, min_size=1, max_size=6),
    weights=st.lists(st.integers(1, 1000).map(float), min_size=6, max_size=6),
    growth=shares,
    rule=st.sampled_from(["floor_then_raise_lowest", "gap_share", "uniform"]),
    least=shares,
    lo=st.sampled_from([0.0, 0.05, 0.10]),
    hi=st.sampled_from([0.0, 0.05, 0.10, 0.15]),
    below=st.sampled_from([-1.0, -0.3, -0.05, 0.0]),
    most=st.sampled_from([None, 0.02, 0.3]),
)
def test_pace_of_change_on_draws_is_that_of_the_ledger(
    openings: list[float],
    weights: list[float],
    growth: float,
    rule: str,
    least: float,
    lo: float,
    hi: float,
    below: float,
    most: float | None,
) -> None:
    suppose(sum(openings) > 1e6)
    quantum = round(sum(openings) * (1 + growth))
    given_to = pd.Series(openings, [f"P{n}" for n in range(len(openings))])
    target = pd.Series(weights[: len(openings)], given_to.index)
    first, from_, until, under = (np.array([number]) for number in (least, lo, hi, below))
    terms = PaceTerms(rule, first, from_, until, under, None if most is None else np.array([most]))
    shared, impossible = share_quantum(
        given_to.to_numpy()[:, None], target.to_numpy()[:, None], np.array([float(quantum)]), terms
    )
    assert shared.sum() == pytest.approx(quantum, abs=1)
    try:
        solved = solve(given_to, target, quantum, rule, least, lo, hi, below, most)  # type: ignore[arg-type]
    except PaceInfeasible as error:
        pennies = 3 * len(openings)  # within which limits may be booked either side of the quantum
        assert impossible[0] or abs(error.shortfall_pence) <= pennies
        needed = error.needed["allocation_pence"].to_numpy(dtype=float)
        assert shared[:, 0] == pytest.approx(needed * quantum / needed.sum(), abs=pennies)
        return
    assert not impossible[0]
    assert shared[:, 0] == pytest.approx(solved["allocation_pence"].to_numpy(dtype=float), abs=3)


class TestNeedError:
    PLACES = ("A", "B", "C")
    SQUARE = np.array([[4.0, -1.0, -1.0], [-1.0, 1.0, 0.2], [-1.0, 0.2, 0.5]]) / 10_000

    def error(self, method: str = "model") -> NeedError:
        pairs = [
            (stream, a, b, self.SQUARE[i, j] * times)
            for stream, times in (("all", 1), ("community", 4))
            for i, a in enumerate(self.PLACES)
            for j, b in enumerate(self.PLACES)
        ]
        years = {"2025/26": "all", "2026/27": "community", "2027/28": "maternity"}
        weights = pd.DataFrame({"financial_year": years.keys(), "stream": years.values()})
        weights = weights.assign(method=method, used=True)
        return NeedError.of(pd.DataFrame(pairs, columns=["stream", "place", "other_place", "covariance"]), weights)

    @pytest.mark.parametrize(("year", "times"), [("2025/26", 1), ("2026/27", 4)])
    def test_draws_have_the_covariance_of_the_model_that_sets_the_targets(self, year: str, times: int) -> None:
        logs = np.log(self.error().factors(year, self.PLACES, Draws(1, MANY)))
        assert np.cov(logs) == pytest.approx(self.SQUARE * times, abs=5e-6 * times)

    def test_places_are_given_in_the_order_asked_for(self) -> None:
        forwards = self.error().factors("2025/26", self.PLACES, Draws(1, 10))
        assert np.array_equal(forwards[::-1], self.error().factors("2025/26", self.PLACES[::-1], Draws(1, 10)))

    def test_only_years_of_a_model_with_errors_are_drawn(self) -> None:
        assert self.error().streams == {"2025/26": "all", "2026/27": "community"}
        assert not self.error("published").streams
