"""Care that waits for its cost: what a unit of it costs is known only when the care of every place is drawn."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from budget.synth.activity import Care


@dataclass(frozen=True)
class Waiting:
    """Drawn care in a folder, a file a place and line, so that memory holds one place at a time.

    Attributes:
        folder: where the files lie; it holds nothing else.
    """

    folder: Path

    def put(self, place: str, line: str, care: Care) -> float:
        """Put the care of a place and line away.

        Returns:
            Its weight, in the line's arbitrary unit of cost.
        """
        pq.write_table(pa.table({f.name: getattr(care, f.name) for f in fields(care)}), self._file(place, line))
        return float(care.weight.sum())

    def take(self, place: str, line: str) -> Care:
        """The care of a place and line, every value as it was drawn; its file goes."""
        file = self._file(place, line)
        table = pq.read_table(file)
        file.unlink()
        return Care(**{name: table[name].to_numpy() for name in table.column_names})

    def _file(self, place: str, line: str) -> Path:
        return self.folder / f"{place}-{line}.parquet"
