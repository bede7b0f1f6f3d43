"""Every check finds what it is for, and nothing else; a sound world passes every gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.suite import GATES, read_suite
from tests.gates.poisons import POISONS, Poison
from tests.gates.tables import Judge, Tables, write_tables

pytestmark = pytest.mark.integration

_CANNOT_FAIL = {("ledger", check) for check in ("C06", "C06o", "C06p", "C06s", "C06t")}
_TESTED_ELSEWHERE = {("publish", "O05i"), ("publish", "O26")}


@pytest.mark.parametrize("name", GATES)
def test_a_sound_world_passes(name: str, paths: dict[str, Path], judge: Judge) -> None:
    failed = [
        check.sentence() for check in judge(name, paths) if check.outcome == "failed" and check.check_id != "O05i"
    ]
    assert failed == []


@pytest.mark.parametrize("poison", POISONS, ids=str)
def test_a_poison_is_found_and_nothing_else(
    poison: Poison, world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge
) -> None:
    tables = dict(world)
    poison.change(tables)
    changed = {name: frame for name, frame in tables.items() if frame is not world[name]}
    given = {name: path for name, path in paths.items() if name in tables} | write_tables(changed, tmp_path)

    failed = {check.check_id: check for check in judge(poison.gate, given) if check.outcome == "failed"}

    assert poison.check_id in failed
    stopping = {name for name, check in failed.items() if check.severity == "fail"}
    assert stopping <= {poison.check_id}
    assert failed[poison.check_id].observed is not None


def test_every_check_is_poisoned() -> None:
    checks = {(gate, question.check_id) for gate in GATES for question in read_suite(gate)}
    assert {(poison.gate, poison.check_id) for poison in POISONS} == checks - _CANNOT_FAIL - _TESTED_ELSEWHERE
