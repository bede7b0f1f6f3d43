"""Prices of other years and departments, stays across years, patient-level costs, months that are not complete."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from budget.costs.stage import attribute_costs
from budget.engine import DuckEngine
from budget.kernel.errors import RunStopped
from tests.integration.test_costs_stage import VALUES, YEAR, attribute, frame, tables
from tests.oracle import costs as oracle
from tests.support.given import given

pytestmark = pytest.mark.integration

PRICES = "financial_year currency_code department unit_price_pence"
UPLIFT = {
    "price_cost_uplift@2023/24": "0.029",
    "price_efficiency@2023/24": "0.011",
    "price_cost_uplift@2024/25": "0.017",
    "price_efficiency@2024/25": "0.011",
}


def priced(*rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
    """The small locality with prices of its own."""
    return tables() | {"prices": frame(PRICES, *rows)}


def in_departments(frames: dict[str, pd.DataFrame], department: str | None) -> dict[str, pd.DataFrame]:
    """The same, with every activity in one department."""
    return frames | {"activity": frames["activity"].assign(department=department)}


def costs_of(frames: dict[str, pd.DataFrame], **values: object) -> dict[str, int]:
    return attribute(frames, **values)["person_cost"].set_index("person_id")["cost_pence"].to_dict()


def direct(found: dict[str, pd.DataFrame]) -> dict[tuple[str, str, str], float]:
    keys = ["place", "service_line", "segment"]
    return found["segment_cost"].set_index(keys)["direct_pence"].to_dict()


class TestDepartments:
    BOTH = ((YEAR, "C1", "IP", 101), (YEAR, "C1", "OP", 200))

    @pytest.mark.parametrize(("department", "cost"), [("IP", 202), ("OP", 400)])
    def test_a_currency_is_priced_by_department(self, department: str, cost: int) -> None:
        assert costs_of(in_departments(priced(*self.BOTH), department))["p1"] == cost

    def test_the_price_without_a_department_stands_for_the_others(self) -> None:
        prices = (*self.BOTH, (YEAR, "C1", None, 300))
        assert costs_of(in_departments(priced(*prices), "DC"))["p1"] == 600

    def test_one_price_needs_no_department(self) -> None:
        assert costs_of(priced(self.BOTH[1]))["p1"] == 400

    @pytest.mark.parametrize("department", [None, "DC"])
    def test_what_could_be_several_prices_or_none_is_refused(self, department: str | None) -> None:
        with pytest.raises(RunStopped) as stop:
            attribute(in_departments(priced(*self.BOTH), department))
        (failure,) = stop.value.failures
        assert (failure.check_id, failure.rows_failed) == ("B13", 2)

    def test_the_price_of_a_department_is_not_that_of_another(self) -> None:
        with pytest.raises(RunStopped, match="B13"):
            attribute(in_departments(priced(self.BOTH[0]), "OP"))


class TestEarlierPrices:
    def test_a_price_is_brought_to_the_base_year_by_the_years_between(self) -> None:
        found = attribute(priced(("2022/23", "C1", None, 1_000)), **UPLIFT)
        factor = Fraction("1.018") * Fraction("1.006")
        assert found["person_cost"].set_index("person_id").loc["p1", "cost_pence"] == oracle.half_up(2_000 * factor)
        (row,) = found["price_uplift"].to_dict("records")
        assert (row["service_line"], row["price_year"], row["base_year"]) == ("community", "2022/23", YEAR)
        assert row["years"] == "2023/24; 2024/25"
        assert row["factor"] == pytest.approx(float(factor), rel=1e-15)
        assert row["rows_priced"] == 2
        assert row["cost_pence"] == sum(oracle.half_up(units * 1_000 * factor) for units in (2, Fraction(3, 2)))

    def test_the_last_year_with_a_price_counts(self) -> None:
        prices = [("2022/23", "C1", None, 1_000), ("2023/24", "C1", None, 900), ("2025/26", "C1", None, 1)]
        found = attribute(priced(*prices), **UPLIFT)
        assert found["price_uplift"]["price_year"].tolist() == ["2023/24"]
        assert found["person_cost"].set_index("person_id").loc["p1", "cost_pence"] == oracle.half_up(
            1_800 * Fraction("1.006")
        )

    def test_a_price_of_the_base_year_is_left_alone(self) -> None:
        (row,) = attribute(tables(), **UPLIFT)["price_uplift"].to_dict("records")
        assert (row["years"], row["factor"], row["rows_priced"]) == ("", 1.0, 2)

    def test_a_line_may_have_an_efficiency_of_its_own(self) -> None:
        values = UPLIFT | {"price_efficiency@line:community": 0}
        found = attribute(priced(("2023/24", "C1", None, 1_000)), **values)
        assert found["price_uplift"]["factor"].tolist() == [pytest.approx(1.017)]

    @pytest.mark.parametrize("missing", sorted(UPLIFT))
    def test_a_year_between_that_nobody_knows_is_refused(self, missing: str) -> None:
        values = {name: value for name, value in UPLIFT.items() if name != missing}
        with pytest.raises(RunStopped, match="price_cost_uplift and price_efficiency") as stop:
            attribute(priced(("2022/23", "C1", None, 1_000)), **values)
        assert stop.value.failures[0].rows_failed == 2

    def test_a_locality_without_prices_has_no_such_table(self) -> None:
        frames = {name: table for name, table in tables().items() if name != "prices"}
        frames["activity"]["cost_pence"] = frames["activity"]["cost_pence"].fillna(100)
        assert not {"price_uplift", "part_complete", "activity_completion"} & attribute(frames).keys()

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @drawn(
        st.lists(
            st.tuples(
                st.sampled_from(["2021/22", "2022/23", "2023/24", "2024/25", "2025/26"]),
                st.sampled_from(["C1", "C2"]),
                st.sampled_from([None, "IP", "OP"]),
                st.integers(0, 10**6),
            ),
            unique_by=lambda price: price[:3],
            max_size=8,
        ),
        st.lists(
            st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from([None, "IP", "OP"]), st.integers(1, 9)),
            min_size=1,
            max_size=5,
        ),
    )
    def test_prices_agree_with_the_oracle(
        self, prices: list[oracle.Price], care: list[tuple[str, str | None, int]]
    ) -> None:
        net = {"2023/24": Fraction("0.018"), "2024/25": Fraction("0.006")}
        found = [oracle.unit_price(prices, currency, department, YEAR, net) for currency, department, _ in care]
        columns = "person_id activity_date service_line provider_code units currency_code department"
        rows = [("p1", date(2024, 6, 1), "community", "RX1", float(n), *code) for *code, n in care]
        activity = frame(columns, *rows).assign(
            cost_pence=pd.array([None] * len(rows), "Int64"), ended_on=pd.Series(dtype="datetime64[s]")
        )
        frames = priced(*prices) | {"activity": activity.astype({"department": "string"})}
        frames["prices"] = frames["prices"].astype({"department": "string", "unit_price_pence": "Int64"})
        unpriced = sum(price is None for price in found)
        if unpriced:
            with pytest.raises(RunStopped) as stop:
                attribute(frames, **UPLIFT)
            assert stop.value.failures[0].rows_failed == unpriced
            return
        expected = sum(
            oracle.half_up(price * n) for price, (*_, n) in zip(found, care, strict=True) if price is not None
        )
        # a float on the edge of half a penny may fall to the other side of it
        assert costs_of(frames, **UPLIFT)["p1"] == pytest.approx(expected, abs=1 if expected % 1 else len(care))


class TestStays:
    """Part-complete care: a stay across the end of a year is counted once, wholly or by its days."""

    def stay(self, admitted: date, ended: date | None, pence: int = 1_000) -> dict[str, pd.DataFrame]:
        frames = tables()
        rows = (
            frames["activity"]
            .iloc[[3]]
            .assign(activity_date=admitted, ended_on=pd.array([ended], dtype="object"), cost_pence=pence)
        )
        return frames | {"activity": rows}

    @pytest.mark.parametrize(("rule", "cost"), [("admission", 0), ("discharge", 1_000), ("days", 600)])
    def test_each_rule_counts_a_stay_over_the_first_day(self, rule: str, cost: int) -> None:
        frames = self.stay(date(2024, 3, 28), date(2024, 4, 6))
        found = attribute(frames, part_complete_rule=rule)
        assert found["person_cost"].set_index("person_id").loc["p3", "cost_pence"] == cost
        (row,) = found["part_complete"].to_dict("records")
        assert (row["rule"], row["stays"], row["whole_pence"]) == (rule, 1, 1_000)
        assert (row["counted_pence"], row["other_pence"]) == (cost, 1_000 - cost)

    def test_a_stay_within_the_year_counts_whole_under_every_rule(self) -> None:
        frames = self.stay(date(2024, 4, 1), date(2025, 3, 31))
        for rule in ("admission", "discharge", "days"):
            found = attribute(frames, part_complete_rule=rule)
            assert found["person_cost"]["cost_pence"].sum() == 1_000
            assert found["part_complete"].empty

    def test_care_without_a_day_of_discharge_counts_as_it_is_handed_over(self) -> None:
        assert costs_of(self.stay(date(2023, 1, 1), None))["p3"] == 1_000

    def test_units_are_split_with_the_cost(self) -> None:
        frames = self.stay(date(2024, 3, 28), date(2024, 4, 6))
        (row,) = attribute(frames, part_complete_rule="days")["provider_activity"].to_dict("records")
        assert row["units"] == pytest.approx(0.6)

    def test_a_stay_that_ends_before_it_begins_is_refused(self) -> None:
        with pytest.raises(RunStopped) as stop:
            attribute(self.stay(date(2024, 6, 2), date(2024, 6, 1)), part_complete_rule="days")
        assert (stop.value.failures[0].check_id, stop.value.failures[0].rows_failed) == ("B17", 1)

    @settings(deadline=None, max_examples=25)
    @drawn(
        st.lists(
            st.tuples(st.integers(0, 900), st.integers(0, 500), st.integers(0, 10**9)),
            min_size=1,
            max_size=6,
        ),
        st.sampled_from(["admission", "discharge", "days"]),
    )
    def test_adjoining_years_add_up_to_the_whole_and_agree_with_the_oracle(
        self, stays: list[tuple[int, int, int]], rule: str
    ) -> None:
        begins = [date(2022, 4, 1) + timedelta(days=start) for start, _, _ in stays]
        ends = [day + timedelta(days=length) for day, (_, length, _) in zip(begins, stays, strict=True)]
        count = len(stays)
        frames = tables()
        rows = frames["activity"].iloc[[3] * count].reset_index(drop=True)
        frames["activity"] = rows.assign(
            activity_date=begins, ended_on=ends, cost_pence=pd.array([pence for *_, pence in stays], "Int64")
        )
        found = 0
        for start in range(2022, 2027):
            year = f"{start}/{start - 1999}"
            cost = _in_year(frames, rule, year)
            first, last = date(start, 4, 1), date(start + 1, 3, 31)
            parts = zip(begins, ends, stays, strict=True)
            assert cost == sum(oracle.in_year(pence, a, b, rule, first, last) for a, b, (*_, pence) in parts)
            found += cost
        assert found == sum(pence for *_, pence in stays)


def _in_year(frames: dict[str, pd.DataFrame], rule: str, year: str) -> int:
    """Cost of everyone in one base year."""
    moved = dict(frames)
    moved["spend"] = moved["spend"].assign(financial_year=year)
    moved["segment_people"] = moved["segment_people"].assign(
        financial_year=moved["segment_people"]["financial_year"].replace({YEAR: year, "2025/26": "2099/00"})
    )
    following = f"{int(year[:4]) + 1}/{int(year[5:]) + 1}"
    with DuckEngine() as engine:
        values = VALUES | {"part_complete_rule": rule}
        attribute_costs(given(moved, values, base_year=year, budget_years=(following,), engine=engine))
        return int(engine.scalar("select cast(sum(cost_pence) as bigint) from person_cost"))


class TestCompletion:
    def completed(self, *factors: tuple[object, ...], runout: int = 3) -> dict[str, pd.DataFrame]:
        frames = tables()
        frames["completion_factors"] = frame("service_line months_since factor", *factors)
        return attribute(frames, runout_months=runout)

    def test_recent_months_are_completed_in_direct_cost_alone(self) -> None:
        # care of June; records are drawn three months after March
        found = self.completed(("community", 12, 1.25), ("community", 11, 1.5))
        assert direct(found)["A", "community", "AMW"] == oracle.half_up(202 * Fraction(5, 4))
        assert direct(found)["A", "acute_elective", "OA"] == 9_000
        assert found["person_cost"]["cost_pence"].sum() == direct(attribute(tables()))["A", "community", "AMW"] + 9_229

    def test_what_it_adds_is_shown_by_line(self) -> None:
        found = self.completed(("community", 12, 1.25))
        shown = found["activity_completion"].set_index("service_line")
        assert shown["months_since"].tolist() == [12, 12]
        assert shown["runout_months"].unique().tolist() == [3]
        assert shown["factor"].to_dict() == {"acute_elective": 1.0, "community": 1.25}
        assert (shown["recorded_pence"] + shown["added_pence"] == shown["completed_pence"]).all()
        assert shown["added_pence"].to_dict() == {"acute_elective": 0, "community": 51 + 38 + 19}
        plain, whole = direct(attribute(tables())), direct(found)
        on_lists = [key for key in whole if key[1] == "community" and key[2] != "UNREG"]
        assert sum(whole[key] - plain[key] for key in on_lists) == shown.loc["community", "added_pence"]

    def test_a_factor_of_one_changes_nothing(self) -> None:
        plain, found = attribute(tables()), self.completed(("community", 12, 1.0))
        pd.testing.assert_frame_equal(plain["segment_cost"], found["segment_cost"])

    def test_older_months_are_complete(self) -> None:
        assert direct(self.completed(("community", 11, 1.25))) == direct(attribute(tables()))

    def test_a_month_that_is_missing_among_the_factors_is_refused(self) -> None:
        with pytest.raises(RunStopped) as stop:
            self.completed(("community", 11, 1.5), ("community", 13, 1.25))
        assert (stop.value.failures[0].check_id, stop.value.failures[0].table) == ("B16", "completion_factors")


class TestPatientCosts:
    def given(self, *rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
        return tables() | {"patient_costs": frame("person_id service_line cost_pence", *rows)}

    def test_they_replace_activity_on_their_lines(self) -> None:
        found = costs_of(self.given(("p1", "community", 500), ("p4", "community", 7), ("p4", "dentistry", 9)))
        assert found == {"p1": 500, "p2": 9_000, "p3": 0, "p4": 7}

    def test_activity_of_their_lines_needs_no_price(self) -> None:
        frames = self.given(("p1", "community", 500))
        found = attribute(frames | {"prices": frames["prices"].iloc[:0]})
        assert found["person_cost"]["cost_pence"].sum() == 9_500
        flows = found["provider_activity"].set_index(["place", "provider_code"])["cost_pence"]
        assert flows.to_dict() == {("A", "RY1"): 9_000, ("B", "RX1"): 77}

    def test_they_follow_replaced_identifiers(self) -> None:
        frames = self.given(("old", "community", 500))
        frames["person_merges"] = frame("person_id replaced_by", ("old", "p1"))
        assert costs_of(frames)["p1"] == 500

    def test_segments_bear_them_and_pounds_in_are_pounds_out(self) -> None:
        found = attribute(self.given(("p1", "community", 500), ("p2", "community", 100)))
        assert direct(found)["A", "community", "AMW"] == 500
        sums = found["segment_cost"].groupby(["place", "service_line"])["grossed_pence"].sum()
        assert sums["A", "community"] == pytest.approx(1_000)


class TestTheYearBefore:
    def spend(self, *rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
        frames = tables()
        columns = "financial_year commissioner place service_line amount_pence adjustment reason"
        frames["spend"] = pd.concat([frames["spend"], frame(columns, *rows)], ignore_index=True)
        return frames

    def test_spend_a_head_is_compared_by_line(self) -> None:
        frames = self.spend(
            ("2023/24", "QXX", "A", "community", 1_100, None, None),
            ("2023/24", "QXX", "A", "community", -100, "NR", "once"),
        )
        frames["population_reconciliation"] = frame(
            "opening closing excluded duplicates quarantined", (50, 55, 5, 2, 0), (40, 38, 0, 0, 0)
        )
        found = attribute(frames)["spend_per_head"].set_index("service_line")
        community = found.loc["community"]
        assert (community["pence"], community["previous_pence"]) == (1_154, 1_000)
        assert community["people"] == 14
        assert community["previous_people"] == pytest.approx(14 * 90 / 100)
        assert community["change_share"] == pytest.approx((1_154 / 14) / (1_000 / 12.6) - 1)
        assert pd.isna(found.loc["acute_elective", "change_share"])

    def test_without_lists_the_same_people_stand_for_both_years(self) -> None:
        found = attribute(self.spend(("2023/24", "QXX", "A", "community", 1_154, None, None)))["spend_per_head"]
        assert found.set_index("service_line").loc["community", "change_share"] == pytest.approx(0)
        assert found["basis"].unique().tolist() == ["the same people in both years"]

    def test_a_base_year_alone_is_not_compared(self) -> None:
        assert "spend_per_head" not in attribute(tables())
