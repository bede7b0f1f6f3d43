"""Stays across a change of commissioner and across the contract's start: counted once, and both sides are the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from budget.costs.stage import attribute_costs
from budget.engine import DuckEngine, Select
from tests.integration.test_costs_stage import VALUES, frame, tables
from tests.oracle import costs as oracle
from tests.support.given import given
from tests.support.people import arrow

pytestmark = pytest.mark.integration

RULES = ("admission", "discharge", "days")
OURS, THEIRS = "QXX", "QYY"
ADMITTED, ENDED = date(2024, 6, 1), date(2024, 6, 10)
JOINED = date(2024, 6, 4)
"""A stay of ten days, three of them before the person was ours."""

Stay = tuple[date, date, int]
Term = tuple[str, date, date | None]
Found = dict[str, pd.DataFrame]


def locality(*stays: Stay, terms: Sequence[Term] | None = None, line: str = "acute_elective") -> dict[str, Any]:
    """Stays of one person and, where they are known, whose care the person was."""
    frames: dict[str, Any] = tables()
    activity = frames["activity"].iloc[[2] * len(stays)].reset_index(drop=True)
    frames["activity"] = activity.assign(
        service_line=line,
        activity_date=[begins for begins, _, _ in stays],
        ended_on=pd.array([ends for _, ends, _ in stays], dtype="object"),
        cost_pence=pd.array([pence for *_, pence in stays], "Int64"),
    )
    if terms is not None:
        names = ("person_id", "commissioner", "begins_on", "ends_on")
        frames["commissioner_terms"] = arrow(
            "commissioner_terms", [dict(zip(names, ("p2", *term), strict=True)) for term in terms]
        )
    return frames


def costed(
    frames: Mapping[str, Any], rule: str = "days", icb: str = OURS, contract: date | None = None, **values: object
) -> Found:
    with DuckEngine() as engine:
        usual = given(frames, VALUES | {"part_complete_rule": rule} | values, engine=engine)
        plan = usual.plan.model_copy(update={"icb_code": icb, "contract_starts_on": contract})
        written = attribute_costs(replace(usual, plan=plan))
        return {
            name: engine.frame(f"select * from {table.relation} order by {', '.join(table.order_by)}")
            if isinstance(table, Select)
            else table
            for name, table in written.items()
        }


def cost(found: Found) -> int:
    return int(found["person_cost"]["cost_pence"].sum())


def shown(found: Found, boundary: str) -> list[tuple[int, int, int, int]]:
    """Stays, whole, counted and other of each line at a boundary."""
    rows = found["part_complete"].query("boundary == @boundary")
    return list(rows[["stays", "whole_pence", "counted_pence", "other_pence"]].itertuples(index=False, name=None))


def joined(day: date) -> list[Term]:
    """The terms of someone who comes to us on a day."""
    return [(THEIRS, date(2010, 1, 1), day - timedelta(days=1)), (OURS, day, None)]


class TestChangeOfCommissioner:
    STAY = (ADMITTED, ENDED, 1_000)

    @pytest.mark.parametrize(("rule", "ours"), [("admission", 0), ("discharge", 1_000), ("days", 700)])
    def test_each_rule_says_whose_a_stay_is(self, rule: str, ours: int) -> None:
        found = costed(locality(self.STAY, terms=joined(JOINED)), rule)
        assert cost(found) == ours
        assert shown(found, "commissioner") == [(1, 1_000, ours, 1_000 - ours)]
        assert shown(found, "year") == []

    @pytest.mark.parametrize(("rule", "ours"), [("admission", 1_000), ("discharge", 0), ("days", 300)])
    def test_somebody_who_leaves_us(self, rule: str, ours: int) -> None:
        leaves = [(OURS, date(2010, 1, 1), JOINED - timedelta(days=1)), (THEIRS, JOINED, None)]
        assert cost(costed(locality(self.STAY, terms=leaves), rule)) == ours

    @pytest.mark.parametrize("rule", RULES)
    def test_what_nobody_knows_of_a_person_changes_nothing(self, rule: str) -> None:
        found = costed(locality(self.STAY, terms=[]), rule)
        pd.testing.assert_frame_equal(found["person_cost"], costed(locality(self.STAY), rule)["person_cost"])
        assert found["part_complete"].empty

    @pytest.mark.parametrize("rule", RULES)
    def test_a_change_before_or_after_the_stay_changes_nothing(self, rule: str) -> None:
        for terms in (joined(ADMITTED), [(OURS, date(2010, 1, 1), ENDED)]):
            found = costed(locality(self.STAY, terms=terms), rule)
            assert cost(found) == 1_000
            assert shown(found, "commissioner") == []

    @pytest.mark.parametrize("rule", RULES)
    def test_a_stay_wholly_on_days_of_others_is_theirs(self, rule: str) -> None:
        found = costed(locality(self.STAY, terms=joined(ENDED + timedelta(days=1))), rule)
        assert cost(found) == 0
        assert shown(found, "another_commissioner") == [(1, 1_000, 0, 1_000)]
        assert shown(found, "commissioner") == []

    def test_days_on_no_list_are_not_ours(self) -> None:
        away = [(OURS, date(2010, 1, 1), date(2024, 6, 2)), (OURS, date(2024, 6, 6), None)]
        assert cost(costed(locality(self.STAY, terms=away))) == 700

    def test_two_like_stays_are_two(self) -> None:
        found = costed(locality(self.STAY, self.STAY, terms=joined(JOINED)))
        assert shown(found, "commissioner") == [(2, 2_000, 1_400, 600)]
        assert cost(found) == 1_400

    def test_units_follow_the_cost(self) -> None:
        (row,) = costed(locality(self.STAY, terms=joined(JOINED)))["provider_activity"].to_dict("records")
        assert (row["units"], row["cost_pence"]) == (pytest.approx(0.7), 700)

    def test_the_year_is_shared_before_commissioners(self) -> None:
        stay = (date(2024, 3, 22), date(2024, 4, 10), 2_000)
        found = costed(locality(stay, terms=joined(date(2024, 4, 6))))
        assert shown(found, "year") == [(1, 2_000, 1_000, 1_000)]
        assert shown(found, "commissioner") == [(1, 1_000, 500, 500)]
        assert cost(found) == 500

    def test_care_for_everyone_present_is_ours_whoever_is_there(self) -> None:
        frames = locality(self.STAY, terms=joined(JOINED))
        found = costed(frames, host_lines=["acute_elective"])
        assert found["provider_activity"]["cost_pence"].tolist() == [1_000]
        assert found["part_complete"].empty

    @pytest.mark.parametrize(("percent", "ours"), [(0, 0), (50, 500), (100, 1_000)])
    def test_a_case_decides_before_the_rule(self, percent: int, ours: int) -> None:
        case = {"person_id": "p2", "begins_on": ADMITTED, "rank": 1, "reason_code": "RC17", "kind": "hospital_stay"}
        shares = arrow("commissioner_shares", [case | {"payer": OURS, "our_percent": percent}])
        found = costed(locality(self.STAY, terms=joined(JOINED)) | {"commissioner_shares": shares})
        assert cost(found) == ours
        assert shown(found, "commissioner") == []
        assert found["provider_activity"]["units"].tolist() == [1.0]

    def test_a_case_that_changes_nothing_leaves_it_to_the_rule(self) -> None:
        case = {"person_id": "p2", "begins_on": ADMITTED, "rank": 1, "reason_code": "RC17D", "kind": "detention"}
        found = costed(
            locality(self.STAY, terms=joined(JOINED)) | {"commissioner_shares": arrow("commissioner_shares", [case])}
        )
        assert cost(found) == 700

    def test_what_patient_level_costs_replace_is_not_shown(self) -> None:
        costs = frame("person_id service_line cost_pence", ("p2", "acute_elective", 77))
        early = (date(2024, 3, 22), date(2024, 4, 10), 2_000)
        found = costed(locality(self.STAY, early, terms=joined(JOINED)) | {"patient_costs": costs})
        assert found["part_complete"].empty
        assert cost(found) == 77

    def test_one_day_later_is_one_days_share_less(self) -> None:
        """From the day after the stay to the day of admission: nothing to all of it, a day at a time."""
        costs = [cost(costed(locality(self.STAY, terms=joined(ADMITTED + timedelta(days=n))))) for n in range(-1, 12)]
        assert costs == [1_000, *range(1_000, -1, -100), 0]

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @drawn(
        st.lists(st.tuples(st.integers(0, 500), st.integers(0, 200), st.integers(0, 10**9)), min_size=1, max_size=5),
        st.lists(st.integers(-50, 700), unique=True, max_size=5),
        st.sampled_from(RULES),
    )
    def test_both_commissioners_together_pay_what_counts_in_the_year(
        self, drawn_stays: list[tuple[int, int, int]], changes: list[int], rule: str
    ) -> None:
        start = date(2024, 1, 1)
        stays = [
            (start + timedelta(days=a), start + timedelta(days=a + length), pence) for a, length, pence in drawn_stays
        ]
        days = [date(2000, 1, 1), *(start + timedelta(days=n) for n in sorted(changes))]
        ends = [*(day - timedelta(days=1) for day in days[1:]), None]
        terms = [((OURS, THEIRS)[n % 2], *term) for n, term in enumerate(zip(days, ends, strict=True))]
        first, last = date(2024, 4, 1), date(2025, 3, 31)

        def side(day: date) -> str:
            if not first <= day <= last:
                return "other years"
            return next(payer for payer, begin, _ in reversed(terms) if begin <= day)

        expected = [oracle.sides(pence, begin, end, rule, side) for begin, end, pence in stays]
        for icb in (OURS, THEIRS):
            found = costed(locality(*stays, terms=terms), rule, icb)
            assert cost(found) == sum(parts.get(icb, 0) for parts in expected)
            assert all(ours + others == whole for _, whole, ours, others in shown(found, "commissioner"))
            assert all(ours == 0 for _, _, ours, _ in shown(found, "another_commissioner"))


class TestStartOfTheContract:
    STAY = (ADMITTED, ENDED, 1_000)
    START = JOINED

    @pytest.mark.parametrize(("rule", "under"), [("admission", 0), ("discharge", 1_000), ("days", 700)])
    def test_each_rule_says_what_the_contract_bears(self, rule: str, under: int) -> None:
        found = costed(locality(self.STAY), rule, contract=self.START)
        assert shown(found, "contract_start") == [(1, 1_000, under, 1_000 - under)]

    def test_the_baseline_is_a_years_care_whoever_bore_it(self) -> None:
        without, found = costed(locality(self.STAY)), costed(locality(self.STAY), contract=self.START)
        assert without["part_complete"].empty
        for name in without.keys() - {"part_complete"}:
            pd.testing.assert_frame_equal(without[name], found[name])

    def test_a_contract_that_starts_after_the_year(self) -> None:
        stay = (date(2025, 3, 22), date(2025, 4, 10), 2_000)
        found = costed(locality(stay), contract=date(2025, 4, 1))
        assert shown(found, "year") == shown(found, "contract_start") == [(1, 2_000, 1_000, 1_000)]
        assert cost(found) == 1_000

    def test_only_our_days_are_shared(self) -> None:
        found = costed(locality(self.STAY, terms=joined(JOINED)), contract=date(2024, 6, 9))
        assert shown(found, "commissioner") == [(1, 1_000, 700, 300)]
        assert shown(found, "contract_start") == [(1, 700, 200, 500)]

    def test_stays_on_one_side_are_not_in_progress(self) -> None:
        for start in (ADMITTED, ENDED + timedelta(days=1)):
            assert costed(locality(self.STAY), contract=start)["part_complete"].empty

    def test_one_day_later_is_one_days_share_less(self) -> None:
        starts = [ADMITTED + timedelta(days=n) for n in range(1, 10)]
        found = [shown(costed(locality(self.STAY), contract=start), "contract_start")[0] for start in starts]
        assert [under for _, _, under, _ in found] == list(range(900, 0, -100))

    def test_a_locality_without_stays_has_nothing_in_progress(self) -> None:
        assert "part_complete" not in costed(tables(), contract=self.START)

    @settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @drawn(
        st.lists(st.tuples(st.integers(0, 400), st.integers(0, 90), st.integers(0, 10**9)), min_size=1, max_size=5),
        st.integers(0, 450),
        st.sampled_from(RULES),
    )
    def test_both_sides_are_the_whole_and_agree_with_the_oracle(
        self, drawn_stays: list[tuple[int, int, int]], start: int, rule: str
    ) -> None:
        zero = date(2024, 4, 1)
        stays = [
            (zero + timedelta(days=a), zero + timedelta(days=a + length), pence) for a, length, pence in drawn_stays
        ]
        contract = zero + timedelta(days=start)
        crossing = [stay for stay in stays if stay[0] < contract <= stay[1]]
        parts = [
            oracle.sides(pence, begin, end, rule, lambda day: "under" if day >= contract else "before")
            for begin, end, pence in crossing
        ]
        under = sum(part.get("under", 0) for part in parts)
        before = sum(part.get("before", 0) for part in parts)
        found = shown(costed(locality(*stays), rule, contract=contract), "contract_start")
        assert found == ([(len(crossing), under + before, under, before)] if crossing else [])
