"""What a simulation is made of: costs that move with activity, shocks, and measures of risk."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import ceil
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.assumptions.draws import Draws
from budget.assumptions.pack import Entry, Scope
from budget.payment.simulation.costs import CostShape
from budget.payment.simulation.risk import Risk, chance_exhausted
from budget.payment.simulation.shocks import PlaceRisk, cases, drawn
from tests.support.given import assume

pytestmark = pytest.mark.unit

PLANNED = 20_000_000.0
ratios = st.floats(0, 3, allow_nan=False)
shapes = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.5)).map(
    lambda drawn_: CostShape(drawn_[0], (1 - drawn_[0]) * drawn_[1], drawn_[2])
)


class TestCosts:
    @pytest.mark.parametrize(("activity", "cost"), [(1.06, 20_720_000), (0.93, 19_160_000), (1.0, 20_000_000)])
    def test_two_fifths_that_do_not_move(self, activity: float, cost: float) -> None:
        assert CostShape(0.4).cost(PLANNED, activity) == pytest.approx(cost)

    @pytest.mark.parametrize(
        ("activity", "stairs"),
        [(1.0, 1.0), (1.0001, 1.05), (1.05, 1.05), (1.06, 1.10), (0.96, 1.0), (0.95, 0.95), (0, 0)],
    )
    def test_steps_begin_at_the_plan(self, activity: float, stairs: float) -> None:
        shape = CostShape(fixed=0.0, stepped=1.0, step=0.05)
        assert shape.of_plan(activity) == pytest.approx(stairs)

    @given(shapes)
    def test_the_plan_costs_what_is_planned(self, shape: CostShape) -> None:
        assert shape.of_plan(1.0) == pytest.approx(1)

    @given(shapes, ratios, ratios)
    def test_more_activity_never_costs_less(self, shape: CostShape, one: float, other: float) -> None:
        low, high = sorted((one, other))
        assert shape.of_plan(low) <= shape.of_plan(high) + 1e-9

    @given(shapes, ratios)
    def test_what_is_stranded_is_never_negative_and_never_more_than_was_lost(self, shape: CostShape, at: float) -> None:
        left = float(shape.stranded(PLANNED, at))
        assert 0 <= left <= PLANNED * max(0.0, 1 - at) * (1 + 1e-9) + 1e-6

    @given(st.floats(0, 1), ratios)
    def test_without_steps_the_fixed_share_of_what_left_is_stranded(self, fixed: float, activity: float) -> None:
        left = CostShape(fixed).stranded(PLANNED, activity)
        assert left == pytest.approx(fixed * max(0.0, 1 - activity) * PLANNED, abs=1e-6)

    def test_referrals_that_fall_by_three_tenths(self) -> None:
        assert CostShape(0.4).stranded(24_000_000.0, 0.7) == pytest.approx(0.4 * 0.3 * 24_000_000)
        assert CostShape(0.4, 0.1, 0.2).stranded(10_000_000.0, 0.7) == pytest.approx(1_300_000)

    def test_rows_with_shapes_of_their_own(self) -> None:
        alone = [CostShape(0.4), CostShape(0.2, 0.3, 0.1)]
        together = CostShape.together(alone).cost(np.array([100.0, 200.0]), np.array([[1.06, 0.87], [1.0, 1.0]]))
        for case, activity in enumerate(([1.06, 0.87], [1.0, 1.0])):
            for row, shape in enumerate(alone):
                assert together[case, row] == pytest.approx(float(shape.cost((100.0, 200.0)[row], activity[row])))


def ranged(name: str, value: float, low: float, high: float, **scope: str) -> Entry:
    entry = next(iter(assume({name: value}).entries.values()))
    return replace(entry, low=Decimal(str(low)), high=Decimal(str(high)), scope=Scope(**scope))  # type: ignore[arg-type]


STILL = ranged("growth_nondemographic", 0.0, 0.0, 0.0)
NOBODY = replace(STILL, low=None, high=None)
MIX = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
LINES = ("community", "prescribing", "community")


def risks(first: float = 0.0, second: float = 0.0, churn: Entry = NOBODY) -> dict[str, PlaceRisk]:
    return {"A": PlaceRisk(first, churn), "B": PlaceRisk(second, churn)}


def growth(entry: Entry = NOBODY, **of_line: Entry) -> dict[tuple[str, str], Entry]:
    return {(line, place): of_line.get(line, entry) for line in LINES for place in "ABC"}


class TestShocks:
    def test_one_ratio_is_that_of_every_row(self) -> None:
        shock = cases((1.06, 0.93), 3)
        assert shock.activity.tolist() == [[1.06] * 3, [0.93] * 3]
        assert (shock.people == 1).all()
        assert shock.times(np.array([1.0, 0.7, 1.0])).activity[0].tolist() == pytest.approx([1.06, 0.742, 1.06])

    def test_nothing_moves_where_nothing_is_uncertain(self) -> None:
        shock = drawn(MIX, LINES, risks(), growth(), Draws(1, 50))
        assert (shock.activity == 1).all() and (shock.people == 1).all()

    def test_chance_is_that_of_the_size_of_the_place(self) -> None:
        shock = drawn(MIX, LINES, risks(0.0117, 0.0368), growth(), Draws(1, 20_000))
        assert shock.activity.std(axis=0)[:2] == pytest.approx([0.0117, 0.0368], rel=0.03)
        assert shock.activity.mean(axis=0) == pytest.approx(1, abs=1e-3)
        one, other, both = shock.activity.T
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.03, "places vary by themselves"
        assert both == pytest.approx((one + other) / 2), "a provider of two places has the mean of both"

    def test_growth_is_common_to_all_with_its_range_as_percentiles(self) -> None:
        entry = ranged("growth_nondemographic", 0.005, 0.0, 0.015)
        shock = drawn(MIX, LINES, risks(), growth(entry), Draws(1, 20_000))
        assert (shock.activity == shock.activity[:, :1]).all()
        low, middle, high = np.quantile(shock.activity[:, 0], (0.1, 0.5, 0.9))
        assert (low, middle, high) == pytest.approx((1 / 1.005, 1.0, 1.015 / 1.005), abs=5e-4)

    def test_a_line_with_a_range_of_its_own_grows_when_the_others_do(self) -> None:
        wide = ranged("growth_nondemographic", 0.005, -0.02, 0.03, line="prescribing")
        entries = growth(ranged("growth_nondemographic", 0.005, 0.0, 0.01), prescribing=wide)
        community, prescribing, _ = drawn(MIX, LINES, risks(), entries, Draws(1, 500)).activity.T
        assert np.corrcoef(np.argsort(community), np.argsort(prescribing))[0, 1] == pytest.approx(1)
        assert prescribing.std() > 3 * community.std()

    def test_people_who_come_and_go_take_their_care_along(self) -> None:
        churn = ranged("growth_nondemographic", 0.0, -0.01, 0.01)
        shock = drawn(MIX, LINES, risks(churn=churn), growth(), Draws(1, 5_000))
        assert (shock.people == shock.activity).all()
        assert shock.people[:, 0].std() == pytest.approx(0.01 / NormalDist().inv_cdf(0.9), rel=0.05)

    def test_people_come_and_go_in_every_place_by_itself(self) -> None:
        everywhere = ranged("list_churn", 0.0, -0.01, 0.01)
        here = replace(everywhere, scope=replace(everywhere.scope, place="A"))
        people = drawn(MIX, LINES, risks(churn=everywhere), growth(), Draws(1, 5_000)).people
        assert abs(np.corrcoef(people[:, 0], people[:, 1])[0, 1]) < 0.05
        own = {"A": PlaceRisk(0.0, here), "B": PlaceRisk(0.0, everywhere)}
        again = drawn(MIX, LINES, own, growth(), Draws(1, 5_000)).people
        assert (again == people).all(), "a place that states the range for itself draws as before"

    def test_draws_are_common_to_runs_with_one_seed_and_begin_alike(self) -> None:
        one, again, longer, other = (
            drawn(MIX, LINES, risks(0.01, 0.02), growth(), Draws(seed, count)).activity
            for seed, count in ((1, 100), (1, 100), (1, 300), (2, 100))
        )
        assert (one == again).all() and (one == longer[:100]).all()
        assert not (one == other).any()

    def test_another_place_changes_no_draw(self) -> None:
        two = drawn(MIX, LINES, risks(0.01, 0.02), growth(), Draws(1, 100)).activity
        more = risks(0.01, 0.02) | {"C": PlaceRisk(0.05, NOBODY)}
        three = drawn(np.pad(MIX, ((0, 0), (0, 1))), LINES, more, growth(), Draws(1, 100)).activity
        assert two == pytest.approx(three)


class TestRisk:
    RESULTS = np.random.default_rng(3).normal((0.0, 50.0), (10.0, 100.0), (1_000, 2))

    def test_against_plain_loops(self) -> None:
        risk = Risk.of(self.RESULTS)
        for party in range(2):
            ordered = sorted(self.RESULTS[:, party].tolist())
            mean = sum(ordered) / len(ordered)
            assert risk.mean[party] == pytest.approx(mean)
            assert risk.sd[party] == pytest.approx((sum((x - mean) ** 2 for x in ordered) / len(ordered)) ** 0.5)
            assert risk.chance_of_loss[party] == sum(x < -0.5 for x in ordered) / len(ordered)
            place = 0.05 * (len(ordered) - 1)
            low, high = ordered[int(place)], ordered[ceil(place)]
            assert risk.worst[party] == pytest.approx(low + (high - low) * (place - int(place)))
            assert risk.mean_of_worst[party] == pytest.approx(sum(ordered[:50]) / 50)

    def test_one_draw_is_its_own_risk(self) -> None:
        risk = Risk.of(np.array([[-7.0]]))
        assert (risk.mean, risk.sd, risk.chance_of_loss, risk.worst, risk.mean_of_worst) == (-7, 0, 1, -7, -7)

    def test_more_draws_come_nearer(self) -> None:
        results = np.random.default_rng(1).normal(0, 1, (10_000, 20))
        few, many = (abs(Risk.of(results[:count]).worst - NormalDist().inv_cdf(0.05)).mean() for count in (100, 10_000))
        assert many < few / 4

    def test_a_pool_bears_what_commissioners_lose(self) -> None:
        results = np.array([-110.0, -60.0, 10.0, -100.0])
        assert chance_exhausted(results, 100) == 0.25
        assert chance_exhausted(results, 0) == 0.75
        assert chance_exhausted(results, 110) == 0
