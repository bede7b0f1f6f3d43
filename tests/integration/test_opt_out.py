"""The national data opt-out: people count, their records of care stay behind, and both are told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from budget.intake.opt_out import RECORDS_OF_CARE, RULE
from tests.integration.test_intake import OLD, VALID, Inputs, care, locality, person

pytestmark = pytest.mark.integration

OTHER = "9434765838"


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(tmp_path)


def _handed_over(inputs: Inputs, *people: dict[str, object], **more: list[dict[str, object]]) -> dict[str, pa.Table]:
    conditions = [{"person_id": one, "condition": "asthma", "recorded_on": date(2020, 1, 1)} for one in (VALID, OTHER)]
    activity = [care(), care(), care(person_id=OTHER)]
    inputs.csv(registered_list=list(people), conditions=conditions, activity=activity, **more)
    return inputs.take()


def _aside(taken: dict[str, pa.Table]) -> dict[str, int]:
    return {row["name"]: row["rows"] for row in taken["quarantine"].to_pylist() if row["rule"] == RULE}


def test_people_stay_and_their_records_of_care_do_not(inputs: Inputs) -> None:
    taken = _handed_over(inputs, person(national_opt_out=True), person(OTHER, national_opt_out=False))
    assert taken["registered_list"].num_rows == 2
    assert (taken["conditions"].num_rows, taken["activity"].num_rows) == (1, 1)
    assert taken["activity"]["person_id"][0] == taken["conditions"]["person_id"][0]
    assert _aside(taken) == {"conditions": 1, "activity": 2}


def test_patient_level_costs_stay_behind_too(inputs: Inputs) -> None:
    costs = [{"person_id": one, "service_line": "community", "cost_pence": 5} for one in (VALID, OTHER)]
    taken = _handed_over(inputs, person(national_opt_out=True), person(OTHER), patient_costs=costs)
    assert taken["patient_costs"].num_rows == 1
    assert set(_aside(taken)) == set(RECORDS_OF_CARE)


def test_one_record_of_the_list_is_enough(inputs: Inputs) -> None:
    twice = [person(national_opt_out=False), person(registered_on=date(2018, 1, 1), national_opt_out=True)]
    assert _aside(_handed_over(inputs, *twice, person(OTHER))) == {"conditions": 1, "activity": 2}


@pytest.mark.parametrize("flagged", [VALID, OLD])
def test_the_opt_out_follows_a_person_to_another_identifier(inputs: Inputs, flagged: str) -> None:
    """Whether the replaced identifier has the flag or the one that survives, records under both stay behind."""
    merges = [{"person_id": OLD, "replaced_by": VALID}]
    activity = [care(), care(person_id=OLD), care(person_id=OTHER)]
    conditions = locality()["conditions"]
    people = [person(flagged, national_opt_out=True), person(OTHER)]
    inputs.csv(registered_list=people, conditions=conditions, activity=activity, person_merges=merges)
    assert _aside(inputs.take()) == {"conditions": 1, "activity": 2}


def test_a_list_that_says_nothing_changes_nothing(inputs: Inputs) -> None:
    silent = _handed_over(inputs, person(), person(OTHER))
    written = (inputs.taken / "activity.parquet").read_bytes()
    unsaid = _handed_over(inputs, person(national_opt_out=None), person(OTHER, national_opt_out=None))
    assert _aside(silent) == {}
    assert _aside(unsaid) == {"conditions": 0, "activity": 0}
    assert (inputs.taken / "activity.parquet").read_bytes() == written


def test_a_flag_that_is_no_truth_stops_the_run(inputs: Inputs) -> None:
    inputs.csv(registered_list=[person(national_opt_out="perhaps"), person(OTHER)])
    (failure,) = inputs.stop().failures
    assert (failure.rule, failure.rows_failed) == ("column national_opt_out must be of type bool", 1)


def test_faults_of_columns_and_of_values_are_told_together(inputs: Inputs) -> None:
    inputs.csv(practices=[{"practice_code": "P1"}], activity=[care(units=-1)])
    (inputs.folder / "areas.csv").unlink()
    assert [failure.table for failure in inputs.stop().failures] == ["areas", "activity", "practices"]
