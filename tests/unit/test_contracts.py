"""The contracts of tables: complete, consistent, and of types that every engine has."""

from __future__ import annotations

import pyarrow as pa
import pytest

from budget.contracts import PREVIOUS, Table, actual_tables, input_tables, output_tables, settlement_tables, table
from budget.pipeline import STAGES

pytestmark = pytest.mark.unit

CATALOGUES = (input_tables(), output_tables(), actual_tables(), settlement_tables())
TABLES = [found for known in CATALOGUES for found in known.values()]


def test_the_catalogues_are_there_and_share_no_name() -> None:
    assert all(CATALOGUES)
    assert len({found.name for found in TABLES}) == len(TABLES)


@pytest.mark.parametrize("contract", TABLES, ids=lambda contract: contract.name)
def test_a_contract_is_whole(contract: Table) -> None:
    assert contract.about.endswith(".")
    assert contract.disclosure in ("person", "aggregate", "public")
    assert len(set(contract.names)) == len(contract.names)
    assert set(contract.key) <= set(contract.names)
    assert len(set(contract.key)) == len(contract.key)
    for column in contract.columns:
        assert column.about, column.name
        assert column.nullable or not column.optional, f"{column.name} may be left out, so it may be null"


@pytest.mark.parametrize("contract", TABLES, ids=lambda contract: contract.name)
def test_arrow_schemas_follow_the_contract(contract: Table) -> None:
    schema = contract.arrow_schema
    assert tuple(schema.names) == contract.names
    assert [field.nullable for field in schema] == [column.nullable for column in contract.columns]
    assert pa.Table.from_pylist([], schema=schema).num_rows == 0


@pytest.mark.parametrize(
    "name",
    [
        "spend",
        "activity",
        "actual_spend",
        "settlement_journal",
        "pool_balance",
        "budget_ledger",
        "carve_outs",
        "integrated_budget",
        "monthly_profile",
        "pace_of_change",
    ],
)
def test_money_that_is_booked_is_whole_pence(name: str) -> None:
    kinds = {column.name: column.type for column in table(name).columns if column.name.endswith("_pence")}
    assert kinds
    assert set(kinds.values()) == {"int64"}


def test_people_are_identified_in_person_tables_alone() -> None:
    holders = {found.name for found in TABLES if any(column.identifier for column in found.columns)}
    assert {"registered_list", "conditions", "activity", "person_merges"} <= holders
    assert {found.disclosure for found in TABLES if found.name in holders} == {"person"}
    with_person = {found.name for found in TABLES if "person_id" in found.names}
    assert {found.disclosure for found in TABLES if found.name in with_person} == {"person"}


def test_what_intake_adds_is_not_asked_for() -> None:
    registered = table("registered_list")
    assert "identifier_valid" in registered.names
    assert "identifier_valid" not in [column.name for column in registered.supplied]


def test_every_type_has_an_arrow_and_an_sql_form() -> None:
    for found in TABLES:
        for column in found.columns:
            assert isinstance(column.arrow, pa.DataType)
            assert column.sql


def test_stages_read_and_write_tables_that_have_a_contract() -> None:
    known = set(input_tables()) | set(output_tables())
    earlier = {f"{PREVIOUS}{name}" for name in output_tables()}
    for stage in STAGES:
        documents = {name for name in stage.writes if "." in name}
        assert set(stage.writes) - documents <= known, stage.name
        assert {*stage.reads, *stage.may_read} - {"*"} <= known | earlier, stage.name
        assert not earlier & {*stage.reads, *stage.writes}, "an earlier run is never needed, nor written"


def test_a_table_of_an_earlier_run_has_the_contract_of_the_table() -> None:
    earlier = table("previous_population")
    assert earlier.name == "previous_population"
    assert (earlier.columns, earlier.disclosure) == (table("population").columns, "person")


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        table("no_such_table")
