"""The baseline and its attribution: what was spent is what segments cost, to the penny and to the line."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.costs.attribution import (
    by_line,
    direct_from_activity,
    direct_from_totals,
    gross_up,
    stand_in,
    unattributed,
)
from budget.costs.baseline import adjustments, against_ledger, in_scope, normalise
from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.errors import RunStopped
from tests.oracle import costs as oracle

pytestmark = pytest.mark.unit

YEAR = "2024/25"


def spend(*rows: tuple[object, ...]) -> pd.DataFrame:
    columns = ["place", "commissioner", "service_line", "amount_pence", "adjustment", "reason"]
    return pd.DataFrame(list(rows), columns=columns).assign(financial_year=YEAR)


GROSS = ("A", "QXX", "community", 1_000, None, None)
NON_RECURRENT = ("A", "QXX", "community", -150, "NR", "winter money")
PRIOR_YEAR = ("A", "QXX", "community", 25, "PYA", "dispute settled")


class TestBaseline:
    def test_keeps_the_base_year_and_the_lines_in_scope(self) -> None:
        rows = spend(GROSS, ("A", "QXX", "dentistry", 5, None, None))
        rows = pd.concat([rows, spend(GROSS).assign(financial_year="2023/24")])
        assert list(in_scope(rows, YEAR, ("community",))["amount_pence"]) == [1_000]

    def test_normalised_is_gross_and_signed_adjustments(self) -> None:
        (row,) = normalise(spend(GROSS, NON_RECURRENT, PRIOR_YEAR)).itertuples(index=False)
        assert tuple(row) == ("A", "QXX", "community", 1_000, -125, 875)

    def test_gross_rows_of_one_line_add_up(self) -> None:
        assert list(normalise(spend(GROSS, GROSS))["gross_pence"]) == [2_000]

    def test_a_line_with_adjustments_alone_has_no_gross_spend(self) -> None:
        (row,) = normalise(spend(PRIOR_YEAR)).itertuples(index=False)
        assert tuple(row) == ("A", "QXX", "community", 0, 25, 25)

    def test_a_line_without_adjustments_anywhere(self) -> None:
        assert list(normalise(spend(GROSS))["adjustment_pence"]) == [0]

    def test_adjustments_keep_their_reasons(self) -> None:
        kept = adjustments(spend(GROSS, NON_RECURRENT, PRIOR_YEAR))
        assert kept[["adjustment", "reason", "amount_pence"]].values.tolist() == [
            ["NR", "winter money", -150],
            ["PYA", "dispute settled", 25],
        ]

    def test_amounts_beyond_float_precision_of_pounds_stay_exact(self) -> None:
        large = 9_007_199_254_740_991 // 4
        rows = spend(("A", "QXX", "community", large, None, None), ("B", "QXX", "community", 1, "NR", "why"))
        assert list(normalise(rows)["gross_pence"]) == [large, 0]


class TestLedgerControl:
    LINES = normalise(spend(GROSS, NON_RECURRENT, ("A", "QYY", "community", 70, None, None)))

    def control(self, *rows: tuple[object, ...]) -> pd.DataFrame:
        columns = ["financial_year", "commissioner", "service_line", "amount_pence", "basis"]
        return against_ledger(self.LINES, pd.DataFrame(list(rows), columns=columns), YEAR)

    @pytest.mark.parametrize(("basis", "spent"), [(None, 1_000), ("gross", 1_000), ("normalised", 850)])
    def test_a_ledger_shows_spend_before_or_after_adjustments(self, basis: str | None, spent: int) -> None:
        (row,) = self.control((YEAR, "QXX", "community", 1_000, basis)).itertuples()
        assert (row.spend_pence, row.difference_share) == (spent, (spent - 1_000) / 1_000)

    def test_a_row_without_a_line_speaks_of_all_the_commissioners_lines(self) -> None:
        (row,) = self.control((YEAR, "QYY", None, 70, None)).itertuples()
        assert (row.service_line, row.spend_pence, row.difference_share) == ("all", 70, 0.0)

    def test_spend_against_an_empty_ledger_is_infinitely_off(self) -> None:
        assert self.control((YEAR, "QYY", None, 0, None))["difference_share"].iloc[0] == float("inf")

    def test_other_years_are_left_out(self) -> None:
        assert self.control(("2023/24", "QXX", None, 5, None)).empty


def direct(*rows: tuple[object, ...]) -> pd.DataFrame:
    columns = ["place", "service_line", "segment", "people", "direct_pence"]
    return pd.DataFrame(list(rows), columns=columns).assign(method="activity")


def spent(**lines: int) -> pd.DataFrame:
    return pd.DataFrame(
        [("A", line, pence) for line, pence in lines.items()], columns=["place", "service_line", "normalised_pence"]
    )


TWO = direct(("A", "community", "AMW", 90.0, 300.0), ("A", "community", "OA", 10.0, 100.0))


class TestGrossUp:
    def test_shares_what_is_not_attributed_in_proportion(self) -> None:
        costs = gross_up(TWO, spent(community=500), "gross_up")
        assert list(costs["grossed_pence"]) == [375.0, 125.0]
        assert list(costs["attribution_factor"]) == [1.25, 1.25]
        assert list(costs["cost_per_head_pence"]) == [375 / 90, 12.5]

    def test_or_by_head(self) -> None:
        costs = gross_up(TWO, spent(community=500), "per_head")
        assert list(costs["grossed_pence"]) == [390.0, 110.0]

    def test_or_holds_it_out_of_segments(self) -> None:
        costs = gross_up(TWO, spent(community=500), "hold_out").set_index("segment")
        assert costs["grossed_pence"].to_dict() == {"AMW": 300.0, "OA": 100.0, "UNATTR": 100.0}
        held = costs.loc["UNATTR"]
        assert (held["people"], held["direct_pence"], held["method"]) == (0, 0, "not attributed: held out of segments")
        assert pd.isna(held["cost_per_head_pence"])

    def test_a_line_without_activity_is_held_out_whole(self) -> None:
        costs = gross_up(TWO.assign(direct_pence=0.0), spent(community=500), "hold_out").set_index("segment")
        assert costs["grossed_pence"].to_dict() == {"AMW": 0.0, "OA": 0.0, "UNATTR": 500.0}

    def test_a_hosted_line_is_shared_per_head_all_the_same(self) -> None:
        costs = gross_up(TWO.assign(direct_pence=0.0), spent(community=500), "hold_out", hosted=("community",))
        assert costs["grossed_pence"].tolist() == [450.0, 50.0]

    @pytest.mark.parametrize(
        ("rule", "pence", "held", "treatment"),
        [
            ("gross_up", 500, 0, "gross_up"),
            ("per_head", 500, 0, "per_head"),
            ("hold_out", 500, 100, "hold_out"),
            ("hold_out", 200, 0, "scaled_down"),
        ],
    )
    def test_says_what_became_of_the_rest(self, rule: str, pence: int, held: float, treatment: str) -> None:
        baseline = spent(community=pence)
        (row,) = unattributed(gross_up(TWO, baseline, rule), baseline, rule).itertuples()
        assert (row.unattributed_pence, row.held_out_pence, row.treatment) == (pence - 400, held, treatment)

    @pytest.mark.parametrize("rule", ["gross_up", "per_head", "hold_out"])
    def test_scales_down_in_proportion_where_too_much_is_attributed(self, rule: str) -> None:
        costs = gross_up(TWO, spent(community=200), rule)
        assert list(costs["grossed_pence"]) == [150.0, 50.0]

    @pytest.mark.parametrize("rule", ["gross_up", "per_head"])
    def test_a_line_without_activity_is_shared_by_head_and_says_so(self, rule: str) -> None:
        costs = gross_up(TWO.assign(direct_pence=0.0), spent(community=500), rule)
        assert list(costs["grossed_pence"]) == [450.0, 50.0]
        assert set(costs["method"]) == {"no activity on the line: shared per head"}

    def test_a_segment_without_people_has_no_cost_a_head(self) -> None:
        none = direct(("A", "community", "AMW", 90.0, 300.0), ("A", "community", "OA", 0.0, 0.0))
        assert gross_up(none, spent(community=500), "gross_up")["cost_per_head_pence"].isna().tolist() == [False, True]

    def test_says_how_much_of_each_line_was_attributed(self) -> None:
        costs = gross_up(TWO, spent(community=500), "gross_up")
        (line,) = by_line(costs, spent(community=500)).itertuples()
        assert (line.normalised_pence, line.direct_pence, line.attribution_factor) == (500, 400.0, 1.25)


@st.composite
def attributions(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    places, lines = ["A", "B"][: draw(st.integers(1, 2))], ["c", "d", "e"][: draw(st.integers(1, 3))]
    rows, sums = [], []
    for place in places:
        for line in lines:
            busy = draw(st.booleans())
            for segment in ("AMW", "OA", "U5"):
                people = float(draw(st.integers(1, 10_000)))
                pence = float(draw(st.integers(0, 10**10))) if busy else 0.0
                rows.append((place, line, segment, people, pence))
            sums.append((place, line, draw(st.integers(0, 10**10))))
    return direct(*rows), pd.DataFrame(sums, columns=["place", "service_line", "normalised_pence"])


@settings(deadline=None, max_examples=60)
@given(attributions(), st.sampled_from(["gross_up", "per_head", "hold_out"]))
def test_segments_add_up_to_the_baseline_and_agree_with_the_oracle(
    case: tuple[pd.DataFrame, pd.DataFrame], rule: str
) -> None:
    attributed, baseline = case
    costs = gross_up(attributed, baseline, rule)
    sums = costs.groupby(["place", "service_line"])["grossed_pence"].sum()
    for row in baseline.itertuples():
        assert sums[row.place, row.service_line] == pytest.approx(row.normalised_pence, rel=1e-12, abs=1e-6)
    keys = list(zip(attributed["place"], attributed["service_line"], attributed["segment"], strict=True))
    expected = oracle.gross_up(
        {key: Fraction(pence) for key, pence in zip(keys, attributed["direct_pence"], strict=True)},
        {key: Fraction(people) for key, people in zip(keys, attributed["people"], strict=True)},
        {(row.place, row.service_line): row.normalised_pence for row in baseline.itertuples()},
        rule,
    )
    assert (costs["grossed_pence"] >= 0).all()
    for row in costs[costs["segment"] != UNATTRIBUTED].itertuples():
        exact = expected[row.place, row.service_line, row.segment]
        assert row.grossed_pence == pytest.approx(float(exact), rel=1e-12, abs=1e-6)


class TestDirectCost:
    def test_totals_spread_each_segments_cost_over_lines_by_spend(self) -> None:
        segments = pd.DataFrame(
            {"place": ["A"], "segment": ["OA"], "people": [10.0], "direct_cost_pence_per_head": [600]}
        )
        found = direct_from_totals(segments, spent(community=100, prescribing=200))
        assert dict(zip(found["service_line"], found["direct_pence"], strict=True)) == pytest.approx(
            {"community": 2_000.0, "prescribing": 4_000.0}
        )

    def test_a_segment_without_activity_on_a_line_has_a_true_zero(self) -> None:
        activity = pd.DataFrame(
            [("A", "community", "OA", 50)], columns=["place", "service_line", "segment", "direct_pence"]
        )
        people = pd.DataFrame([("A", "OA", 10.0), ("A", "U5", 5.0)], columns=["place", "segment", "people"])
        found = direct_from_activity(activity, people, spent(community=100))
        assert dict(zip(found["segment"], found["direct_pence"], strict=True)) == {"OA": 50.0, "U5": 0.0}


class TestStandIn:
    KNOWN = pd.DataFrame([("A", "AMW", 100), ("A", "OA", 100)], columns=["place", "segment", "people"])
    DIRECT = direct(
        ("A", "community", "AMW", 100.0, 1_000.0),
        ("A", "community", "OA", 100.0, 3_000.0),
        ("A", "community", "UNREG", 20.0, 0.0),
    )

    def cost(self, found: pd.DataFrame, segment: str = "UNREG") -> float:
        return float(found.loc[found["segment"] == segment, "direct_pence"].iloc[0])

    def test_unregistered_people_cost_as_those_they_resemble(self) -> None:
        assert self.cost(stand_in(self.DIRECT, self.KNOWN, "UNREG", "AMW")) == 200.0

    def test_or_as_everyone(self) -> None:
        assert self.cost(stand_in(self.DIRECT, self.KNOWN, "UNREG", None)) == 400.0

    def test_says_where_a_stand_in_was_used(self) -> None:
        found = stand_in(self.DIRECT, self.KNOWN, "UNREG", "AMW").set_index("segment")["method"]
        assert found["AMW"] == "activity"
        assert "stand-in" in found["UNREG"]

    def test_unregistered_people_placed_by_age_cost_as_their_segment(self) -> None:
        mixed = self.DIRECT[self.DIRECT["segment"] != "UNREG"].assign(people=[120.0, 100.0])
        assert self.cost(stand_in(mixed, self.KNOWN, "UNREG", "AMW"), "AMW") == 1_200.0

    def test_people_with_nobody_to_resemble_are_refused(self) -> None:
        without = self.KNOWN[self.KNOWN["segment"] != "AMW"]
        with pytest.raises(RunStopped, match="take their cost a head from people on a list") as stop:
            stand_in(self.DIRECT.assign(people=[0.0, 100.0, 20.0]), without, "UNREG", "AMW")
        assert stop.value.failures[0].keys == ("A",)
