"""What differs between two sets of assumptions."""

from __future__ import annotations

import pytest

from budget.assumptions.diff import Change, differences
from budget.kernel.years import FinancialYear
from tests.support.given import assume

pytestmark = pytest.mark.unit

Y26, Y27 = FinancialYear(2026), FinancialYear(2027)
RATES = {"efficiency_factor@2026/27": 0.02, "efficiency_factor@2027/28": 0.03}


def told(*changes: Change) -> list[tuple[object, ...]]:
    plain = [change.as_dict() for change in changes]
    return [(row["name"], row["scope"], row["years"], row["before"], row["after"]) for row in plain]


def test_the_same_values_do_not_differ_however_they_are_written() -> None:
    single = assume({"efficiency_factor@2026/27": 0.02, "efficiency_factor@2027/28": "0.020"})
    assert differences(single, assume({"efficiency_factor": 0.02}), (Y26, Y27)) == ()


def test_years_of_one_change_are_told_together() -> None:
    found = differences(assume({"efficiency_factor": 0.02}), assume({"efficiency_factor": 0.011}), (Y26, Y27))
    assert told(*found) == [("efficiency_factor", "all", ["2026/27", "2027/28"], "0.02", "0.011")]


def test_a_year_that_stays_is_not_told() -> None:
    found = differences(assume(RATES), assume({"efficiency_factor": 0.03}), (Y26, Y27))
    assert told(*found) == [("efficiency_factor", "all", ["2026/27"], "0.02", "0.03")]


def test_a_narrow_value_is_told_against_the_general_one() -> None:
    found = differences(
        assume({"efficiency_factor": 0.02}),
        assume({"efficiency_factor": 0.02, "efficiency_factor@line:prescribing": 0}),
        (Y26,),
    )
    assert told(*found) == [("efficiency_factor", "line:prescribing", ["2026/27"], "0.02", "0")]


def test_without_years_those_that_are_named_and_the_others() -> None:
    found = differences(assume(RATES), assume({"efficiency_factor": 0.03}))
    assert told(*found) == [
        ("efficiency_factor", "all", ["2026/27"], "0.02", "0.03"),
        ("efficiency_factor", "all", ["all"], None, "0.03"),
    ]


def test_what_one_side_lacks_is_told() -> None:
    found = differences(assume({"choice_share": 0.1}), assume({"host_lines": []}), (Y26,))
    assert told(*found) == [
        ("choice_share", "all", ["2026/27"], "0.1", None),
        ("host_lines", "all", ["2026/27"], None, ""),
    ]
