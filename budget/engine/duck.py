"""DuckDB as the engine of person-level work: every step is one SELECT that an auditor can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from budget.contracts import Table
from budget.engine.protocol import Engine, Said, Select
from budget.engine.shape import in_shape
from budget.engine.statement import Statement, quote, text_of


@dataclass
class DuckEngine(Engine):
    """One DuckDB connection over a set of Parquet tables.

    Args:
        tables: Parquet files (or globs) by table name.
        spill: folder for what does not fit in memory; where it is not given, no row goes to a disk.
        memory_limit: DuckDB's own limit, as it writes it (``4GB``).
        threads: how many threads; the machine's cores when not given.
    """

    tables: Mapping[str, Path] = field(default_factory=dict)
    spill: Path | None = None
    memory_limit: str | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        self.said: list[Said] = []

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        """Opened when it is first used: what is booked in memory may never ask it anything."""
        connection = duckdb.connect(":memory:")
        for option, value in self._options().items():
            connection.execute(f"set {option} = {quote(value) if isinstance(value, str) else value}")
        for name, path in self.tables.items():
            connection.execute(f"create view {name} as select * from read_parquet({quote(str(path))})")
        return connection

    def _options(self) -> dict[str, Any]:
        fixed = {"enable_progress_bar": False, "TimeZone": "UTC", "preserve_insertion_order": False}
        given = {
            # DuckDB's own would be a folder of wherever the command was called
            "temp_directory": "" if self.spill is None else str(self.spill),
            "memory_limit": self.memory_limit,
            "threads": self.threads,
        }
        return fixed | {option: value for option, value in given.items() if value is not None}

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if "_connection" in vars(self):
            self._connection.close()

    def step(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Run one SELECT and keep its rows under a name for the steps after it."""
        self._name(name, "table", text_of(statement, values))
        return name

    def view(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name a SELECT without running it; for steps that are read once."""
        self._name(name, "view", text_of(statement, values))
        return name

    def take(self, name: str, table: pa.Table) -> None:
        """Let the next steps see an Arrow table under a name."""
        self._connection.register("lent", table)
        self._connection.execute(f"create or replace temp table {name} as select * from lent")
        self._connection.unregister("lent")

    def variable(self, name: str, value: str) -> None:
        """Give statements a value that must not stand in their text, such as a key; read by ``getvariable``."""
        self._connection.execute(f"set variable {name} = ?", [value])

    def arrow(self, statement: Statement | str, **values: Any) -> pa.Table:
        """The rows of a SELECT as Arrow; exact integers, unlike a detour through floats."""
        return self._connection.sql(text_of(statement, values)).to_arrow_table()

    def scalar(self, statement: Statement | str, **values: Any) -> Any:
        """The one value of a SELECT."""
        rows = self._connection.execute(text_of(statement, values)).fetchall()
        return rows[0][0] if rows else None

    def has(self, relation: str) -> bool:
        """Whether a table, view or step of this name exists."""
        found = self.scalar(
            "select count(*) from information_schema.tables where table_name = {relation}", relation=relation
        )
        return bool(found)

    def write(self, select: Select, contract: Table, path: Path) -> int:
        """Write a step to Parquet in the columns, types and order of its contract.

        Returns:
            The number of rows.
        """
        query = f"{in_shape(select.relation, contract)} order by {', '.join(select.order_by)}"
        # what only travels between stages is read once and soon, so it is packed quickly rather than tightly
        packing = "snappy" if contract.internal else "zstd"
        options = f"format parquet, compression {packing}, row_group_size 122880"
        rows = self._connection.execute(f"copy ({query}) to {quote(str(path))} ({options})").fetchall()
        return int(rows[0][0])

    def _name(self, name: str, kind: str, text: str) -> None:
        self._connection.execute(f"create or replace temp {kind} {name} as {text}")
        self.said.append(Said(name, text))
