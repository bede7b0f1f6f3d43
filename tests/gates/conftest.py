"""One small world for all the tests of gates, written once; limits that fit its size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from budget.engine import DuckEngine
from budget.kernel.checks import CheckResult
from expectations.gate import GreatExpectationsGate
from tests.gates.tables import Judge, Tables, plan_with, valid_tables, write_tables

DEFAULT_LIMITS = Path(__file__).parents[2] / "config" / "gates" / "default.yaml"


@pytest.fixture(scope="session")
def world() -> Tables:
    """The frames of the small world; tests copy what they change."""
    return valid_tables()


@pytest.fixture(scope="session")
def paths(world: Tables, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The small world as Parquet."""
    return write_tables(world, tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def limits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped limits, with least counts that 400 people can reach."""
    path = tmp_path_factory.mktemp("limits") / "small.yaml"
    small = "  W01: {where: {practices: 2}}\n  S04: {where: {people: 100}}\n  S28: {where: {people: 10}}\n"
    path.write_text(f"extends: {DEFAULT_LIMITS}\nchecks:\n{small}", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def gate() -> GreatExpectationsGate:
    """One gate for all tests, as in a run."""
    return GreatExpectationsGate()


@pytest.fixture
def judge(gate: GreatExpectationsGate, limits: Path) -> Iterator[Judge]:
    """Asks a gate about some tables."""

    def ask(name: str, tables: Mapping[str, Path], person_id: str = "nhs_number") -> tuple[CheckResult, ...]:
        with DuckEngine(tables) as engine:
            return gate.judge(name, tables, engine, plan_with(limits, person_id))

    yield ask
