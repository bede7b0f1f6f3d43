"""The engine: one SELECT a step, and files that are the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from budget.contracts import Column, Table
from budget.engine import DuckEngine, Select
from budget.kernel.hashing import hash_file

pytestmark = pytest.mark.unit

PEOPLE = Table(
    name="people",
    about="A few people",
    disclosure="aggregate",
    columns=(Column("place", "string", "Place"), Column("people", "int64", "People", nullable=True)),
    key=("place",),
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    frame = pa.table({"place": [f"place {n:05}" for n in range(20_000)], "people": pa.array(range(20_000), pa.int32())})
    pq.write_table(frame, tmp_path / "people.parquet")
    return tmp_path / "people.parquet"


def test_without_a_folder_for_it_no_row_goes_to_a_disk(people: Path, tmp_path: Path) -> None:
    with DuckEngine({"people": people}) as alone, DuckEngine({"people": people}, spill=tmp_path) as beside:
        found = [engine.scalar("select current_setting('temp_directory')") for engine in (alone, beside)]
    assert found == ["", str(tmp_path)]


def test_tables_are_views_of_their_names(people: Path) -> None:
    with DuckEngine({"people": people}) as engine:
        assert engine.has("people")
        assert not engine.has("person")
        assert engine.scalar("select count(*) from people") == 20_000
        assert engine.scalar("select people from people where people < 0") is None


def test_a_step_is_kept_and_may_be_named_again(people: Path) -> None:
    with DuckEngine({"people": people}) as engine:
        engine.step("few", "select * from people where people < {most}", most=10)
        engine.step("few", "select * from few where people < {most}", most=3)
        assert engine.frame("select people from few order by people")["people"].tolist() == [0, 1, 2]


def test_lent_rows_are_copied(people: Path) -> None:
    frame = pd.DataFrame({"place": ["a"], "people": [1]})
    with DuckEngine() as engine:
        engine.lend("small", frame)
        frame.loc[0, "people"] = 2
        assert engine.scalar("select people from small") == 1


def test_a_key_is_given_to_statements_without_standing_in_them() -> None:
    with DuckEngine() as engine:
        engine.variable("key", "it's a secret")
        assert engine.scalar("select getvariable('key')") == "it's a secret"


@pytest.mark.parametrize("threads", [1, 4])
def test_a_file_has_the_columns_types_and_bytes_of_its_contract(tmp_path: Path, people: Path, threads: int) -> None:
    written = tmp_path / "written.parquet"
    with DuckEngine({"people": people}, threads=threads) as engine:
        engine.step("shuffled", "select people, place, 1 as more from people order by hash(place)")
        assert engine.write(Select("shuffled", ("place",)), PEOPLE, written) == 20_000
    schema = pq.read_schema(written)
    assert schema.names == ["place", "people"]
    assert schema.field("people").type == pa.int64()
    with DuckEngine({"people": people}) as engine:
        engine.write(Select("people", ("place",)), PEOPLE, tmp_path / "again.parquet")
    assert pq.read_table(written).equals(pq.read_table(tmp_path / "again.parquet"))
    with DuckEngine({"people": people}, threads=2) as engine:
        engine.step("shuffled", "select people, place from people order by hash(place || 'x')")
        engine.write(Select("shuffled", ("place",)), PEOPLE, tmp_path / "third.parquet")
    assert hash_file(tmp_path / "third.parquet") == hash_file(written)


def test_integers_leave_exactly() -> None:
    with DuckEngine() as engine:
        assert engine.arrow("select {n}::bigint as n", n=2**62 + 1)["n"].to_pylist() == [2**62 + 1]
