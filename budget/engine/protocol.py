"""What stages ask of an engine, whichever one runs their person-level work."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pandas as pd
import pyarrow as pa

from budget.contracts import Table
from budget.engine.shape import no_rows
from budget.engine.statement import Statement


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


class Engine(Protocol):
    """Runs SELECTs in DuckDB's dialect over tables, each a view of its own name.

    Attributes:
        said: what was said to it, in order; the lineage of columns is read off it.
    """

    said: list[Said]

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None: ...

    @abstractmethod
    def step(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name one SELECT and keep its rows for the steps after it.

        Args:
            name: name of the step.
            statement: the SELECT; ``{name}`` in it stands for a literal of ``values``.
        """

    @abstractmethod
    def view(self, name: str, statement: Statement | str, **values: Any) -> str:
        """Name a SELECT without keeping its rows; for steps that are read once."""

    @abstractmethod
    def take(self, name: str, table: pa.Table) -> None:
        """Let the next steps see an Arrow table under a name."""

    @abstractmethod
    def variable(self, name: str, value: str) -> None:
        """Give statements a value that must not stand in their text, such as a key; read by ``getvariable``."""

    @abstractmethod
    def arrow(self, statement: Statement | str, **values: Any) -> pa.Table:
        """The rows of a SELECT as Arrow; exact integers, unlike a detour through floats."""

    @abstractmethod
    def scalar(self, statement: Statement | str, **values: Any) -> Any:
        """The one value of a SELECT; None where there is no row."""

    @abstractmethod
    def has(self, relation: str) -> bool:
        """Whether a table, view or step of this name exists."""

    @abstractmethod
    def write(self, select: Select, contract: Table, path: Path) -> int:
        """Write a step to one Parquet file in the columns, types and order of its contract.

        Returns:
            The number of rows.
        """

    def frame(self, statement: Statement | str, **values: Any) -> pd.DataFrame:
        """The rows of a small SELECT as pandas."""
        return self.arrow(statement, **values).to_pandas()

    def lend(self, name: str, frame: pd.DataFrame | pa.Table) -> str:
        """Let the next steps see a small pandas or Arrow table under a name."""
        self.take(name, frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False))
        return name

    def or_empty(self, *contracts: Table) -> None:
        """Let statements name tables that a locality may leave out: one that is absent has its columns and no rows."""
        for contract in contracts:
            if not self.has(contract.name):
                self.view(contract.name, no_rows(contract))
