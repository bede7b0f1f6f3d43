"""Spark as the engine of person-level work, where the data already lie in a cluster: the same SELECTs, transpiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from budget.contracts import Table
from budget.engine.dialect import parsed, spark_text, to_spark, unions_apart
from budget.engine.duck import Select
from budget.engine.shape import in_shape, no_rows
from budget.engine.statement import Statement, text_of
from budget.kernel.errors import CapitationError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from sqlglot.expressions import Expr

__all__ = ["SparkEngine", "to_spark"]


@dataclass
class SparkEngine:
    """What ``Engine`` does for the stages after intake, on a Spark session; statements stay in DuckDB's dialect.

    Names and settings are of this engine alone, so several may share a session's cluster. Closing an engine forgets
    what it kept; the session is left to whoever opened it.

    Args:
        session: where the work is done.
        tables: Parquet files (or globs) by table name, where every worker can read them.
    """

    session: SparkSession
    tables: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session = self.session.newSession()
        self._session.conf.set("spark.sql.ansi.enabled", "true")
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        # deriving filters from filters, the planner runs out of memory on rules that are compiled to long CASEs
        self._session.conf.set("spark.sql.constraintPropagation.enabled", "false")
        self._kept: list[DataFrame] = []
        self._united: list[str] = []
        for name, path in self.tables.items():
            self._session.read.parquet(str(path)).createOrReplaceTempView(name)

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for rows in self._kept:
            rows.unpersist()

    def step(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name one SELECT, and keep its rows for the steps after it once the first of them has asked."""
        rows = self._rows(statement, values).persist()
        self._kept.append(rows)
        rows.createOrReplaceTempView(name)
        return name

    def view(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name a SELECT without keeping its rows; for steps that are read once."""
        self._rows(statement, values).createOrReplaceTempView(name)
        return name

    def or_empty(self, *contracts: Table) -> None:
        """Let statements name tables that a locality may leave out: one that is absent has its columns and no rows."""
        for contract in contracts:
            if not self.has(contract.name):
                self.view(contract.name, no_rows(contract))

    def lend(self, name: str, frame: pd.DataFrame | pa.Table) -> str:
        """Let the next steps see a small pandas or Arrow table under a name."""
        table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
        self._session.createDataFrame(table).createOrReplaceTempView(name)
        return name

    def variable(self, name: str, value: str) -> None:
        """Refused: a key enters statements at intake, and intake reads raw files with DuckDB.

        Raises:
            CapitationError: always.
        """
        raise CapitationError(f"Spark has no variable {name}; intake, which needs it, runs on DuckDB.")

    def arrow(self, statement: Statement | str, **values: Any) -> pa.Table:
        """The rows of a SELECT as Arrow; integers may be wider than DuckDB's, never other numbers."""
        return self._rows(statement, values).toArrow()

    def frame(self, statement: Statement | str, **values: Any) -> pd.DataFrame:
        """The rows of a small SELECT as pandas."""
        return self.arrow(statement, **values).to_pandas()

    def scalar(self, statement: Statement | str, **values: Any) -> Any:
        """The one value of a SELECT."""
        row = self._rows(statement, values).first()
        return None if row is None else row[0]

    def has(self, relation: str) -> bool:
        """Whether a table, view or step of this name exists."""
        return self._session.catalog.tableExists(relation)

    def write(self, select: Select, contract: Table, path: Path) -> int:
        """Write a step to one Parquet file in the columns, types and order of its contract.

        Returns:
            The number of rows.
        """
        rows = self._rows(in_shape(select.relation, contract), {})
        order = [rows[column].asc_nulls_last() for column in select.order_by]
        with TemporaryDirectory(dir=path.parent) as folder:
            # one partition, sorted within itself, is one file whose order no later merge of partitions can change
            parts = rows.repartition(1).sortWithinPartitions(*order).write.option("compression", "zstd")
            parts.parquet(f"{folder}/parts")
            (part,) = Path(folder).glob("parts/*.parquet")
            part.replace(path)
        return int(pq.read_metadata(path).num_rows)

    def _rows(self, statement: Statement | str, values: Mapping[str, Any]) -> DataFrame:
        return self._of(unions_apart(parsed(text_of(statement, values)), self._unite))

    def _of(self, tree: Expr) -> DataFrame:
        return self._session.sql(spark_text(tree))

    def _unite(self, above: Expr, below: Expr) -> str:
        name = f"united_by_name_{len(self._united)}"
        self._united.append(name)
        self._of(above).unionByName(self._of(below)).createOrReplaceTempView(name)
        return name
