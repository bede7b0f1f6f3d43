"""Readiness: every input has its place, and what is there is told from what is lacking."""

from __future__ import annotations

from pathlib import Path

import pytest

from budget.assumptions.catalogue import catalogue
from budget.contracts import input_tables
from budget.intake.readiness import Parts, Readiness
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError
from expectations.suite import GATES, read_suite

pytestmark = pytest.mark.unit

WRITTEN = """
sets:
  minimum: {title: Minimum, about: Needed}
  better: {title: Better, about: Good}
parts:
  cost:
    {set: better, title: Costs, needs: [prices, activity.currency_code], or: [patient_costs], checks: [B11],
     allows: a, gain: g}
  spend: {set: minimum, title: Spend, needs: [spend], allows: a, gain: g}
"""


@pytest.fixture(scope="module")
def parts() -> Parts:
    return Parts.read()


@pytest.fixture
def two(tmp_path: Path) -> Parts:
    (tmp_path / "parts.yaml").write_text(WRITTEN, encoding="utf-8")
    return Parts.read(tmp_path / "parts.yaml")


def _check(check_id: str, table: str, outcome: str = "failed", severity: str = "fail") -> CheckResult:
    return CheckResult("intake", check_id, severity, outcome, table, "a rule")  # type: ignore[arg-type]


def test_every_input_stands_in_some_part_and_no_other(parts: Parts) -> None:
    assert frozenset().union(*(part.inputs for part in parts.parts.values())) == frozenset(input_tables())


def test_every_column_and_check_that_a_part_names_is_there(parts: Parts) -> None:
    checks = {question.check_id for gate in GATES for question in read_suite(gate)}
    for part in parts.parts.values():
        assert set(part.checks) <= checks
        for table, _, column in (name.partition(".") for name in (*part.needs, *part.otherwise)):
            assert not column or column in input_tables()[table].names, f"{table}.{column}"


def test_methods_that_a_part_names_are_assumptions(parts: Parts) -> None:
    told = " ".join(part.allows for part in parts.parts.values()).replace(",", " ").split()
    named = {told[at - 1]: told[at + 1] for at, word in enumerate(told) if word == "="}
    assert named
    for name, option in named.items():
        assert option in catalogue()[name].options


def test_there_are_three_sets_and_each_has_parts(parts: Parts) -> None:
    assert list(parts.sets) == ["minimum", "better", "ideal"]
    assert {part.of for part in parts.parts.values()} == set(parts.sets)


def test_what_lacks_is_named_and_the_smaller_set_comes_first(two: Parts) -> None:
    nothing = Readiness.of({}, (), two)
    assert [state.lacks for state in nothing.states] == [("spend",), ("prices", "activity.currency_code")]
    assert nothing.next is nothing.within("minimum")[0]
    some = Readiness.of({"spend": (), "prices": (), "activity": ("person_id",)}, (), two)
    assert [state.lacks for state in some.states] == [(), ("activity.currency_code",)]


def test_there_may_be_another_way(two: Parts) -> None:
    state = Readiness.of({"patient_costs": ()}, (), two).within("better")[0]
    assert state.is_there


def test_data_that_fail_its_checks_are_not_there(two: Parts) -> None:
    held = {"spend": (), "prices": (), "activity": ("currency_code",)}
    whole = Readiness.of(held, (_check("B11", "activity", "passed"), _check("I07", "spend", "passed")), two)
    assert whole.next is None
    broken = Readiness.of(held, (_check("B11", "activity", severity="warn"), _check("I07", "spend")), two)
    assert [state.fails for state in broken.states] == [("I07",), ("B11",)]
    warned = Readiness.of(held, (_check("I03", "spend", severity="warn"),), two)
    assert warned.next is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [("set: minimum", "one of the sets"), ("gain: g", "gain"), ("title: Spend", "parts.spend")],
)
def test_a_part_that_is_written_wrongly_is_refused(tmp_path: Path, changed: str, message: str) -> None:
    other = {"set: minimum": "set: best", "gain: g": "again: g", "title: Spend": "titel: Spend"}[changed]
    (tmp_path / "parts.yaml").write_text(WRITTEN.replace(changed, other), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        Parts.read(tmp_path / "parts.yaml")
