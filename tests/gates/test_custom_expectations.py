"""Expectations of our own: check digits, conservation, largest remainder; exact, and never content with nothing."""

from __future__ import annotations

from typing import Any

import pytest

from expectations.client import validate
from expectations.suite import GATES, read_suite

pytestmark = pytest.mark.integration

BILLIONS = 9_007_199_254_740_993
"""The first whole number that a float cannot hold."""
CONSERVATION = ("expect_conservation", {"goes_in": ["a"], "comes_out": ["b", "c"], "max_value": 0})
REMAINDER = (
    "expect_parts_by_largest_remainder",
    {"left_over": "a", "furthest": "b", "max_value": 0.999999},
)
CHECK_DIGIT = ("expect_nhs_number_check_digits_to_be_valid", {"column": "a", "min_value": 0.98})


@pytest.mark.parametrize(
    ("kind", "row", "met"),
    [
        (CONSERVATION, {"a": BILLIONS, "b": BILLIONS - 3, "c": 3}, True),
        (CONSERVATION, {"a": BILLIONS, "b": BILLIONS - 3, "c": 2}, False),
        (CONSERVATION, {"a": 3, "b": 1, "c": 3}, False),
        (CONSERVATION, {"a": 3, "b": 3, "c": None}, False),
        (REMAINDER, {"a": 0, "b": 11 / 12}, True),
        (REMAINDER, {"a": 0, "b": 1.0}, False),
        (REMAINDER, {"a": 1, "b": 0.0}, False),
        (REMAINDER, {"a": 0, "b": None}, False),
        (CHECK_DIGIT, {"a": 0.98}, True),
        (CHECK_DIGIT, {"a": 0.97}, False),
    ],
)
def test_what_they_hold_for_met(kind: tuple[str, dict[str, Any]], row: dict[str, Any], met: bool) -> None:
    meta = {"check_id": "X", "table": "t"}
    asked = {"type": kind[0], "severity": "critical", "kwargs": kind[1], "meta": meta}
    verdict = validate("costs", [asked], row, {})["X", "t"]
    assert (verdict.met, verdict.raised) == (met, False)


def test_one_without_a_limit_cannot_be_judged() -> None:
    kwargs = {"goes_in": ["a"], "comes_out": ["b"]}
    asked = {"type": "expect_conservation", "kwargs": kwargs, "meta": {"check_id": "X", "table": "t"}}
    assert validate("costs", [asked], {"a": 1, "b": 1}, {})["X", "t"].raised


def test_the_suites_use_each_of_them() -> None:
    kinds = {question.kind for gate in GATES for question in read_suite(gate)}
    assert {CONSERVATION[0], REMAINDER[0], CHECK_DIGIT[0]} <= kinds


def test_a_question_of_several_measures_shows_one_and_names_the_others() -> None:
    (question,) = (question for question in read_suite("population") if question.check_id == "P22")
    assert question.column == "P22"
    assert question.configuration()["kwargs"].keys() == {"goes_in", "comes_out", "max_value"}
    assert question.parameters == ("P22_max",)
