"""DuckDB as the engine of person-level work: every step is one SELECT that an auditor can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from budget.contracts import Table
from budget.engine.shape import in_shape, no_rows
from budget.engine.statement import Statement, quote, text_of


@dataclass(frozen=True)
class Select:
    """A table that a stage writes straight from the engine, without passing through Python.

    Attributes:
        relation: name of the step that holds the rows.
        order_by: columns whose order is total, so that the file is the same bytes each time.
    """

    relation: str
    order_by: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """A SELECT that an engine was given, under the name by which later ones read it."""

    name: str
    sql: str


@dataclass
class Engine:
    """One DuckDB connection over a set of Parquet tables, each a view of its own name.

    What was said to it, in order, stands in ``said``: the lineage of columns is read off it.

    Args:
        tables: Parquet files (or globs) by table name.
        spill: folder for what does not fit in memory.
        memory_limit: DuckDB's own limit, as it writes it (``4GB``).
        threads: how many threads; the machine's cores when not given.
    """

    tables: Mapping[str, Path] = field(default_factory=dict)
    spill: Path | None = None
    memory_limit: str | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        self.said: list[Said] = []
        self._connection = duckdb.connect(":memory:")
        self._set("enable_progress_bar", False)
        self._set("TimeZone", "UTC")
        self._set("preserve_insertion_order", False)
        if self.spill is not None:
            self._set("temp_directory", str(self.spill))
        if self.memory_limit is not None:
            self._set("memory_limit", self.memory_limit)
        if self.threads is not None:
            self._set("threads", self.threads)
        for name, path in self.tables.items():
            self._connection.execute(f"create view {name} as select * from read_parquet({quote(str(path))})")

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._connection.close()

    def step(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Run one SELECT and keep its rows under a name for the steps after it.

        Args:
            name: name of the step.
            statement: the SELECT; ``{name}`` in it stands for a literal of ``values``.
        """
        self._name(name, "table", text_of(statement, values))
        return name

    def view(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name a SELECT without running it; for steps that are read once."""
        self._name(name, "view", text_of(statement, values))
        return name

    def or_empty(self, *contracts: Table) -> None:
        """Let statements name tables that a locality may leave out: one that is absent has its columns and no rows."""
        for contract in contracts:
            if not self.has(contract.name):
                self.view(contract.name, no_rows(contract))

    def lend(self, name: str, frame: pd.DataFrame | pa.Table) -> str:
        """Let the next steps see a small pandas or Arrow table under a name."""
        table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
        self._connection.register("lent", table)
        self._connection.execute(f"create or replace temp table {name} as select * from lent")
        self._connection.unregister("lent")
        return name

    def variable(self, name: str, value: str) -> None:
        """Give statements a value that must not stand in their text, such as a key; read by ``getvariable``."""
        self._connection.execute(f"set variable {name} = ?", [value])

    def arrow(self, statement: Statement | str, **values: Any) -> pa.Table:
        """The rows of a SELECT as Arrow; exact integers, unlike a detour through floats."""
        return self._connection.sql(text_of(statement, values)).to_arrow_table()

    def frame(self, statement: Statement | str, **values: Any) -> pd.DataFrame:
        """The rows of a small SELECT as pandas."""
        return self.arrow(statement, **values).to_pandas()

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

    def _set(self, option: str, value: Any) -> None:
        self._connection.execute(f"set {option} = {quote(value) if isinstance(value, str) else value}")
