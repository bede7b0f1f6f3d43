"""What a table promises, read from the YAML beside: inputs, outputs, actuals of the year, settlements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pyarrow as pa

from budget.kernel.yaml import read_yaml

Disclosure = Literal["person", "aggregate", "public"]

PREVIOUS = "previous_"
"""Begins the name of a table that an earlier run wrote."""

_HERE = Path(__file__).parent
_ARROW = {
    "string": pa.string(),
    "date": pa.date32(),
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "list<string>": pa.list_(pa.string()),
}
_DUCKDB = {
    "string": "VARCHAR",
    "date": "DATE",
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "list<string>": "VARCHAR[]",
}


@dataclass(frozen=True)
class Column:
    """One column: its type, unit and the values it may hold.

    Attributes:
        type: a name of ``inputs.yaml`` (``string``, ``date``, ``int64``, ...).
        nullable: whether a value may be missing.
        optional: whether an input may leave the whole column out (it is then null).
        derived: whether intake adds the column itself.
        identifier: whether it identifies a person and is pseudonymised on entry.
        category: whether pandas holds it as an ordered category.
        values: the only values allowed, where they are few.
    """

    name: str
    type: str
    about: str
    nullable: bool = False
    optional: bool = False
    derived: bool = False
    identifier: bool = False
    category: bool = False
    unit: str | None = None
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type."""
        return _ARROW[self.type]

    @property
    def sql(self) -> str:
        """The type in DuckDB's dialect."""
        return _DUCKDB[self.type]


@dataclass(frozen=True)
class Table:
    """The contract of one table.

    Attributes:
        disclosure: ``person`` tables are restricted, ``aggregate`` ones may identify in small cells.
        key: columns that identify a row.
        internal: whether it only travels between stages and is not published in run folders.
        money: the column whose sum says how much money the table speaks of; None where no sum would.
    """

    name: str
    about: str
    disclosure: Disclosure
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    internal: bool = False
    money: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def supplied(self) -> tuple[Column, ...]:
        """The columns that a locality hands over; the rest intake adds."""
        return tuple(column for column in self.columns if not column.derived)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema that every file of the table has."""
        return pa.schema([pa.field(c.name, c.arrow, nullable=c.nullable) for c in self.columns])


def table(name: str) -> Table:
    """The contract of a table by name, whoever writes it; a table of an earlier run has that of the table itself.

    Raises:
        KeyError: there is no such table.
    """
    known = input_tables() | output_tables() | actual_tables() | settlement_tables()
    if name.startswith(PREVIOUS):
        return replace(known[name.removeprefix(PREVIOUS)], name=name)
    return known[name]


@cache
def input_tables() -> MappingProxyType[str, Table]:
    """The canonical input tables by name."""
    return _read(_HERE / "inputs.yaml")


@cache
def output_tables() -> MappingProxyType[str, Table]:
    """The tables that stages write, by name."""
    return _read(_HERE / "outputs.yaml")


@cache
def actual_tables() -> MappingProxyType[str, Table]:
    """What a locality hands over of the year as it happens, by name."""
    return _read(_HERE / "actuals.yaml")


@cache
def settlement_tables() -> MappingProxyType[str, Table]:
    """The tables that a settlement writes, by name."""
    return _read(_HERE / "settlements.yaml")


def _read(path: Path) -> MappingProxyType[str, Table]:
    return MappingProxyType({name: _table(name, body) for name, body in read_yaml(path).items()})


def _table(name: str, body: dict[str, Any]) -> Table:
    columns = tuple(_column(column, facts) for column, facts in body["columns"].items())
    key = tuple(body.get("key", ()))
    internal = bool(body.get("internal", False))
    return Table(name, body["about"], body["disclosure"], columns, key, internal, body.get("money"))


def _column(name: str, facts: dict[str, Any]) -> Column:
    written = dict(facts)
    kind = written.pop("type")
    values = tuple(written.pop("values", ()))
    return Column(name, kind.rstrip("?"), nullable=kind.endswith("?"), values=values, **written)
