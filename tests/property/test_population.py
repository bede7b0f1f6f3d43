"""Random lists, counted by the stage and by a slow oracle; and what must never matter."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.engine import Engine
from tests.oracle import population as oracle
from tests.support.people import SNAPSHOT, areas, arrow, count, practices, projection

pytestmark = pytest.mark.integration

PRACTICES = [
    *practices("P1", "P2"),
    *practices("P0", successor_code="P1"),
    *practices("PX", icb="QYY", place="There"),
]
AREAS = areas("E01000001", "E01000002")
LOCALITY = {"practices": PRACTICES, "areas": AREAS, "population_projection": projection(step=5)}
# Days on either side of the snapshot, of the year before it and of the base year's ends.
DAYS = [
    date(2010, 5, 5), date(2024, 3, 31), date(2024, 4, 1), date(2024, 4, 2), date(2024, 12, 31), date(2025, 3, 31),
    date(2025, 4, 1), date(2025, 4, 2), date(2025, 9, 30), date(2026, 3, 31), date(2026, 4, 1),
]  # fmt: skip
MAYBE_DAY = st.one_of(st.none(), st.none(), st.sampled_from(DAYS))
FLAGS = ["fp69", "overseas", "armed_forces", "prison", "test_patient", "other"]

RECORD = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(["a", "b", "c", "d", "e"]),
        "practice_code": st.sampled_from(["P1", "P1", "P2", "P0", "PX", "PY", "V81997", "V81999"]),
        "sex": st.sampled_from(["F", "M"]),
        "date_of_birth": st.sampled_from(
            [None, date(1960, 4, 1), date(1960, 4, 2), date(2024, 6, 1), date(2025, 4, 1)]
        ),
        "lsoa_code": st.sampled_from([None, "E01000001", "E01000002", "E01099999"]),
        "registered_on": st.sampled_from(DAYS),
        "deregistered_on": MAYBE_DAY,
        "died_on": MAYBE_DAY,
        "registration_type": st.sampled_from(["regular"] * 6 + ["temporary", "left"]),
        "flags": st.one_of(
            st.none(), st.none(), st.lists(st.sampled_from(FLAGS), min_size=1, max_size=2, unique=True).map(";".join)
        ),
        "identifier_valid": st.sampled_from([True] * 7 + [False]),
    }
)
RECORDS = st.lists(RECORD, min_size=1, max_size=14)
MERGES = st.sampled_from([{}, {"a": "b"}, {"a": "b", "b": "c"}, {"d": "c", "e": "c"}])


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(threads=1)


def locality(merges: dict[str, str]) -> oracle.Locality:
    return oracle.Locality(
        icb="QXX",
        practices={str(row["practice_code"]): row for row in PRACTICES},
        areas=frozenset(str(row["lsoa_code"]) for row in AREAS),
        merges=merges,
        snapshot=SNAPSHOT,
        year=(date(2025, 4, 1), date(2026, 3, 31)),
    )


def counted(engine: Engine, records: list[dict[str, Any]], merges: dict[str, str]) -> dict[str, pd.DataFrame]:
    # intake hands merges over with their chains followed to the end
    survivors = [{"person_id": old, "replaced_by": oracle.survivor(old, merges)} for old in merges]
    return count(engine, LOCALITY | {"registered_list": records, "person_merges": survivors})


@settings(max_examples=80, deadline=None)
@given(records=RECORDS, merges=MERGES)
def test_the_stage_agrees_with_the_oracle(
    engine: Engine, records: list[dict[str, Any]], merges: dict[str, str]
) -> None:
    found = counted(engine, records, merges)
    judged = oracle.judge(records, locality(merges))

    columns = ["person_id", "age", "practice_code", "basis", "member_days", "reason_codes"]
    base = found["population_base"][columns].astype(object)
    assert sorted(base.where(base.notna(), None).itertuples(index=False, name=None), key=str) == sorted(
        oracle.base(judged, locality(merges)), key=str
    )
    exceptions = found["population_exceptions"].set_index(["outcome", "reason_code"])["records"].to_dict()
    assert exceptions == Counter(
        (record.outcome, record.reason) for record in judged if record.outcome not in ("counted", "unregistered")
    )
    statement = found["population_reconciliation"].set_index("practice_code").drop(columns=["published", "difference"])
    expected = oracle.statement(judged, locality(merges))
    assert {code: {name: n for name, n in row.items() if n} for code, row in statement.to_dict("index").items()} == {
        code: dict(+parts) for code, parts in expected.items()
    }


@settings(max_examples=30, deadline=None)
@given(records=RECORDS, merges=MERGES)
def test_people_in_are_people_out_and_people_set_aside(
    engine: Engine, records: list[dict[str, Any]], merges: dict[str, str]
) -> None:
    found = counted(engine, records, merges)
    base, statement = found["population_base"], found["population_reconciliation"]
    assert len(base) + found["population_exceptions"]["records"].sum() == len(records)
    assert base["person_id"].is_unique
    parts = statement.eval("opening + joins + births - deaths - leavers - excluded - duplicates - quarantined")
    assert parts.tolist() == statement["closing"].tolist()
    assert statement["closing"].sum() == (base["basis"] != "unregistered_resident").sum()
    counts = found["population_counts"]
    assert counts["people"].sum() == len(base)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), records=RECORDS, merges=MERGES)
def test_the_order_of_rows_changes_nothing(
    engine: Engine, data: st.DataObject, records: list[dict[str, Any]], merges: dict[str, str]
) -> None:
    before = counted(engine, records, merges)
    after = counted(engine, data.draw(st.permutations(records)), merges)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(after[name], frame)


def test_split_files_and_threads_change_nothing(tmp_path: Path) -> None:
    """Ten thousand made-up records, in one file and in seven, on one thread and on four."""
    records = [
        {
            "person_id": f"p{n * 7919 % 6000}",
            "practice_code": ["P1", "P2", "PX", "P0", "V81997"][n % 5],
            "lsoa_code": ["E01000001", None, "E01099999"][n % 3],
            "registered_on": DAYS[n % 9],
            "deregistered_on": DAYS[n % 11] if n % 4 == 0 else None,
            "flags": "fp69" if n % 17 == 0 else None,
        }
        for n in range(10_000)
    ]
    whole = arrow("registered_list", records)
    for part in range(7):
        pq.write_table(whole.slice(part * 1500, 1500), tmp_path / f"{part}.parquet")
    pq.write_table(whole, tmp_path / "whole.parquet")
    results = []
    for files, threads in (("whole.parquet", 1), ("whole.parquet", 4), ("[0-9].parquet", 4)):
        with Engine({"registered_list": tmp_path / files}, threads=threads) as engine:
            results.append(count(engine, LOCALITY | {"registered_list": []}))
    assert len(results[0]["population_base"]) > 1000
    for name, frame in results[0].items():
        for other in results[1:]:
            pd.testing.assert_frame_equal(other[name], frame)
