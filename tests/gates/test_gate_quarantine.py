"""Whose records failed: every check of a person table says so in a file of pseudonyms, and nowhere else."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from budget.contracts import PREVIOUS, input_tables, output_tables
from budget.contracts import table as contract_of
from budget.engine import DuckEngine
from expectations.evidence import EVIDENCE, Evidence
from expectations.quarantine import SetAside, people_select, write_quarantine
from expectations.report import write_gate_report
from expectations.suite import EACH, GATES, read_suite
from tests.gates.poisons import POISONS, Poison
from tests.gates.tables import Judge, Tables, plan_with, write_tables

pytestmark = pytest.mark.integration

NOT_OF_PEOPLE = {
    "I01": "rows are lost, so there is nobody left to name",
    "I02": "the table is empty",
    "I03": "a list was extracted too early, with everybody on it",
    "I09": "people may opt out; nobody's record is wrong",
    "I06b": "the list is of another locality",
    "P02": "a record without an identifier has no pseudonym",
    "S04": "practices, not people",
    "B10": "providers, not people",
    "B12": "how cost is spread over people; nobody's record is wrong",
    "W27": "a sum",
    "W28": "a sum",
    "W32": "a sum",
}
ASKED_OF_PEOPLE = [
    (gate, question.check_id)
    for gate in GATES
    for question in read_suite(gate)
    if question.table == EACH
    and gate == "intake"
    or (question.table in input_tables() | output_tables() and contract_of(question.table).disclosure == "person")
]
OF_PEOPLE = [poison for poison in POISONS if people_select(poison.gate, poison.check_id).is_file()]


def _aside(poison: Poison, world: Tables, paths: Mapping[str, Path], folder: Path, judge: Judge, limits: Path):  # type: ignore[no-untyped-def]
    tables = dict(world)
    poison.change(tables)
    changed = {name: frame for name, frame in tables.items() if frame is not world[name]}
    given = {name: path for name, path in paths.items() if name in tables} | write_tables(changed, folder / "tables")
    return write_quarantine(
        judge(poison.gate, given), given, DuckEngine, plan_with(limits), folder / "gates" / "quarantine"
    ), tables


@pytest.mark.parametrize("poison", OF_PEOPLE, ids=str)
def test_people_whose_records_failed_are_set_aside_by_pseudonym(
    poison: Poison, world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge, limits: Path
) -> None:
    aside, tables = _aside(poison, world, paths, tmp_path, judge, limits)
    files = [kept for (_, check_id, _), kept in aside.items() if check_id == poison.check_id]
    assert files
    known = {str(one) for name in ("population_base", "registered_list", "population", "activity", "stop_loss_cost")
             for one in tables[name]["person_id"]}  # fmt: skip
    for kept in files:
        path = tmp_path / "gates" / "quarantine" / kept.file
        held = pq.read_table(path)
        assert held.column_names == ["person_id"]
        people = held.column("person_id").to_pylist()
        assert len(people) == kept.people > 0
        assert set(people) <= known
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_check_of_people_names_them_or_says_why_not() -> None:
    silent = {check for gate, check in ASKED_OF_PEOPLE if not people_select(gate, check).is_file()}
    assert silent == set(NOT_OF_PEOPLE)


def test_every_select_of_people_belongs_to_a_check_and_is_poisoned() -> None:
    files = {(path.parts[-3], path.stem) for path in EVIDENCE.glob("*/people/*.sql")}
    assert files == {(poison.gate, poison.check_id) for poison in OF_PEOPLE}


def test_selects_of_people_state_the_tables_that_they_read() -> None:
    known = input_tables().keys() | output_tables().keys()
    for path in EVIDENCE.glob("*/people/*.sql"):
        evidence = Evidence.read(path.parts[-3], f"people/{path.stem}")
        words = evidence.statement.text.replace("(", " ").replace(")", " ").split()
        read = {after for word, after in zip(words, words[1:], strict=False) if word in ("from", "join")} & known
        assert read == set(evidence.needs), path
        assert not any(name.startswith(PREVIOUS) for name in evidence.needs)


def test_a_sound_world_sets_nobody_aside(paths: dict[str, Path], tmp_path: Path, judge: Judge, limits: Path) -> None:
    checks = tuple(check for gate in GATES for check in judge(gate, paths) if check.outcome == "passed")
    assert write_quarantine(checks, paths, DuckEngine, plan_with(limits), tmp_path / "quarantine") == {}
    assert not (tmp_path / "quarantine").exists()


def test_a_run_without_people_sets_nobody_aside(
    world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge, limits: Path
) -> None:
    poison = next(poison for poison in OF_PEOPLE if poison.check_id == "P10")
    tables = dict(world)
    poison.change(tables)
    given = paths | write_tables({"population_base": tables["population_base"]}, tmp_path / "tables")
    checks = judge("population", given)
    without = {name: path for name, path in given.items() if name != "population_base"}
    assert write_quarantine(checks, without, DuckEngine, plan_with(limits), tmp_path / "quarantine") == {}


def test_the_report_leads_to_the_files(paths: dict[str, Path], tmp_path: Path, judge: Judge) -> None:
    (check, *_) = judge("population", paths)
    aside = {(check.gate, check.check_id, check.table): SetAside("P01.parquet", 1_234)}
    write_gate_report([check], tmp_path / "report.html", title="t", notice="", aside=aside)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<a href="quarantine/P01.parquet">1,234</a>' in page
