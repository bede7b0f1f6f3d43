"""Writing canonical tables: exact contract columns and types, the same bytes for the same values."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from budget.contracts import Table, input_tables

# Tables of more rows than this are Parquet; smaller ones are CSV that a person can open.
_LARGEST_CSV = 2_000


@dataclass
class Folder:
    """An input folder that is being written under a temporary name, so that a half-written one is never seen.

    Attributes:
        path: the folder's own name.
        rows: rows written so far by table.
    """

    path: Path
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def partial(self) -> Path:
        """Where files lie until they are published."""
        return self.path.with_name(f"{self.path.name}.partial")

    @property
    def scratch(self) -> Path:
        """For what is needed only until the folder is published; it lies where there is room for the people."""
        return self.partial / ".scratch"

    def open(self) -> None:
        """Make an empty temporary folder; what a broken run left in it goes."""
        shutil.rmtree(self.partial, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def publish(self) -> None:
        """Replace the canonical tables of the folder by those that were written; other files in it stay."""
        self.path.mkdir(exist_ok=True)
        for name in input_tables():
            shutil.rmtree(self.path / name, ignore_errors=True)
            for suffix in (".csv", ".parquet"):
                (self.path / f"{name}{suffix}").unlink(missing_ok=True)
        shutil.rmtree(self.scratch)
        for written in sorted(self.partial.iterdir()):
            written.replace(self.path / written.name)
        self.partial.rmdir()

    def text(self, name: str, text: str) -> None:
        """Write a note."""
        (self.partial / name).write_text(text, encoding="utf-8")

    def frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write a small table as one file; columns that the contract lets a locality leave out are left empty.

        Raises:
            KeyError: a column that the contract asks for is missing.
        """
        contract = input_tables()[name]
        left_out = {column.name: None for column in contract.supplied if column.optional and column.name not in frame}
        chosen = frame.assign(**left_out)[[column.name for column in contract.supplied]]
        table = pa.Table.from_pandas(chosen, preserve_index=False).cast(_schema(contract))
        self.rows[name] = table.num_rows
        if table.num_rows > _LARGEST_CSV:
            pq.write_table(table, self.partial / f"{name}.parquet", compression="zstd")
        else:
            chosen.to_csv(self.partial / f"{name}.csv", index=False, lineterminator="\n")

    def part(self, name: str, part: str, columns: Mapping[str, pa.Array]) -> None:
        """Write one part of a person table, without the optional columns that nobody made up.

        Raises:
            KeyError: a column that the contract asks for is missing.
        """
        supplied = [c for c in input_tables()[name].supplied if not c.optional or c.name in columns]
        schema = pa.schema([pa.field(column.name, column.arrow) for column in supplied])
        table = pa.table({column.name: columns[column.name] for column in supplied}).cast(schema)
        folder = self.partial / name
        folder.mkdir(exist_ok=True)
        pq.write_table(table, folder / f"{part}.parquet", compression="zstd")
        self.rows[name] = self.rows.get(name, 0) + table.num_rows


def _schema(contract: Table) -> pa.Schema:
    return pa.schema([pa.field(column.name, column.arrow) for column in contract.supplied])
