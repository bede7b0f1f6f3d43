"""An earlier run whose tables the stages of this one may read, under names that begin with ``previous_``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from budget.contracts import PREVIOUS
from budget.kernel.errors import ConfigurationError
from budget.kernel.pseudonyms import key_fingerprint
from budget.plan import Plan
from budget.store import TableRef


@dataclass(frozen=True)
class Previous:
    """A complete earlier run of the same locality.

    Attributes:
        output_hash: hash of all its tables.
        tables: its tables by the name that stages know them under.
    """

    run_id: str
    folder: Path
    output_hash: str
    tables: Mapping[str, TableRef]

    @classmethod
    def open(cls, folder: Path, plan: Plan) -> Previous:
        """Read the record of an earlier run.

        Args:
            folder: its run folder.
            plan: the plan of this run.

        Raises:
            ConfigurationError: the folder is not a complete run, it is another locality's, or its people have
                pseudonyms of another key, so that nobody could be followed.
        """
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            raise ConfigurationError(
                f"previous run {folder}: this is not a run folder (no readable manifest)."
            ) from None
        if manifest["status"] != "complete":
            raise ConfigurationError(
                f"previous run {folder}: the run was stopped by a gate; name one that is complete."
            )
        if manifest["locality"] != plan.locality:
            raise ConfigurationError(f"previous run {folder}: it is of {manifest['locality']}, not of {plan.locality}.")
        if manifest.get("pseudonym_key") != key_fingerprint(plan.person_id):
            raise ConfigurationError(
                f"previous run {folder}: its pseudonyms were made with another key; nobody can be followed."
            )
        place = folder.resolve() / "tables"
        refs = {f"{PREVIOUS}{name}": _ref(name, place, fact) for name, fact in manifest["tables"].items()}
        return cls(manifest["run_id"], folder.resolve(), manifest["output_hash"], refs)


def _ref(name: str, place: Path, fact: Mapping[str, object]) -> TableRef:
    path = place / f"{name}.parquet"
    if not path.is_file():
        raise ConfigurationError(f"previous run {place.parent}: its table {name} is missing.")
    return TableRef(f"{PREVIOUS}{name}", path, str(fact["sha256"]), int(str(fact["rows"])), path.stat().st_size)
