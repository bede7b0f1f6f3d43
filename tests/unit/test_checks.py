"""A check as a person reads it, and the errors that carry checks."""

from __future__ import annotations

import dataclasses
import json

import pytest

from budget.kernel.checks import CheckResult
from budget.kernel.errors import CapitationError, ConfigurationError, RunStopped, StoreError

pytestmark = pytest.mark.unit

FAILED = CheckResult(
    gate="need",
    check_id="W04",
    severity="fail",
    outcome="failed",
    table="published_weights",
    rule="every practice of the list has a weight",
    observed=3,
    threshold="0",
    rows_failed=1234,
    mend="published_weights.csv",
    keys=("F84001", "F84002"),
)


def test_a_sentence_says_table_rule_count_keys_and_what_to_mend() -> None:
    first, *rest = FAILED.sentence().splitlines()
    assert first == "published_weights: every practice of the list has a weight [W04, 1,234 rows]"
    assert rest == ["  found: 3; allowed: 0", "  which: F84001, F84002", "  mend: published_weights.csv"]


def test_what_is_not_known_is_left_out() -> None:
    bare = CheckResult("need", "W04", "fail", "failed", "published_weights", "every practice has a weight")
    assert bare.sentence() == "published_weights: every practice has a weight [W04]"


def test_a_million_keys_stay_short() -> None:
    many = dataclasses.replace(FAILED, keys=tuple(f"P{number:06}" for number in range(1_000_000)))
    assert len(many.sentence()) < 400
    assert "and 999990 more" in many.sentence()


@pytest.mark.parametrize(
    ("severity", "outcome", "stops"),
    [
        ("fail", "failed", True),
        ("fail", "passed", False),
        ("fail", "waived", False),
        ("warn", "failed", False),
        ("info", "failed", False),
    ],
)
def test_only_a_failed_check_of_severity_fail_stops(severity: str, outcome: str, stops: bool) -> None:
    assert dataclasses.replace(FAILED, severity=severity, outcome=outcome).stops is stops


def test_a_check_survives_json() -> None:
    read = json.loads(json.dumps(FAILED.as_dict()))
    assert CheckResult(**(read | {"keys": tuple(read["keys"])})) == FAILED


def test_errors_know_their_exit_status() -> None:
    statuses = {error: error.exit_status for error in (CapitationError, ConfigurationError, RunStopped, StoreError)}
    assert statuses == {CapitationError: 3, ConfigurationError: 2, RunStopped: 1, StoreError: 3}


def test_a_stopped_run_tells_every_failure_and_keeps_every_check() -> None:
    passed = dataclasses.replace(FAILED, check_id="W05", outcome="passed", rule="weights are positive")
    other = dataclasses.replace(FAILED, check_id="W06", rule="weights are known")
    stop = RunStopped("need", (FAILED, other), (FAILED, passed, other))
    assert str(stop) == f"{FAILED.sentence()}\n{other.sentence()}"
    assert [check.check_id for check in stop.checks] == ["W04", "W05", "W06"]
    assert RunStopped("need", (FAILED,)).checks == (FAILED,)
