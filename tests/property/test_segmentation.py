"""Random people, placed by the stage and by a slow oracle; and what must never matter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.engine import DuckEngine, Engine
from tests.oracle import segmentation as oracle
from tests.support.given import REPOSITORY
from tests.support.people import SNAPSHOT, place

pytestmark = pytest.mark.integration

SCHEMES = ("london6", "nwl15", "snee", "bridges_to_health")
AGES = st.one_of(st.none(), st.sampled_from([0, 1, 4, 5, 12, 13, 17, 18, 64, 65, 94, 95, 104]))
BASES = ["registered_resident", "registered_nonresident", "unregistered_resident"]
PERSON = st.fixed_dictionaries(
    {"age": AGES, "basis": st.sampled_from(BASES), "sex": st.sampled_from(["F", "M", "I", "U"])}
)
DAYS = st.sampled_from([date(2024, 3, 31), date(2024, 4, 1), date(2024, 12, 1), date(2025, 3, 31), date(2025, 4, 1)])
CONDITION = st.fixed_dictionaries(
    {
        "condition": st.sampled_from(oracle.EVERY_CONDITION),
        "recorded_on": st.sampled_from(
            [date(2010, 1, 1), date(2024, 3, 31), date(2024, 4, 1), date(2025, 4, 1), date(2025, 4, 2)]
        ),
    }
)
CARE = st.fixed_dictionaries(
    {
        "activity_date": DAYS,
        "service_line": st.sampled_from(["acute_nonelective", "acute_nonelective", "mental_health", "community"]),
        "emergency": st.sampled_from([True, True, False, None]),
    }
)
WHOLE = st.tuples(
    PERSON, st.lists(CONDITION, max_size=5, unique_by=lambda c: c["condition"]), st.lists(CARE, max_size=5)
)
PEOPLE = st.lists(WHOLE, min_size=1, max_size=25)
GROWTH = [
    {"financial_year": year, "place": "Here", "sex": sex, "age_from": band, "growth_index": 1.0}
    for year in ("2025/26", "2026/27")
    for sex in ("F", "M", "I", "U")
    for band in (None, *range(0, 100, 5))
]


@pytest.fixture(scope="module")
def engine() -> DuckEngine:
    return DuckEngine(threads=1)


def tables(people: list[Any]) -> dict[str, Any]:
    return {
        "population_base": [{"person_id": f"p{n:03}"} | person for n, (person, _, _) in enumerate(people)],
        "conditions": [{"person_id": f"p{n:03}"} | row for n, (_, rows, _) in enumerate(people) for row in rows],
        "activity": [{"person_id": f"p{n:03}"} | row for n, (_, _, rows) in enumerate(people) for row in rows],
        "population_growth": GROWTH,
    }


def placed(engine: Engine, people: list[Any], scheme: str, **values: object) -> dict[str, pd.DataFrame]:
    return place(engine, tables(people), values, scheme=REPOSITORY / f"config/segmentation/{scheme}.yaml")


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=25, deadline=None)
@given(people=PEOPLE, age_first=st.booleans(), separate=st.booleans())
def test_the_stage_agrees_with_the_oracle(
    engine: Engine, scheme: str, people: list[Any], age_first: bool, separate: bool
) -> None:
    found = placed(
        engine,
        people,
        scheme,
        older_precedence="age_first" if age_first else "complex_first",
        unreg_segment_mode="separate" if separate else "by_age",
    )
    expected = [
        oracle.segment(*one, snapshot=SNAPSHOT, age_first=age_first, separate=separate, scheme=scheme) for one in people
    ]
    population = found["population"]
    assert population["person_id"].tolist() == [f"p{n:03}" for n in range(len(people))], "everyone, once"
    assert population["segment"].tolist() == expected
    assert found["segment_summary"]["people"].sum() == len(people)
    assert found["segment_detail"]["people"].sum() == len(people)
    assert found["segment_people"].groupby("financial_year")["people"].sum().tolist() == [len(people)] * 2


@settings(max_examples=20, deadline=None)
@given(data=st.data(), people=PEOPLE)
def test_the_order_of_rows_changes_nothing(engine: Engine, data: st.DataObject, people: list[Any]) -> None:
    rows = tables(people)
    shuffled = {
        name: data.draw(st.permutations(table)) if name != "population_growth" else table
        for name, table in rows.items()
    }
    before, after = place(engine, rows), place(engine, shuffled)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(after[name], frame)


@settings(max_examples=20, deadline=None)
@given(people=PEOPLE)
def test_residents_on_no_list_count_the_same_either_way(engine: Engine, people: list[Any]) -> None:
    ways = [place(engine, tables(people), {"unreg_segment_mode": mode}) for mode in ("separate", "by_age")]
    sums = [way["segment_people"]["people"].sum() for way in ways]
    assert sums[0] == sums[1]
    registered = [way["population"].query("basis != 'unregistered_resident'")[["person_id", "segment"]] for way in ways]
    pd.testing.assert_frame_equal(*registered)
