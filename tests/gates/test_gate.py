"""How a gate behaves: what it asks, what it cannot measure, and that it holds nothing of a person."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from budget.engine import DuckEngine
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError
from budget.kernel.worker import worker
from expectations.client import validate
from expectations.evidence import Evidence, facts, measure, offenders
from expectations.gate import GreatExpectationsGate
from expectations.report import write_gate_report, write_gate_results
from expectations.suite import GATES, read_suite
from expectations.thresholds import Limits
from expectations.validation import raw_results
from tests.gates.poisons import put, put_all
from tests.gates.tables import Judge, Tables, plan_with, write_tables

pytestmark = pytest.mark.integration

NHS_NUMBER = "9434765919"


def _by_id(results: tuple[CheckResult, ...]) -> dict[str, CheckResult]:
    return {result.check_id: result for result in results}


def _changed(world: Tables, paths: dict[str, Path], folder: Path, *changes: object) -> dict[str, Path]:
    tables = dict(world)
    for change in changes:
        change(tables)  # type: ignore[operator]
    new = {name: frame for name, frame in tables.items() if frame is not world[name]}
    return paths | write_tables(new, folder)


def test_a_check_is_not_asked_of_a_table_that_the_locality_lacks(paths: dict[str, Path], judge: Judge) -> None:
    without = {name: path for name, path in paths.items() if name != "published_list"}
    assert "P03" in _by_id(judge("population", paths))
    assert not {"P03", "P04", "P04w"} & _by_id(judge("population", without)).keys()


def test_no_tables_no_questions(judge: Judge) -> None:
    assert judge("costs", {}) == ()


def test_check_digits_are_not_asked_of_pseudonyms(paths: dict[str, Path], judge: Judge) -> None:
    assert "P01" not in _by_id(judge("population", paths, "pseudonym"))


def test_offenders_are_named_and_counted(world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge) -> None:
    given = _changed(world, paths, tmp_path, put("population_reconciliation", "joins", 0, 99))
    found = _by_id(judge("population", given))["P14"]
    assert (found.keys, found.rows_failed, found.threshold) == (("F84004",), 1, "at most 0")
    assert found.stops


def test_money_is_compared_to_the_penny(world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge) -> None:
    billions = put_all("pace_of_change", "target_pence", lambda pence: pence + 9_000_000_000_000_001)
    same = put_all("pace_of_change", "allocation_pence", lambda pence: pence + 9_000_000_000_000_001)
    assert _by_id(judge("ledger", _changed(world, paths, tmp_path / "a", billions, same)))["C01"].outcome == "passed"
    one_more = put("pace_of_change", "target_pence", 0, lambda pence: pence + 1)
    found = _by_id(judge("ledger", _changed(world, paths, tmp_path / "b", billions, same, one_more)))["C01"]
    assert (found.outcome, found.observed) == ("failed", 1)


def test_what_cannot_be_measured_fails_whatever_its_severity(
    world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge, caplog: pytest.LogCaptureFixture
) -> None:
    pq.write_table(pa.table({"person_id": [NHS_NUMBER]}), tmp_path / "person_cost.parquet")
    with caplog.at_level(logging.ERROR):
        found = _by_id(judge("costs", paths | {"person_cost": tmp_path / "person_cost.parquet"}))["B12"]
    assert (found.severity, found.outcome, found.observed) == ("fail", "failed", None)
    assert found.rule.endswith("(could not be measured)")
    assert "cost_pence" in caplog.text
    assert NHS_NUMBER not in caplog.text


def test_a_measure_without_a_value_fails(world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge) -> None:
    given = paths | write_tables({"line_attribution": world["line_attribution"].iloc[:0]}, tmp_path)
    assert _by_id(judge("costs", given))["B03"].stops


def test_what_the_engine_could_not_read_is_not_repeated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    evidence = replace(
        Evidence.read("costs", "lines"), statement=_statement(f"select cast('{NHS_NUMBER}x' as integer) as B08")
    )
    with DuckEngine({}) as engine, caplog.at_level(logging.DEBUG):
        assert measure(engine, evidence, "", {}) == {}
    assert "ConversionException" in caplog.text
    assert NHS_NUMBER not in caplog.text


def test_evidence_is_one_row() -> None:
    evidence = replace(Evidence.read("costs", "lines"), statement=_statement("select unnest([1, 2]) as B08"))
    with DuckEngine({}) as engine, pytest.raises(ValueError, match="must be one row, this is 2"):
        measure(engine, evidence, "", {})


def test_a_setting_that_the_limits_lack_is_named() -> None:
    evidence = replace(Evidence.read("costs", "lines"), statement=_statement("select {p04_share} as P04"))
    with (
        DuckEngine({}) as engine,
        pytest.raises(ConfigurationError, match="setting share under where, for the check P04"),
    ):
        measure(engine, evidence, "", {})


def test_an_expectation_that_raises_is_told_apart() -> None:
    meta = {"check_id": "X", "table": "t"}
    raising = {
        "type": "expect_column_max_to_be_between",
        "severity": "info",
        "kwargs": {"column": "y", "max_value": 1},
        "meta": meta,
    }
    verdict = validate("costs", [raising], {"x": 1}, {})["X", "t"]
    assert (verdict.met, verdict.raised) == (False, True)


def test_nothing_of_a_person_comes_out_of_a_gate(
    world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge, caplog: pytest.LogCaptureFixture
) -> None:
    """A number of a person in every column of text of the list, and in the practices of the statement."""
    columns = ("person_id", "practice_code", "lsoa_code", "registration_type", "flags")
    planted = [put_all("registered_list", column, NHS_NUMBER) for column in columns]
    planted += [
        put_all("population_base", column, NHS_NUMBER) for column in ("person_id", "practice_code", "lsoa_code")
    ]
    planted += [put("population_reconciliation", "practice_code", 0, NHS_NUMBER), put("spend", "place", 0, NHS_NUMBER)]
    given = _changed(world, paths, tmp_path, *planted)

    with caplog.at_level(logging.DEBUG):
        results = tuple(result for gate in GATES for result in judge(gate, given))
    write_gate_results(results, tmp_path / "gates.json", title="t")
    write_gate_report(results, tmp_path / "gates.html", title="t", notice="")

    told = "\n".join(result.sentence() for result in results)
    written = (tmp_path / "gates.json").read_text() + (tmp_path / "gates.html").read_text()
    assert any(result.stops for result in results)
    assert "(withheld)" in told
    assert NHS_NUMBER not in told + written + caplog.text


def test_great_expectations_keeps_no_value(limits: Path) -> None:
    held = Limits.read(limits)
    questions = [question for question in read_suite("costs") if question.metric == "B01"]
    raw = raw_results("costs", [q.configuration() for q in questions], {"B01": 0.123456789}, held.parameters(questions))
    assert raw["statistics"]["unsuccessful_expectations"] == 2
    assert "0.123456789" not in str(raw)


def test_keys_that_look_like_a_person_are_withheld(
    world: Tables, paths: dict[str, Path], tmp_path: Path, limits: Path
) -> None:
    codes = ["943 476 5919", "2001-02-03", "0123456789abcdef0123", "F99999"]
    given = _changed(
        world, paths, tmp_path, *(put("published_list", "practice_code", i, c) for i, c in enumerate(codes[:3]))
    )
    values = facts(plan_with(limits), given) | Limits.read(limits).settings()
    with DuckEngine(given) as engine:
        assert offenders(engine, "intake", "I06c", values) == ("(withheld)",)


def test_a_person_level_table_in_the_pack_is_found(paths: dict[str, Path], tmp_path: Path, judge: Judge) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    packed = {name: Path(shutil.copy(paths[name], pack)) for name in ("integrated_budget", "population")}
    assert (
        _by_id(judge("publish", paths | {"integrated_budget": packed["integrated_budget"]}))["O26"].outcome == "passed"
    )
    found = _by_id(judge("publish", paths | packed))["O26"]
    assert found.stops
    assert found.keys == ("population",)


def test_small_numbers_are_noted_table_by_table(paths: dict[str, Path], judge: Judge) -> None:
    small = {result.table: result for result in judge("publish", paths) if result.check_id == "O05i"}
    assert small["population_counts"].outcome == "failed"
    assert not small["population_counts"].stops
    assert small["list_against_residents"].outcome == "passed"


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        (1, {"shown": 5.0}),  # of few people, and shown
        (3, {"shown": 5.0, "low": 3.0}),  # shown, and might be of few
        (4, {"high": 499.0}),  # money that tells more of its people than it may
    ],
)
def test_whatever_a_shared_table_gives_away_is_found(
    row: int, changes: dict[str, float], world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge
) -> None:
    given = _changed(
        world, paths, tmp_path, *(put("disclosure_audit", column, row, value) for column, value in changes.items())
    )
    found = _by_id(judge("share", given))["O05"]
    assert found.stops and found.observed == 1 and len(found.keys) == 1


def test_the_fingerprint_follows_the_limits_of_its_own_gate(limits: Path, tmp_path: Path) -> None:
    looser = tmp_path / "looser.yaml"
    looser.write_text(f"extends: {limits}\nchecks:\n  B03: {{max: 0.2}}\n", encoding="utf-8")
    gate, before, after = GreatExpectationsGate(), plan_with(limits), plan_with(looser)
    assert gate.fingerprint("costs", before) != gate.fingerprint("costs", after)
    assert gate.fingerprint("need", before) == gate.fingerprint("need", after)
    assert gate.fingerprint("need", before) == GreatExpectationsGate().fingerprint("need", before)


def test_results_do_not_depend_on_the_order_of_rows(
    world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge
) -> None:
    shuffled = {
        name: frame.sample(frac=1, random_state=1) for name, frame in world.items() if isinstance(frame, pd.DataFrame)
    }
    turned = write_tables(shuffled, tmp_path)
    for gate in GATES:
        assert [(c.check_id, c.table, c.outcome) for c in judge(gate, turned)] == [
            (c.check_id, c.table, c.outcome) for c in judge(gate, paths)
        ]


def test_great_expectations_is_imported_in_a_process_of_its_own() -> None:
    script = (
        "import sys; from expectations.client import warm_up; warm_up(); print('great_expectations' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "False"


def test_a_worker_that_was_killed_is_started_again() -> None:
    row, limits = {"rows_a": 1.0}, {"X_max": 2.0}
    question = {
        "type": "expect_column_max_to_be_between",
        "kwargs": {"column": "rows_a", "max_value": {"$PARAMETER": "X_max"}},
        "meta": {"check_id": "X", "table": "a"},
        "severity": "critical",
    }
    assert validate("intake", [question], row, limits)[("X", "a")].met
    worker("expectations.worker").stop()
    assert validate("intake", [question], row, limits)[("X", "a")].met
    assert not validate("intake", [question], {"rows_a": 3.0}, limits)[("X", "a")].met


def _statement(text: str) -> object:
    from budget.engine.statement import Statement

    return Statement(text)
