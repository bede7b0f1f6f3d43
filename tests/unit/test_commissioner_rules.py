"""The rules of responsible commissioner as data: read strictly, compiled to SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from budget.population.rules import FACTS, CommissionerRules
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

SHIPPED = REPOSITORY / "config/population/responsible_commissioner.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def read(path: Path, **changes: Any) -> CommissionerRules:
    write_yaml(path, read_yaml(SHIPPED) | changes)
    return CommissionerRules.read(path)


def test_the_shipped_rules_are_in_the_order_of_the_method() -> None:
    rules = CommissionerRules.read(SHIPPED)
    order = [rule.id for rule in rules.decides]
    assert order == ["RC1", "RC2", "RC3", "RC4", "RC5", "RC6", "RC7", "RC8", "RC13", "RC12", "RC0"]
    assert [rule.id for rule in rules.marks] == ["RC7", "RC10", "RC11", "RC20"]
    assert (rules.duplicates.id, rules.merged.id) == ("RC9", "RC9M")
    assert all(rule.about for rule in (*rules.decides, *rules.marks))


def test_the_first_rule_that_holds_decides() -> None:
    rules = CommissionerRules.read(SHIPPED)
    facts = dict.fromkeys(FACTS, False) | {"identifier_valid": True, "regular": True, "registered_here": True}

    def judged(**changes: bool) -> tuple[str, str | None]:
        columns = ", ".join(f"{value} as {name}" for name, value in (facts | changes).items())
        return duckdb.execute(f"select {rules.outcome.text}, {rules.reason.text} from (select {columns})").fetchall()[0]

    assert judged() == ("counted", None)
    assert judged(identifier_valid=False, died=True) == ("quarantined", "RC1")
    assert judged(died=True, flag_prison=True) == ("ended", "RC3")
    assert judged(registered_here=False, on_no_list=True, lives_here=True) == ("unregistered", "RC13")
    assert judged(registered_here=False, on_no_list=True) == ("exported", "RC0")


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("is_rich", "asks about is_rich; known facts: birth_unknown"),
        ("died and (has_left", "'died and .has_left' is not a condition"),
        ("died = true", "may hold facts, and, or, not and brackets alone"),
        ("died or 1", "may hold facts, and, or, not and brackets alone"),
        ("died or exists (select 1)", "may hold facts, and, or, not and brackets alone"),
        ("pg_sleep(1)", "may hold facts, and, or, not and brackets alone"),
    ],
)
def test_a_condition_is_made_of_facts_alone(rules: Path, when: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"rules\.yaml: RC99:? .*{fault}"):
        read(rules, decides=[{"id": "RC99", "when": when, "outcome": "excluded", "about": "A test"}])


def test_an_unknown_outcome_is_refused(rules: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"decides\.0\.outcome: Input should be 'unregistered', 'excluded'"):
        read(rules, decides=[{"id": "RC99", "when": "died", "outcome": "deleted", "about": "A test"}])


@pytest.mark.parametrize("lacking", ["decides", "marks", "duplicates", "merged"])
def test_a_part_that_is_missing_is_named(rules: Path, lacking: str) -> None:
    written = {name: part for name, part in read_yaml(SHIPPED).items() if name != lacking}
    write_yaml(rules, written)
    with pytest.raises(ConfigurationError, match=rf"rules\.yaml:\n .*{lacking}: Field required"):
        CommissionerRules.read(rules)


@pytest.mark.parametrize("lacking", ["id", "when", "about"])
def test_a_rule_that_lacks_something_is_named(rules: Path, lacking: str) -> None:
    rule = {"id": "RC99", "when": "died", "outcome": "excluded", "about": "A test"}
    with pytest.raises(ConfigurationError, match=rf"rules\.yaml:\n .*{lacking}: Field required"):
        read(rules, decides=[{name: part for name, part in rule.items() if name != lacking}])
