"""A raw table as it lies in the input folder: CSV or Parquet, one file or several parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from budget.contracts import Table, table
from budget.engine import Engine
from budget.intake.reading import readable, reader
from budget.kernel.checks import CheckResult
from budget.kernel.hashing import hash_file


@dataclass(frozen=True)
class RawTable:
    """A view over raw files and what is known of its columns.

    Attributes:
        contract: what the table promises.
        relation: name of the view.
        types: DuckDB type by column, as found; CSV columns are all text.
    """

    contract: Table
    files: tuple[Path, ...]
    relation: str
    types: dict[str, str]
    engine: Engine

    @classmethod
    def open(cls, engine: Engine, name: str, files: Sequence[Path]) -> RawTable:
        """Look at the files of one table without reading their rows.

        Raises:
            RunStopped: a file cannot be read.
        """
        relation = f"raw_{name}"
        readable(name, _named(files), lambda: engine.view(relation, f"select * from {reader(files)}"))
        described = engine.frame(f"describe {relation}")
        types = dict(zip(described["column_name"], described["column_type"], strict=True))
        return cls(table(name), tuple(files), relation, types, engine)

    @property
    def mend(self) -> str:
        """The file to mend, as people name it."""
        return _named(self.files)

    def missing_columns(self) -> list[CheckResult]:
        """Columns that the contract needs and the files lack."""
        missing = [c.name for c in self.contract.supplied if c.name not in self.types and not c.optional]
        if not missing:
            return []
        rule = (
            f"the column {missing[0]} is missing" if len(missing) == 1 else f"columns are missing: {', '.join(missing)}"
        )
        return [CheckResult("intake", "I02", "fail", "failed", self.contract.name, rule, mend=self.mend)]

    def register(self, control: Sequence[str], vintage: Sequence[str]) -> pd.DataFrame:
        """The input register's rows for this table, one a file."""
        total = next((name for name in control if name in self.contract.names), None)
        seen = next((name for name in vintage if name in self.contract.names), None)
        units = {column.name: column.unit for column in self.contract.columns}
        return pd.DataFrame(
            [
                {
                    "input_id": f"{self.contract.name}-{number:02d}",
                    "name": self.contract.name,
                    "file": path.name,
                    "sha256": hash_file(path),
                    "unit": units[total] if total else None,
                    "licence": None,
                    **self._facts(path, total, seen),
                }
                for number, path in enumerate(self.files, 1)
            ]
        )

    def _facts(self, path: Path, total: str | None, seen: str | None) -> dict[str, object]:
        control = f"cast(sum(cast({total} as decimal(28, 6))) as double)" if total else "cast(null as double)"
        vintage = f"cast(max({seen}) as varchar)" if seen else "cast(null as varchar)"
        query = f"select count(*) as rows, {control} as control_total, {vintage} as vintage from {reader([path])}"
        return {str(name): value for name, value in self.engine.frame(query).iloc[0].items()}


def _named(files: Sequence[Path]) -> str:
    first = files[0]
    return first.name if len(files) == 1 else f"{first.parent.name}/{first.name} and {len(files) - 1} more"
