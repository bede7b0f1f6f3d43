"""Spark as the engine of person-level work, where the data already lie in a cluster: the same SELECTs, transpiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from budget.contracts import Table
from budget.engine.dialect import parsed, spark_text, to_spark, unions_apart
from budget.engine.duck import DuckEngine
from budget.engine.protocol import Engine, Said, Select
from budget.engine.shape import in_shape
from budget.engine.statement import Statement, text_of
from budget.kernel.errors import CapitationError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from sqlglot.expressions import Expr

__all__ = ["SparkEngine", "to_spark"]


@dataclass
class SparkEngine(Engine):
    """The engine of the stages after intake on a Spark session; statements stay in DuckDB's dialect.

    Names and settings are of this engine alone, so several may share a session's cluster. A step is written by the
    workers to Parquet files and read from there: a plan that grew from step to step would be analysed again with each,
    and a worker that fails takes nothing with it. Closing an engine removes these files; the session is left to whoever
    opened it.

    Args:
        session: where the work is done.
        tables: Parquet files (or globs) by table name, where every worker can read them.
        spill: folder for the rows of steps, where every worker can write, and for what does not fit in memory when a
            table is put in order; the temporary folder of a cluster on one machine where it is not given.
        memory_limit: how much memory that may take, as DuckDB writes it (``4GB``).
    """

    session: SparkSession
    tables: Mapping[str, Path] = field(default_factory=dict)
    spill: Path | None = None
    memory_limit: str | None = None

    def __post_init__(self) -> None:
        self.said: list[Said] = []
        self._session = self.session.newSession()
        self._session.conf.set("spark.sql.ansi.enabled", "true")
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        # deriving filters from filters, the planner runs out of memory on rules that are compiled to long CASEs
        self._session.conf.set("spark.sql.constraintPropagation.enabled", "false")
        self._steps = TemporaryDirectory(prefix=".spark-", dir=self.spill, ignore_cleanup_errors=True)
        self._written = count()
        self._names: set[str] = set()
        for name, path in self.tables.items():
            self._show(name, self._session.read.parquet(str(path)))

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._steps.cleanup()

    def step(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name one SELECT and keep its rows for the steps after it."""
        folder = self._folder()
        self._named(name, text_of(statement, values)).write.parquet(folder)
        self._show(name, self._session.read.parquet(folder))
        return name

    def view(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name a SELECT without keeping its rows; for steps that are read once."""
        self._show(name, self._named(name, text_of(statement, values)))
        return name

    def take(self, name: str, table: pa.Table) -> None:
        """Let the next steps see an Arrow table under a name."""
        self._show(name, self._session.createDataFrame(table))

    def variable(self, name: str, value: str) -> None:
        """Refused: a key enters statements at intake, and intake reads raw files with DuckDB.

        Raises:
            CapitationError: always.
        """
        raise CapitationError(f"Spark has no variable {name}; intake, which needs it, runs on DuckDB.")

    def arrow(self, statement: Statement | str, **values: Any) -> pa.Table:
        """The rows of a SELECT as Arrow; integers may be wider than DuckDB's, never other numbers."""
        return self._rows(statement, values).toArrow()

    def scalar(self, statement: Statement | str, **values: Any) -> Any:
        """The one value of a SELECT."""
        row = self._rows(statement, values).first()
        return None if row is None else row[0]

    def has(self, relation: str) -> bool:
        """Whether this engine was given a table, view or step of this name; tables of the cluster do not count."""
        return relation in self._names

    def write(self, select: Select, contract: Table, path: Path) -> int:
        """Write a step to one Parquet file in the columns, types and order of its contract.

        The workers write parts, and DuckDB puts them in order: equal rows are the same bytes whichever engine they
        come from.

        Returns:
            The number of rows.
        """
        folder = self._folder()
        self._rows(in_shape(select.relation, contract), {}).write.parquet(folder)
        with DuckEngine({select.relation: Path(folder) / "*.parquet"}, self.spill, self.memory_limit) as duck:
            return duck.write(select, contract, path)

    def _folder(self) -> str:
        """A folder for the workers to write the rows of a SELECT to; it goes with the engine."""
        return f"{self._steps.name}/{next(self._written)}"

    def _show(self, name: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(name)
        self._names.add(name)

    def _named(self, name: str, text: str) -> DataFrame:
        self.said.append(Said(name, text))
        return self._of(unions_apart(parsed(text), self._unite))

    def _rows(self, statement: Statement | str, values: Mapping[str, Any]) -> DataFrame:
        return self._of(unions_apart(parsed(text_of(statement, values)), self._unite))

    def _of(self, tree: Expr) -> DataFrame:
        return self._session.sql(spark_text(tree))

    def _unite(self, above: Expr, below: Expr) -> str:
        name = f"united_by_name_{len(self._names)}"
        self._show(name, self._of(above).unionByName(self._of(below)))
        return name
