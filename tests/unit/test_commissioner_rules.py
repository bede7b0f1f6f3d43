"""The rules of responsible commissioner as data: read strictly, compiled to SQL."""

from __future__ import annotations

from datetime import date
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


def judged(rules: CommissionerRules, **changes: Any) -> dict[str, Any]:
    """What the rules say of a record of which nothing is true but what a registration here needs, and the changes."""
    usual = {"registered_commissioner": "'QXX'", "resident_commissioner": "null", "at_no_practice": False}
    facts = dict.fromkeys(FACTS, False) | {"identifier_valid": True, "regular": True, "registered_here": True}
    columns = ", ".join(f"{value} as {name}" for name, value in (usual | facts | changes).items())
    ruled = f"select *, {rules.rule.text} as judged_rule, {rules.mark_numbers.text} as marks from (select {columns})"
    told = {
        "outcome": rules.outcome.text,
        "reason": rules.reason.text,
        "payer": rules.payer.text,
        "ours": rules.paid_by("QXX").text,
        "marks": f"concat_ws(';', {rules.mark_codes.text})",
    }
    row = duckdb.execute(
        f"select {', '.join(told.values())} from (select *, judged_rule as rule from ({ruled}))"
    ).fetchone()
    return dict(zip(told, row or (), strict=True))


def test_the_shipped_rules_are_in_the_order_of_the_method() -> None:
    rules = CommissionerRules.read(SHIPPED)
    order = [rule.id for rule in rules.decides]
    first, last = ["RC1", "RC2", "RC3", "RC4", "RC5", "RC6", "RC7", "RC7", "RC8"], ["RC13", "RC12", "RC0"]
    assert order == [*first, "RC13U", "RC14", "RC14U", *last]
    assert [rule.id for rule in rules.marks] == ["RC7", "RC10", "RC11", "RC20"]
    assert (rules.duplicates.id, rules.merged.id, rules.hosted.id) == ("RC9", "RC9M", "RC18")
    assert [case.id for case in rules.cases] == ["RC19", "RC15", "RC15S", "RC16", "RC17D", "RC17"]
    assert all(rule.about for rule in (*rules.decides, *rules.marks, *rules.cases))


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({}, "counted", None),
        ({"identifier_valid": False, "died": True}, "quarantined", "RC1"),
        ({"died": True, "flag_prison": True}, "ended", "RC3"),
        ({"flag_overseas": True, "flag_prison": True}, "excluded", "RC4"),
        ({"flag_prison": True, "has_left": True}, "exported", "RC5"),
        ({"left_without_end": True}, "excluded", "RC7"),
        ({"has_left": True, "starts_later": True}, "ended", "RC7"),
        ({"registered_here": False, "unknown_practice": True, "lives_here": True}, "quarantined", "RC13U"),
        ({"registered_here": False, "on_no_list": True, "lives_here": True}, "unregistered", "RC13"),
        (
            {"registered_here": False, "on_no_list": True, "lives_here": True, "flag_no_fixed_abode": True},
            "unregistered",
            "RC14",
        ),
        (
            {"registered_here": False, "on_no_list": True, "area_unknown": True, "flag_no_fixed_abode": True},
            "quarantined",
            "RC14U",
        ),
        ({"registered_here": False, "on_no_list": True}, "exported", "RC0"),
        ({"registered_here": False, "lives_here": True}, "exported", "RC12"),
    ],
)
def test_the_first_rule_that_holds_decides(changes: dict[str, bool], outcome: str, reason: str | None) -> None:
    told = judged(CommissionerRules.read(SHIPPED), **changes)
    assert (told["outcome"], told["reason"]) == (outcome, reason)


@pytest.mark.parametrize(
    ("changes", "payer"),
    [
        ({}, "QXX"),
        ({"flag_prison": True}, "NHSE"),
        ({"registered_commissioner": "'QYY'", "resident_commissioner": "'QXX'"}, "QYY"),
        ({"at_no_practice": True, "registered_commissioner": "null", "resident_commissioner": "'QXX'"}, "QXX"),
        # a list elsewhere that nobody knows is not ours to pay for
        ({"registered_commissioner": "null", "resident_commissioner": "'QXX'"}, None),
    ],
)
def test_the_list_pays_and_the_residence_for_those_on_none(changes: dict[str, Any], payer: str | None) -> None:
    told = judged(CommissionerRules.read(SHIPPED), **changes)
    assert (told["payer"], told["ours"]) == (payer, payer == "QXX")


def test_every_mark_that_holds_writes_its_code() -> None:
    told = judged(CommissionerRules.read(SHIPPED), ends_before_start=True, flag_fp69=True, birth_unknown=True)
    assert told["marks"] == "RC7;RC10;RC11;RC20"
    assert (told["outcome"], told["reason"]) == ("counted", None)


class TestInForce:
    DATED = (
        {"id": "OLD", "when": "flag_prison", "outcome": "excluded", "until": date(2025, 3, 31), "about": "Before"},
        {"id": "NEW", "when": "flag_prison", "outcome": "exported", "from": date(2025, 4, 1), "about": "After"},
    )

    @pytest.mark.parametrize(
        ("day", "code"), [(date(2013, 4, 1), "OLD"), (date(2025, 3, 31), "OLD"), (date(2025, 4, 1), "NEW")]
    )
    def test_a_rule_holds_from_its_first_day_to_its_last(self, rules: Path, day: date, code: str) -> None:
        in_force = read(rules, decides=list(self.DATED)).on(day)
        assert [rule.id for rule in in_force.decides] == [code]
        assert judged(in_force, flag_prison=True)["reason"] == code

    def test_rules_without_days_always_hold(self) -> None:
        whole = CommissionerRules.read(SHIPPED)
        assert whole.on(date(2040, 1, 1)).decides == whole.decides

    def test_marks_and_cases_are_dated_too(self, rules: Path) -> None:
        ended = {"until": date(2024, 12, 31), "about": "A test"}
        mark = {"id": "RC99", "when": "died"} | ended
        case = {"id": "RC98", "kind": "dispute", "pays": "both"} | ended
        then, now = (read(rules, marks=[mark], cases=[case]).on(day) for day in (date(2024, 12, 31), date(2025, 1, 1)))
        assert (then.marks[0].id, then.cases[0].id) == ("RC99", "RC98")
        assert (now.marks, now.cases) == ((), ())

    def test_without_rules_everybody_is_counted(self, rules: Path) -> None:
        told = judged(read(rules, decides=[], marks=[]), died=True)
        assert (told["outcome"], told["reason"], told["marks"]) == ("counted", None, "")

    def test_the_rule_for_stays_begins_in_september_2020(self) -> None:
        rules = CommissionerRules.read(SHIPPED)
        before, after = ({case.id for case in rules.on(day).cases} for day in (date(2020, 8, 31), date(2020, 9, 1)))
        assert after - before == {"RC17"}

    def test_a_table_that_begins_later_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="begin on 2013-04-01; the snapshot is 2013-03-31"):
            CommissionerRules.read(SHIPPED).on(date(2013, 3, 31))

    def test_cases_are_ranked_in_the_order_of_the_table(self) -> None:
        ranks = CommissionerRules.read(SHIPPED).on(date(2025, 4, 1)).case_rules.text
        rows = duckdb.execute(f"select * from (values {ranks})").fetchall()
        assert rows[0] == (1, "RC19", "dispute", "both")
        assert [rank for rank, *_ in rows] == list(range(1, len(rows) + 1))

    def test_without_rules_for_cases_no_case_has_a_rule(self, rules: Path) -> None:
        ranks = read(rules, cases=[]).case_rules.text
        assert duckdb.execute(f"select kind from (values {ranks}) as r(rank, id, kind, pays)").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("is_rich", "asks about is_rich; known facts: area_unknown, birth_unknown"),
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


def test_an_unknown_way_of_paying_is_refused(rules: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cases\.0\.pays: Input should be 'named', 'at_admission'"):
        read(rules, cases=[{"id": "RC99", "kind": "dispute", "pays": "later", "about": "A test"}])


@pytest.mark.parametrize("lacking", ["decides", "marks", "duplicates", "merged", "cases", "hosted", "effective_from"])
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
