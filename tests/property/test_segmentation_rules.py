"""Random rules over random people: whatever a scheme says, everyone is in exactly one segment, the first that holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.engine import DuckEngine
from budget.kernel.yaml import read_yaml, write_yaml
from budget.segmentation.rule import TRUE, Range, parse
from tests.property.test_segmentation import GROWTH
from tests.support.people import place
from tests.unit.test_scheme_findings import CONDITIONS, FEATURES, LONDON6

pytestmark = pytest.mark.integration

OLD, FRESH = date(2015, 1, 1), date(2025, 1, 15)
PERSON = st.fixed_dictionaries(
    {
        "age": st.one_of(st.none(), st.integers(0, 6)),
        "conditions": st.dictionaries(st.sampled_from("abcde"), st.sampled_from([OLD, FRESH]), max_size=4),
        "care": st.lists(
            st.tuples(st.sampled_from(["ward", "clinic", "other"]), st.sampled_from([True, False, None])), max_size=4
        ),
    }
)


def tables(people: list[dict[str, Any]]) -> dict[str, Any]:
    ids = [f"p{n:03}" for n in range(len(people))]
    return {
        "population_base": [{"person_id": i, "age": p["age"]} for i, p in zip(ids, people, strict=True)],
        "conditions": [
            {"person_id": i, "condition": name, "recorded_on": day}
            for i, p in zip(ids, people, strict=True)
            for name, day in p["conditions"].items()
        ],
        "activity": [
            {"person_id": i, "activity_date": date(2024, 12, 1), "service_line": line, "emergency": emergency}
            for i, p in zip(ids, people, strict=True)
            for line, emergency in p["care"]
        ],
        "population_growth": GROWTH,
    }


def counts(person: dict[str, Any]) -> dict[str, Range]:
    """What the features of ``FEATURES`` count, as ranges of one value."""
    on, care = person["conditions"], person["care"]
    values = {
        "long_term_conditions": len(on.keys() & set("abc")),
        "serious": len(on.keys() & set("cd")),
        "fresh": int(on.get("c") == FRESH),
        "stays": sum(line in ("ward", "clinic") for line, _ in care),
        "emergencies": sum(line == "ward" and emergency is True for line, emergency in care),
    }
    ages: dict[str, Range] = {"age": None if person["age"] is None else (person["age"], person["age"])}
    return ages | {name: (value, value) for name, value in values.items()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions=st.lists(CONDITIONS, min_size=1, max_size=5), people=st.lists(PERSON, min_size=1, max_size=20))
def test_everyone_is_in_the_first_segment_that_holds(
    tmp_path: Path, conditions: list[str], people: list[dict[str, Any]]
) -> None:
    ranked = dict(zip("ABCDE", conditions, strict=False)) | {"Z": "true"}
    segments = [{"code": code, "name": code, "broad_group": "mostly_well", "when": w} for code, w in ranked.items()]
    unregistered = {"code": "U", "name": "U", "rate_from": "Z"}
    parts = {"features": FEATURES, "flags": {}, "codelists": [], "segments": segments, "unregistered": unregistered}
    write_yaml(tmp_path / "scheme.yaml", read_yaml(LONDON6) | parts)
    with DuckEngine(threads=1) as engine:
        found = place(engine, tables(people), scheme=tmp_path / "scheme.yaml")
    expected = [
        next(code for code, condition in ranked.items() if parse(condition).outcomes(counts(person)) == TRUE)
        for person in people
    ]
    assert found["population"]["segment"].tolist() == expected
    assert found["segment_detail"]["people"].sum() == len(people)
    dead = set(found["segment_findings"].query("fault")["segment"])
    assert not dead & set(expected), "a rule that was said to place nobody has placed somebody"
