"""In the year: list changes and the GP at Hand tests, transfers, choice, low-volume pairs, pennies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear
from budget.payment.inyear.choice import reconcile_choice
from budget.payment.inyear.list_change import change_to_date, in_two_parts, months_known, price_late_news, quarterly
from budget.payment.inyear.low_volume import low_volume_watch, without_low_volume
from budget.payment.inyear.months import calendar, days_in, first_day, last_month, quarter_of, whole_of
from budget.payment.inyear.pennies import booked_in_turn
from budget.payment.inyear.rates import counted_alike, planned_cells
from budget.payment.inyear.transfers import rate_corrections, transfers

pytestmark = pytest.mark.unit

YEAR = "2018/19"
HOST = "Hammersmith"
CURVES = Path(__file__).parents[2] / "data/england/nhs_cost_age_sex_imd_2014_15.csv.gz"
LIST = {1: 2_500, 4: 14_000, 7: 24_651, 10: 36_000}
"""The list of GP at Hand by first month of a quarter; n_0 is the first (the method, section 8.10)."""


def host(rate_pence: float = 144_500.0, planned: float = 2_500.0) -> pd.DataFrame:
    row = (HOST, "AMW", planned, rate_pence, False, round(planned * rate_pence))
    return pd.DataFrame([row], columns=["place", "segment", "planned_people", "rate_pence", "held", "wpap_pence"])


def counted(by_month: dict[int, float], last: int = 12) -> pd.DataFrame:
    """People of every month, all of them known at once."""
    rows = [(m, k, HOST, "AMW", float(n)) for m, n in by_month.items() for k in range(m, last + 1)]
    return pd.DataFrame(rows, columns=["month", "known_month", "place", "segment", "people"])


def by_quarter() -> dict[int, float]:
    return {month + step: float(n) for month, n in LIST.items() for step in range(3)}


class TestGpAtHand:
    def test_money_follows_each_quarter(self) -> None:
        known = months_known(host(), counted(by_quarter()), 12)
        expected = sum((n - LIST[1]) * 144_500 / 4 for n in LIST.values())
        paid = change_to_date(known).set_index("known_month")["change_pence"]
        assert paid[12] == round(expected)
        assert list(paid[[3, 6, 9, 12]].diff().dropna()) == [
            round((LIST[m] - LIST[1]) * 144_500 / 4) for m in (4, 7, 10)
        ]

    def test_off_the_gap_of_the_host_is_what_the_quarters_would_have_paid(self) -> None:
        known = months_known(host(), counted(by_quarter()), 12)
        gap = quarterly(known[known["known_month"] == 12])
        assert gap["exact_pence"].sum() == pytest.approx(sum((n - LIST[1]) * 144_500 / 4 for n in LIST.values()))
        assert gap["people"].tolist() == list(LIST.values())

    def test_young_lists_cost_less_than_crude_money_a_head(self) -> None:
        curves = pd.read_csv(CURVES)
        mean = np.average(curves["cost_per_head_total_gbp"], weights=curves["population"])
        young = curves[curves["age"].between(20, 39)]
        bands = young.assign(band=young["age"] // 5)
        cells = bands.groupby(["sex", "band"])[["cost_per_head_total_gbp", "population"]].apply(
            lambda part: np.average(part["cost_per_head_total_gbp"], weights=part["population"])
        )
        by_sex = cells.groupby("sex").mean()
        assert by_sex.round().to_dict() == {"F": 2_039.0, "M": 851.0}
        assert by_sex.mean() == pytest.approx(1_445, abs=1)
        assert by_sex.mean() / mean == pytest.approx(0.79, abs=0.005)

    def test_over_all_localities_a_transfer_is_nothing(self) -> None:
        cells = pd.concat([host(), host(180_000.0).assign(place="Newham"), host(99_999.9).assign(place="Hackney")])
        moves = pd.DataFrame(
            [("Newham", HOST, "AMW", 12_345.67), ("Hackney", HOST, "AMW", 0.01), (HOST, "Newham", "AMW", 3.3)],
            columns=["from_place", "to_place", "segment", "people"],
        )
        for basis in ("sender", "receiver", "national"):
            moved = transfers(moves, cells, basis).set_index("place")["transfer_pence"]
            assert moved.sum() == 0
            assert moved[HOST] > 0
        sender = transfers(moves[:1], cells, "sender", parts_of_year=4).set_index("place")["transfer_pence"]
        assert sender[HOST] == round(12_345.67 * 180_000 / 4)


@settings(max_examples=20, deadline=None)
@given(
    people=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20),
    basis=st.sampled_from(["sender", "receiver", "national"]),
)
def test_a_transfer_always_adds_up_to_nothing(people: list[float], basis: str) -> None:
    places = [HOST, "Newham", "Hackney"]
    cells = pd.concat([host(100_000.5 + n).assign(place=place) for n, place in enumerate(places)], ignore_index=True)
    rows = [(places[n % 3], places[(n + 1) % 3], "AMW", count) for n, count in enumerate(people)]
    moves = pd.DataFrame(rows, columns=["from_place", "to_place", "segment", "people"])
    assert transfers(moves, cells, basis)["transfer_pence"].sum() == 0  # type: ignore[arg-type]


def test_at_its_own_rate_nobody_asks_for_a_transfer() -> None:
    moves = pd.DataFrame([("Newham", HOST, "AMW", 12.0)], columns=["from_place", "to_place", "segment", "people"])
    cells = pd.concat([host(144_000.0), host(180_000.0).assign(place="Newham")])
    with pytest.raises(ValueError, match="own"):
        transfers(moves, cells, "own")
    assert rate_corrections(moves, cells, "own").empty
    put_right = rate_corrections(moves, cells, "sender").set_index("place")["correction_pence"]
    assert put_right.to_dict() == {HOST: 36_000, "Newham": 0}
    assert put_right.sum() == 180_000 - 144_000


def test_people_on_no_list_stay_as_planned_and_a_segment_that_nobody_is_in_counts_none() -> None:
    cells = pd.concat([host().assign(segment="UNREG", held=True), host(), host().assign(segment="OA")])
    known = months_known(cells, counted({1: 2_600}, 1), 1).set_index("segment")
    assert (known["people"] - known["planned_people"]).to_dict() == {"AMW": 100.0, "OA": -2_500.0, "UNREG": 0.0}


def test_late_news_is_its_own_part_of_the_change() -> None:
    people = counted({1: 2_500, 2: 2_500, 3: 2_500}, 3)
    people.loc[(people["month"] == 1) & (people["known_month"] == 3), "people"] = 2_501.0
    late = pd.DataFrame(
        [(3, 1, HOST, "AMW", "joiner", 1.0)], columns=["statement_month", "month", "place", "segment", "kind", "people"]
    )
    parts = in_two_parts(change_to_date(months_known(host(), people, 3)), price_late_news(late, host()))
    assert parts[["change_pence", "first_pence", "late_pence"]].to_numpy().tolist() == [
        [0, 0, 0],
        [0, 0, 0],
        [12_042, 0, 12_042],
    ]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_statements_add_up_to_their_sum_in_whole_pence(amounts: list[float]) -> None:
    exact = pd.Series(amounts)
    key = pd.Series(["one"] * len(amounts))
    assert booked_in_turn(exact, [key]).sum() == booked_in_turn(pd.Series([exact.cumsum().iloc[-1]]), [key[:1]])[0]


def test_lists_that_the_plan_weighed_are_weighed_alike() -> None:
    people = pd.DataFrame({"place": [HOST] * 2, "segment": ["AMW", "OA"], "people": [100.0, 10.0]})
    base = pd.DataFrame({"place": [HOST], "segment": ["AMW"], "people": [1_900.0]})
    listed = pd.DataFrame({"place": [HOST], "segment": ["AMW"], "people": [2_000]})
    assert counted_alike(people, base, listed)["people"].tolist() == [95.0, 10.0]


def test_the_plan_of_a_year() -> None:
    rates = pd.DataFrame(
        [
            (YEAR, HOST, "AMW", 10.0, 1_000, 100.0),
            ("2019/20", HOST, "AMW", 11.0, 1_200, 109.1),
            (YEAR, HOST, "X", 1.0, 5, 5.0),
        ],
        columns=["financial_year", "place", "segment", "people", "wpap_pence", "rate_per_head_pence"],
    )
    segments = pd.DataFrame({"segment": ["AMW", "X"], "unregistered": [False, True]})
    cells = planned_cells(rates, segments, YEAR)
    assert cells["planned_people"].tolist() == [10.0, 1.0]
    assert cells["held"].tolist() == [False, True]


class TestMonths:
    def test_a_leap_year(self) -> None:
        assert [days_in(FinancialYear(2027), m) for m in (1, 11, 12)] == [30, 29, 31]
        assert whole_of(FinancialYear(2027), 11, "days") == 29

    def test_quarters(self) -> None:
        assert [last_month(q) for q in (1, 2, 3, 4, None)] == [3, 6, 9, 12, 12]
        assert [quarter_of(m) for m in (1, 3, 4, 12)] == [1, 1, 2, 4]
        with pytest.raises(ConfigurationError, match="quarters 1 to 4"):
            last_month(5)

    def test_the_last_month_looks_into_the_next_year(self) -> None:
        last = calendar(FinancialYear(2026), 12).iloc[-1]
        assert last["next_day"] == first_day(FinancialYear(2027), 1)
        assert (last["later_day"] - last["next_day"]).days == 1


class TestChoice:
    planned = pd.DataFrame(
        [
            (YEAR, HOST, "outpatient", "RJ1", 1_200_000, 120.0, 10_000.0),
            (YEAR, HOST, "outpatient", "RQM", 600_001, None, None),
        ],
        columns=[
            "financial_year",
            "place",
            "service_line",
            "provider_code",
            "planned_pence",
            "planned_units",
            "unit_price_pence",
        ],
    )
    terms = pd.DataFrame({"financial_year": [YEAR], "method": ["commissioner_keeps"], "holder": [None]})

    def reconciled(self, *rows: tuple[str, float | None, int | None]) -> pd.DataFrame:
        actual = pd.DataFrame(
            [(HOST, "outpatient", *row) for row in rows],
            columns=["place", "service_line", "provider_code", "units", "amount_pence"],
        ).astype({"units": "float64", "amount_pence": "Int64"})
        return reconcile_choice(self.planned, actual, self.terms, YEAR, 3).set_index("provider_code")

    def test_units_at_the_planned_price_and_stated_amounts(self) -> None:
        told = self.reconciled(("RJ1", 33.0, None), ("RQM", None, 140_000), ("NEW", None, 7))
        assert told["planned_pence"].to_dict() == {"NEW": 0, "RJ1": 300_000, "RQM": 150_000}
        assert told["actual_pence"].to_dict() == {"NEW": 7, "RJ1": 330_000, "RQM": 140_000}
        assert told["difference_pence"].sum() == 20_007
        assert told.loc["RJ1", ["volume_pence", "price_pence"]].tolist() == [30_000.0, 0.0]

    def test_price_and_volume_part_ways(self) -> None:
        told = self.reconciled(("RJ1", 33.0, 360_000)).loc["RJ1"]
        assert (told["volume_pence"], told["price_pence"]) == (30_000.0, 30_000.0)

    def test_a_row_without_an_amount_costs_its_units_beside_rows_that_state_one(self) -> None:
        told = self.reconciled(("RJ1", 10.0, 90_000), ("RJ1", 10.0, None), ("RJ1", 10.0, None)).loc["RJ1"]
        assert (told["actual_units"], told["actual_pence"]) == (30.0, 290_000)
        bare = self.reconciled(("RJ1", None, 100_000), ("RJ1", 20.0, None)).loc["RJ1"]
        assert bare["actual_pence"] == 300_000
        assert pd.isna(bare["actual_units"]) and pd.isna(bare["volume_pence"])
        with pytest.raises(ValueError, match="planned price"):
            self.reconciled(("RQM", 3.0, None))

    def test_a_year_of_the_plan_is_the_plan(self) -> None:
        actual = pd.DataFrame(columns=["place", "service_line", "provider_code", "units", "amount_pence"]).astype(
            {"place": "str", "service_line": "str", "provider_code": "str", "units": "float64", "amount_pence": "Int64"}
        )
        told = reconcile_choice(self.planned, actual, self.terms, YEAR, 12)
        assert told["planned_pence"].sum() == 1_800_001
        assert (told["actual_pence"] == 0).all()


class TestLowVolume:
    pairs = pd.DataFrame(
        [
            (YEAR, "QMF", code, code, HOST, 1_000.0, 100_000, small)
            for code, small in (("A", True), ("B", True), ("C", False))
        ],
        columns=[
            "financial_year",
            "commissioner",
            "provider_code",
            "provider_name",
            "place",
            "pair_mean_pence",
            "threshold_pence",
            "low_volume",
        ],
    )
    spend = pd.DataFrame(
        [("QMF", "A", 100_001), ("QMF", "B", 25_001), ("QMF", "C", 9), ("QMF", None, 5), ("QXX", "A", 3)],
        columns=["commissioner", "provider_code", "amount_pence"],
    )

    def test_a_pair_that_crosses_is_named(self) -> None:
        told = low_volume_watch(self.pairs, self.spend, YEAR, 3).set_index("provider_code")
        assert told["crossed"].to_dict() == {"A": True, "B": False}
        assert told["on_course"].to_dict() == {"A": False, "B": True}

    def test_the_others_are_settled(self) -> None:
        assert without_low_volume(self.spend, self.pairs, YEAR)["amount_pence"].tolist() == [9, 5, 3]
