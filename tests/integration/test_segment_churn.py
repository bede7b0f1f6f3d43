"""Who moved between segments since an earlier run, and why."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.engine import DuckEngine
from tests.integration.test_segmentation_records import GROWTH
from tests.oracle import segmentation as oracle
from tests.support.given import REPOSITORY
from tests.support.people import place

pytestmark = pytest.mark.integration

THEN, NOW = date(2024, 4, 1), date(2025, 4, 1)


def tables(people: dict[str, int], conditions: list[tuple[str, str, date]]) -> dict[str, Any]:
    return {
        "population_base": [{"person_id": person, "age": age} for person, age in people.items()],
        "conditions": [{"person_id": p, "condition": name, "recorded_on": day} for p, name, day in conditions],
        "population_growth": GROWTH,
    }


def churn(
    before: dict[str, Any], after: dict[str, Any], old: str = "london6", new: str = "london6", **values: object
) -> dict[tuple[str | None, str | None, str], int]:
    """Run twice, the second time compared with the first; people by where they were, where they are, and the cause."""
    folder = REPOSITORY / "config/segmentation"
    with DuckEngine() as engine:
        earlier = place(engine, before, scheme=folder / f"{old}.yaml", snapshot=THEN)
    seen = {f"previous_{name}": _plain(earlier[name]) for name in ("population", "segment_scheme")}
    with DuckEngine() as engine:
        found = place(engine, after | seen, values, scheme=folder / f"{new}.yaml", snapshot=NOW)["segment_churn"]
    return {(row["from_segment"], row["to_segment"], row["cause"]): row["people"] for row in _plain(found)}


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


LONG_AGO = date(2020, 1, 1)
BEFORE = {"stays": 30, "ages": 17, "falls_ill": 40, "ages_and_falls_ill": 17, "leaves": 30, "older": 80}
AFTER = {"stays": 31, "ages": 18, "falls_ill": 41, "ages_and_falls_ill": 18, "joins": 3, "older": 81}
CONDITIONS = [
    ("falls_ill", "dementia", date(2024, 10, 1)),
    ("ages_and_falls_ill", "epilepsy", date(2024, 10, 1)),
    ("ages_and_falls_ill", "homeless", date(2024, 10, 1)),
    ("older", "dementia", LONG_AGO),
]


def test_each_cause_has_its_people() -> None:
    assert churn(tables(BEFORE, CONDITIONS), tables(AFTER, CONDITIONS)) == {
        ("AMW", "AMW", "unchanged"): 1,
        ("ACX", "ACX", "unchanged"): 1,
        ("CMW", "AMW", "age_crossing"): 1,
        ("AMW", "ACX", "new_condition"): 1,
        ("CMW", "ACX", "new_condition"): 1,
        ("AMW", None, "left"): 1,
        (None, "U5", "joined"): 1,
    }


def test_another_precedence_is_a_change_of_rule() -> None:
    moved = churn(tables(BEFORE, CONDITIONS), tables(AFTER, CONDITIONS), older_precedence="age_first")
    assert moved[("ACX", "OA", "rule_change")] == 1
    assert moved[("CMW", "AMW", "age_crossing")] == 1, "a birthday stays a birthday"


def test_another_scheme_moves_everyone_who_stays_by_its_rule() -> None:
    same = tables({"stays": 30, "older": 80}, CONDITIONS[-1:])
    assert churn(same, same, new="nwl15") == {("AMW", "NWL03", "rule_change"): 1, ("ACX", "NWL14", "rule_change"): 1}


def test_without_an_earlier_run_nothing_is_said() -> None:
    with DuckEngine() as engine:
        assert "segment_churn" not in place(engine, tables(BEFORE, CONDITIONS))


SCHEMES = st.sampled_from(["london6", "nwl15", "snee", "bridges_to_health"])
PERSON = st.tuples(
    st.integers(0, 90),
    st.booleans(),
    st.booleans(),
    st.lists(
        st.tuples(st.sampled_from(oracle.EVERY_CONDITION), st.sampled_from([LONG_AGO, date(2024, 6, 1)])),
        max_size=4,
        unique_by=lambda pair: pair[0],
    ),
)


def _cause(before: str, after: str, today: str, then: str) -> str:
    return (
        "unchanged" if before == after
        else "rule_change" if today == before
        else "age_crossing" if then == before
        else "new_condition"
    )  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(people=st.lists(PERSON, min_size=1, max_size=15), old=SCHEMES, new=SCHEMES)
def test_churn_agrees_with_the_oracle(people: list[Any], old: str, new: str) -> None:
    def told(number: int, age: int, snapshot: date, scheme: str) -> str:
        rows = [{"condition": name, "recorded_on": day} for name, day in people[number][3]]
        person = {"age": age, "basis": "registered_resident"}
        return oracle.segment(person, rows, [], snapshot=snapshot, age_first=False, separate=True, scheme=scheme)

    conditions = [(f"p{n}", name, day) for n, (*_, rows) in enumerate(people) for name, day in rows]
    here = {f"p{n}": age for n, (age, was, _, _) in enumerate(people) if was}
    there = {f"p{n}": age + 1 for n, (age, _, stays, _) in enumerate(people) if stays}
    expected: Counter[tuple[str | None, str | None, str]] = Counter()
    for number, (age, was, stays, _) in enumerate(people):
        before = told(number, age, THEN, old) if was else None
        after = told(number, age + 1, NOW, new) if stays else None
        if before is None and after is None:
            continue
        if before is None or after is None:
            expected[before, after, "joined" if before is None else "left"] += 1
            continue
        today, then = told(number, age + 1, NOW, old), told(number, age, NOW, old)
        expected[before, after, _cause(before, after, today, then)] += 1
    assert churn(tables(here, conditions), tables(there, conditions), old, new) == dict(expected)


def test_no_person_is_named() -> None:
    found = churn(tables(BEFORE, CONDITIONS), tables(AFTER, CONDITIONS))
    words = " ".join(str(part) for key in found for part in key)
    assert not any(person in words for person in (*BEFORE, *AFTER) if person != "older")
    assert sum(found.values()) == len(BEFORE.keys() | AFTER.keys())
