"""The folder of actuals: which tables it holds, read and typed as intake reads inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from budget.contracts import actual_tables
from budget.engine import Engine
from budget.intake.identifiers import clear_identifiers
from budget.intake.raw import RawTable
from budget.intake.typed import typed_columns, violations
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.hashing import hash_file
from budget.kernel.pseudonyms import PersonId, key_of

GATE = "actuals"
_LISTS = ("registered_list", "person_merges", "practices")
"""Tables of the inputs that a folder of actuals may hold as well, as they are now."""


@dataclass(frozen=True)
class Handed:
    """What a folder of actuals holds.

    Attributes:
        folder: where it lies.
        files: files by table.
        frames: tables without persons, typed; those that were not handed over are absent.
    """

    folder: Path
    files: Mapping[str, tuple[Path, ...]]
    frames: Mapping[str, pd.DataFrame]

    def has(self, name: str) -> bool:
        """Whether a table was handed over."""
        return name in self.files

    @property
    def missing(self) -> tuple[str, ...]:
        """Tables that were not handed over, where it makes a difference."""
        people = ("registered_list", "actual_people")
        lacking = [name for name in actual_tables() if name not in self.files and name not in people]
        return (*lacking, *(() if any(name in self.files for name in people) else people[:1]))

    def register(self) -> list[dict[str, str]]:
        """Every file with its hash."""
        return [
            {"table": name, "file": path.name, "sha256": hash_file(path)}
            for name, paths in self.files.items()
            for path in paths
        ]


def find_files(folder: Path) -> dict[str, tuple[Path, ...]]:
    """The files of a folder of actuals, by table.

    Raises:
        ConfigurationError: the folder is missing, or a table is there twice or without files.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"--actuals {folder}: there is no such folder.")
    found: dict[str, tuple[Path, ...]] = {}
    for name in (*actual_tables(), *_LISTS):
        there = [folder / f"{name}{ending}" for ending in (".parquet", ".csv", ".csv.gz", "")]
        shapes = [path for path in there if path.exists()]
        if len(shapes) > 1:
            raise ConfigurationError(f"{folder}: {name} is there twice ({', '.join(p.name for p in shapes)}).")
        if shapes:
            parts = tuple(sorted(shapes[0].glob("*.parquet"))) if shapes[0].is_dir() else (shapes[0],)
            if not parts:
                raise ConfigurationError(f"{shapes[0]}: the folder holds no Parquet files.")
            found[name] = parts
    return found


def read_folder(engine: Engine, folder: Path, person_id: PersonId) -> Handed:
    """Read a folder of actuals; person tables stay in the engine, as ``later_list`` and ``later_merges``.

    Args:
        engine: sees the run's tables.
        folder: the actuals.
        person_id: what identifiers of the list are, as the run's plan says.

    Raises:
        ConfigurationError: the folder is missing or ambiguous.
        RunStopped: spend is missing, or a table has a missing column or a value of the wrong type.
    """
    files = find_files(folder)
    if "actual_spend" not in files:
        mend = f"put actual_spend.csv or actual_spend.parquet into {folder.name}"
        lacking = CheckResult(GATE, "Y00", "fail", "failed", "actual_spend", "the table must be there", mend=mend)
        raise RunStopped(GATE, (lacking,))
    engine.variable("pseudonym_key", key_of(person_id))
    try:
        raw = {name: RawTable.open(engine, name, paths) for name, paths in files.items()}
        faults = [fault for table in raw.values() for fault in table.missing_columns()]
        faults = faults or [
            fault
            for table in raw.values()
            for fault in (*violations(engine, table), *clear_identifiers(engine, table, person_id))
        ]
    except RunStopped as stop:
        faults = list(stop.failures)
    if faults:
        raise RunStopped(GATE, tuple(replace(fault, gate=GATE, check_id="Y00") for fault in faults))
    later = {"registered_list": "later_list", "person_merges": "later_merges"}
    for name, table in raw.items():
        engine.view(later.get(name, name), f"select {typed_columns(table, person_id)} from {table.relation}")
    if "person_merges" not in raw:
        engine.view(
            "later_merges",
            "select cast(null as varchar) as person_id, cast(null as varchar) as replaced_by where false",
        )
    small = {name: engine.frame(_in_order(name)) for name in files if name not in later}
    return Handed(folder.resolve(), files, small)


def _in_order(name: str) -> str:
    """A table's rows in one order, whatever the order of the files."""
    return f"select * from {name} order by all"
