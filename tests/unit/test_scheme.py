"""Segmentation schemes as data: read strictly, compiled to SQL, and safe whatever they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from budget.segmentation.compile import condition_counts, event_counts, event_filter, expand, segment_case
from budget.segmentation.findings import findings
from budget.segmentation.resolved import Resolved, resolve
from budget.segmentation.scheme import BROAD_GROUPS, Scheme
from tests.support.given import REPOSITORY, assume, plan_of

pytestmark = pytest.mark.unit

LONDON6 = REPOSITORY / "config/segmentation/london6.yaml"
SHIPPED = sorted((REPOSITORY / "config/segmentation").glob("*.yaml"))
SNAPSHOT = date(2025, 4, 1)
CHOICES = {"older_precedence": "complex_first"}
VALUES = CHOICES | {"unreg_segment_mode": "separate"}


def in_force(path: Path, **values: str) -> Resolved:
    plan = plan_of().model_copy(update={"segmentation": path})
    return resolve(plan, assume(VALUES | values))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "scheme.yaml"


def read(path: Path, **changes: Any) -> Scheme:
    write_yaml(path, read_yaml(LONDON6) | changes)
    return Scheme.read(path)


def test_the_shipped_scheme_names_every_segment() -> None:
    scheme = Scheme.read(LONDON6)
    assert list(scheme.names) == ["UNSEG", "CCX", "ACX", "OA", "U5", "CMW", "AMW", "UNREG"]


def test_flags_and_boundaries_are_written_out() -> None:
    scheme = Scheme.read(LONDON6)
    assert expand(scheme, "age >= adult_from") == "age >= 18"
    assert expand(scheme, "not complex and age is null").startswith("not (long_term_conditions >= 4 or (")


def test_the_first_segment_that_holds_comes_first() -> None:
    lines = segment_case(in_force(LONDON6)).text.splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines[1:-1]] == [
        "'UNSEG'", "'CCX'", "'ACX'", "'OA'", "'U5'", "'CMW'", "'AMW'",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ("frailty >= 3", "'frailty' in 'frailty >= 3' is unknown; known: age, long_term_conditions"),
        ("Age >= 3", "'Age' in 'Age >= 3' is unknown"),
        ("AGE >= 3", "'AGE' in 'AGE >= 3' is unknown"),
        ("exists (select 1)", "'exists' in .* is unknown"),
        ("age >= 5; drop table population", "holds a sign that a condition may not have"),
        ("age >= 5 -- older", "holds a sign that a condition may not have"),
        ("sex = 'F'", "holds a sign that a condition may not have"),
        ("age >= ", "is not a condition"),
        ("age", "is not a condition"),
        ("age >= 5 or", "is not a condition"),
        ("(age >= 5", "is not a condition"),
        ("", "is not a condition"),
        ("long_term_conditions >= complex_conditions", "a comparison has a word on one side and a number on the other"),
        ("3 >= 2", "a comparison has a word on one side and a number on the other"),
        ("long_term_conditions is null", "is not a condition"),
    ],
)
def test_what_is_no_condition_is_refused(condition: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=f"scheme london6: .*{fault}"):
        expand(Scheme.read(LONDON6), condition)


@pytest.mark.parametrize("flags", [{"a": "a"}, {"a": "b", "b": "not a"}])
def test_a_flag_that_needs_itself_is_refused(written: Path, flags: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="the flag 'a' is defined by itself"):
        expand(read(written, flags=flags), "a")


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ({"pace_rule": {"uniform": "age >= 5"}}, "segment X depends on pace_rule; it can depend on older_precedence"),
        ({"older_precedence": {"age_first": "age >= 5"}}, "no condition for older_precedence = complex_first"),
    ],
)
def test_a_choice_must_be_one_that_the_stage_makes(written: Path, when: dict[str, Any], fault: str) -> None:
    parts = [{"code": "X", "when": when}, {"code": "AMW", "when": "true"}]
    scheme = read(written, segments=[part | {"name": "X", "broad_group": "mostly_well"} for part in parts])
    with pytest.raises(ConfigurationError, match=fault):
        segment_case(Resolved(scheme, CHOICES, separate=True))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"features": {"long_term_conditions": {}}}, "give exactly one of count_conditions, count_group"),
        (
            {"features": {"long_term_conditions": {"count_group": "a", "months": "ages"}}},
            "there is no look-back 'ages'; known: admissions",
        ),
        (
            {"segments": [{"code": "X", "name": "X", "broad_group": "large", "when": "true"}]},
            "broad_group: Input should be 'mostly_well'",
        ),
        ({"flags": {"long_term_conditions": "age >= 5"}}, "long_term_conditions has two meanings"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"boundaries": {"child_from": "five"}}, "boundaries.child_from: Input should be a valid integer"),
        ({"flags": {"Complex needs": "age >= 5"}}, "flags.*String should match pattern"),
        ({"features": {"asthma": {"count_conditions": ["asthma"]}}}, "the feature long_term_conditions is missing"),
        ({"unregistered": {"code": "OA", "name": "U", "rate_from": "AMW"}}, "two segments have the code OA"),
        ({"unregistered": {"code": "U", "name": "U", "rate_from": "XYZ"}}, "rate_from names XYZ, which is no segment"),
        (
            {"features": {"long_term_conditions": {"count_events": {"service_line": "a", "months": 0}}}},
            "months.constrained-int: Input should be greater than 0",
        ),
    ],
)
def test_a_scheme_is_read_strictly(written: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"scheme(\.yaml:| london6:)(.|\n)*{fault}"):
        read(written, **changes)


@pytest.mark.parametrize(
    ("snapshot", "months", "start"),
    [
        (date(2025, 4, 1), 12, date(2024, 4, 1)),
        (date(2025, 3, 31), 12, date(2024, 3, 31)),
        (date(2025, 3, 31), 1, date(2025, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2025, 1, 15), 13, date(2023, 12, 15)),
        (date(2025, 12, 1), 24, date(2023, 12, 1)),
    ],
)
def test_a_window_begins_on_the_same_day_of_an_earlier_month(
    written: Path, snapshot: date, months: int, start: date
) -> None:
    features = read_yaml(LONDON6)["features"]
    features["emergency_admissions"]["count_events"]["months"] = months
    window = event_filter(read(written, features=features), snapshot).text
    assert f"activity_date >= date '{start}' and activity_date < date '{snapshot}'" in window


def test_each_feature_is_one_aggregate() -> None:
    scheme = in_force(LONDON6).scheme
    assert condition_counts(scheme, SNAPSHOT).text.count("count(case when condition in") == 2
    assert event_counts(scheme, SNAPSHOT).text.endswith("as emergency_admissions")


def test_codes_are_quoted(written: Path) -> None:
    features = read_yaml(LONDON6)["features"]
    features["complex_conditions"] = {"count_conditions": ["it's"]}
    assert "('it''s')" in condition_counts(read(written, features=features), SNAPSHOT).text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scheme_is_sound(path: Path) -> None:
    scheme = Scheme.read(path)
    assert path.stem == scheme.scheme and scheme.source
    assert set(scheme.broad_groups.values()) <= set(BROAD_GROUPS)
    assert scheme.broad_groups["UNSEG"] == "unsegmented" and scheme.broad_groups["UNREG"] == "unregistered"
    for precedence in ("complex_first", "age_first"):
        resolved = in_force(path, older_precedence=precedence)
        assert not [finding for finding in findings(resolved) if finding.is_fault]
        assert not resolved.empty_groups and all(codelist.status != "unknown" for codelist in resolved.codelists)


def test_four_schemes_are_shipped() -> None:
    assert {path.stem: len(Scheme.read(path).segments) for path in SHIPPED} == {
        "bridges_to_health": 9, "london6": 7, "nwl15": 16, "snee": 8,
    }  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_scheme_in_force_can_be_read_again(path: Path) -> None:
    resolved = in_force(path)
    again = Resolved.from_row(resolved.as_row())
    assert segment_case(again) == segment_case(resolved)
    assert condition_counts(again.scheme, SNAPSHOT) == condition_counts(resolved.scheme, SNAPSHOT)
    assert again.sha256 == resolved.sha256 != in_force(path, older_precedence="age_first").sha256


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_step_can_be_told_to_spark(path: Path) -> None:
    from sqlglot import parse_one

    resolved = in_force(path)
    counts = condition_counts(resolved.scheme, SNAPSHOT).text
    written = f"select {counts}, {segment_case(resolved).text} as segment from t"
    tree = parse_one(written, dialect="duckdb")
    again = parse_one(tree.sql("spark"), dialect="spark").sql("duckdb")
    # a cast of Spark gives nothing where it fails, so its own dialect reads it back as try_cast
    assert again.replace("TRY_CAST", "CAST") == tree.sql("duckdb")
