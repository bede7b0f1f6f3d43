"""The settlement whose statements were issued last: its folder, as it was written, for the one that comes after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from budget.audit.folder import Run
from budget.audit.seal import read_manifest
from budget.audit.verify import verify
from budget.kernel.errors import ConfigurationError

_KEPT = ("settlement_journal", "settlement_parties", "contract_results", "pool_balance")
"""Tables by quarter; what they say of the quarters that were issued stands."""


@dataclass(frozen=True)
class Issued:
    """A settlement that was issued.

    Attributes:
        name: of its folder.
        quarter: to whose end it settled.
        manifest_sha256: hash of its manifest, which has those of its files.
        tables: by name, of all quarters up to it; the journal is absent where nothing moved.
    """

    name: str
    quarter: int
    manifest_sha256: str
    tables: Mapping[str, pd.DataFrame]

    @classmethod
    def read(cls, folder: Path, run: Run, year: str, quarter: int) -> Issued:
        """Read a settlement of the same run and year, of a quarter before.

        Raises:
            ConfigurationError: it is no settlement, is not as it was written, or is of another run, year or quarter.
        """
        said = read_manifest(folder)
        _refuse_another(folder, said, run, year, quarter)
        verified = verify(folder)
        if verified.findings:
            changed = verified.findings[0].file
            raise ConfigurationError(f"--after {folder}: {changed} is not as it was written (capitation verify).")
        files = {name: folder / "tables" / f"{name}.parquet" for name in _KEPT}
        tables = {name: pd.read_parquet(path) for name, path in files.items() if path.is_file()}
        return cls(folder.resolve().name, int(said["quarter"]), verified.manifest_sha256, tables)

    def facts(self) -> dict[str, Any]:
        """What the manifest of the settlement after it says of it."""
        return {"folder": self.name, "quarter": self.quarter, "manifest_sha256": self.manifest_sha256}


def last_issued(run: Run, quarter: int) -> Path | None:
    """The latest settlement of a quarter before that lies beside a run; None where there is none."""
    folders = run.folder.parent.glob(f"{run.run_id}-settlement-*")
    said = {folder: read_manifest(folder) for folder in folders if folder.is_dir()}
    earlier = [folder for folder, facts in said.items() if facts["quarter"] < quarter]
    return max(earlier, key=lambda folder: (said[folder]["financial_year"], said[folder]["quarter"]), default=None)


def _refuse_another(folder: Path, said: Mapping[str, Any], run: Run, year: str, quarter: int) -> None:
    if "quarter" not in said:
        raise ConfigurationError(f"--after {folder}: this is not a settlement.")
    if (said["run_id"], said["run_output_hash"]) != (run.run_id, run.manifest["output_hash"]):
        raise ConfigurationError(f"--after {folder}: it settles the run {said['run_id']}, not {run.run_id} as it is.")
    if said["financial_year"] != year:
        raise ConfigurationError(f"--after {folder}: it settles {said['financial_year']}, not {year}.")
    if said["quarter"] >= quarter:
        raise ConfigurationError(
            f"--after {folder}: it settles quarter {said['quarter']}, which is not before quarter {quarter}."
        )
