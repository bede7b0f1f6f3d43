"""Suites, evidence and limits belong together: none lacks the other, all are as Great Expectations reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from budget.contracts import PREVIOUS, input_tables, output_tables
from budget.kernel.errors import CapitationError, ConfigurationError
from budget.need.adjustments import EMERGENCY_AMBULANCE, MARKET_FORCES, REMOTENESS
from expectations.evidence import EVIDENCE, VIEWS, Evidence, View
from expectations.suite import GATES, SUITES, read_suite, tables_of
from expectations.thresholds import Limits

pytestmark = pytest.mark.unit

DEFAULT = Path(__file__).parents[2] / "config" / "gates" / "default.yaml"
ONLY_NEEDED = {"published_list", "population_projection", "segment_population"}  # without them there is nothing to ask
QUESTIONS = tuple(question for gate in GATES for question in read_suite(gate))


@pytest.mark.parametrize("gate", GATES)
def test_a_suite_goes_through_great_expectations_unchanged(gate: str) -> None:
    from great_expectations import ExpectationSuite

    import expectations.custom  # noqa: F401  the suites name its expectations

    written = json.loads((SUITES / f"{gate}.json").read_text(encoding="utf-8"))
    read = ExpectationSuite(**written).to_json_dict()

    assert [(e["type"], e["kwargs"], e["meta"], e["severity"]) for e in read["expectations"]] == [
        (e["type"], e["kwargs"], e["meta"], e["severity"]) for e in written["expectations"]
    ]


def test_there_is_a_suite_for_every_gate_and_no_other() -> None:
    assert {path.stem for path in SUITES.glob("*.json")} == set(GATES)


def test_every_check_has_a_limit_and_every_limit_a_check() -> None:
    limits = Limits.read(DEFAULT)
    assert {question.check_id for question in QUESTIONS} == set(limits.by_check)
    limits.check(QUESTIONS)


def test_a_check_is_asked_once_of_a_table() -> None:
    asked = [(question.gate, question.check_id, question.table) for question in QUESTIONS]
    assert len(asked) == len(set(asked))


def test_every_question_has_evidence_and_all_evidence_is_used() -> None:
    files = {path.relative_to(EVIDENCE).with_suffix("").as_posix() for path in EVIDENCE.rglob("*.sql")}
    evidence = {f"{question.gate}/{question.evidence}" for question in QUESTIONS}
    keys = {name for name in files if "/keys/" in name}
    people = {name for name in files if "/people/" in name}
    views = {name for name in files if name.startswith(VIEWS)}
    assert files - keys - people - views == evidence
    assert keys <= {f"{question.gate}/keys/{question.check_id}" for question in QUESTIONS}


def test_evidence_states_the_tables_that_it_reads() -> None:
    known = input_tables().keys() | output_tables().keys()
    known |= {f"{PREVIOUS}{name}" for name in known}
    for question in QUESTIONS:
        evidence = Evidence.read(question.gate, question.evidence)
        text = re.sub(r"--[^\n]*", "", evidence.statement.text)
        read = {name for name in re.findall(r"\b(?:from|join) (\w+)", text) if name in known}
        defined = set(re.findall(r"(?:with|,)\s+(\w+)(?:\([^)]*\))? as \(", text))
        assert read - defined <= set(evidence.needs), question.check_id
        through_views = {name for view in evidence.uses for name in View.read(view).reads}
        assert set(evidence.needs) - read - through_views <= ONLY_NEEDED, question.check_id


def test_views_state_what_they_read_and_every_view_is_used() -> None:
    known = input_tables().keys() | output_tables().keys()
    known |= {f"{PREVIOUS}{name}" for name in known}
    views = {path.stem: View.read(path.stem) for path in (EVIDENCE / VIEWS).glob("*.sql")}
    for view in views.values():
        text = re.sub(r"--[^\n]*", "", view.statement.text)
        read = set(re.findall(r"\b(?:from|join) (\w+)", text))
        assert read & known == set(view.reads), view.name
        assert read & views.keys() == set(view.uses), view.name
    users = [path.read_text(encoding="utf-8") for path in EVIDENCE.rglob("*.sql")]
    used = {
        name.strip()
        for text in users
        for line in re.findall(r"^-- uses: (.+)$", text, re.M)
        for name in line.split(",")
    }
    assert used == views.keys()


def test_every_setting_that_evidence_refers_to_has_a_value_and_is_used() -> None:
    referred = set().union(*(re.findall(r"\{(\w+?_\w+)\}", path.read_text()) for path in EVIDENCE.rglob("*.sql")))
    plan_facts = {"base_year", "budget_years", "care_begins", "care_ends", "person_id"}
    settings = Limits.read(DEFAULT).settings()
    assert referred - plan_facts <= settings.keys()
    bounds = {name for name in settings if name.endswith(("_min", "_max"))}
    assert settings.keys() - bounds <= referred


def test_names_of_offenders_never_come_from_a_person() -> None:
    for path in EVIDENCE.rglob("keys/*.sql"):
        named = path.read_text().split(" as key")[0]
        assert not re.search(r"person_id|date_of_birth|replaced_by", named), path


def test_the_gate_and_the_formula_know_the_same_bounds_of_indices() -> None:
    allowed = {name: float(str(limit)) for name, limit in Limits.read(DEFAULT)["W03"].where.items()}
    bounds = {"market": MARKET_FORCES, "ambulance": EMERGENCY_AMBULANCE, "remote": REMOTENESS}
    assert allowed == {
        f"{index}_{end}": getattr(bound, end) for index, bound in bounds.items() for end in ("low", "high")
    }


def test_an_unknown_gate_or_kind_of_table_is_an_error() -> None:
    with pytest.raises(CapitationError, match="no gate 'nonsense'"):
        read_suite("nonsense")
    with pytest.raises(CapitationError, match="no kind of table"):
        tables_of("nonsense")


def _limits(folder: Path, text: str) -> Limits:
    path = folder / "gates.yaml"
    path.write_text(text, encoding="utf-8")
    return Limits.read(path)


def test_an_extension_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    limits = _limits(
        tmp_path, f"extends: {DEFAULT}\nchecks:\n  P06: {{max: 40, where: {{high: 1.6}}, why: young adults}}\n"
    )
    limits.check(QUESTIONS)
    assert limits["P06"].text() == "at most 40"
    assert {name: float(str(value)) for name, value in limits["P06"].where.items()} == {
        "low": 0.8,
        "high": 1.6,
        "residents": 500,
    }
    assert limits["P01"] == Limits.read(DEFAULT)["P01"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("X99: {max: 1, source: own choice}", "no gate has the check X99"),
        ("P03: {max: much}", "check P03: max"),
        ("P03: {most: 1}", "check P03: most"),
        ("P03: {min: 1}", "P03 needs exactly: max"),
        ("P03: 0.01", "check P03: expected min, max"),
    ],
)
def test_a_wrong_limit_is_an_error_that_names_the_check(changed: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        _limits(tmp_path, f"extends: {DEFAULT}\nchecks:\n  {changed}\n").check(QUESTIONS)


def test_a_missing_limit_is_an_error_that_names_the_check(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the check I01 has no limit"):
        _limits(tmp_path, "checks: {P03: {max: 0.01, source: own choice}}").check(QUESTIONS)


def test_a_file_that_extends_itself_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="extends itself"):
        _limits(tmp_path, "extends: gates.yaml\nchecks: {}\n")
