"""A folder beside a run: what a command makes of it later, written under a temporary name and moved into place."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from budget import __version__
from budget.contracts import table as contract_of
from budget.kernel.csv_file import write_csv
from budget.kernel.errors import StoreError
from budget.kernel.hashing import hash_file
from budget.runner import write_frame
from budget.store import write_json


def publish_beside(
    target: Path,
    tables: Mapping[str, pd.DataFrame],
    files: Mapping[str, Callable[[Path], None]],
    facts: Mapping[str, Any],
) -> Path:
    """Write tables and files for people into a folder, with a manifest of their hashes.

    A folder of that name that is there already is replaced; the run itself is never touched.

    Args:
        target: the folder.
        tables: by name; each is written as Parquet, in its contract's columns, and as CSV.
        files: what writes each further file, by its place in the folder.
        facts: what the manifest says beside the hashes.

    Raises:
        StoreError: the folder could not be written.
    """
    temporary = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}.partial")
    try:
        temporary.mkdir(parents=True, mode=0o700)  # people by place are for their owner alone
        (temporary / "tables").mkdir()
        for name, frame in tables.items():
            write_frame(name, frame, temporary / "tables" / f"{name}.parquet")
            columns = list(contract_of(name).names)
            write_csv(frame[columns], temporary / "tables" / f"{name}.csv")
        for name, write in files.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            write(temporary / name)
        hashes = {path.relative_to(temporary).as_posix(): hash_file(path) for path in _files(temporary)}
        write_json(temporary / "manifest.json", {**facts, "code_version": __version__, "files": hashes})
        _swap(temporary, target)
    except OSError as error:
        raise StoreError(f"{target}: the folder could not be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _swap(temporary: Path, target: Path) -> None:
    """Move the finished folder into place; an earlier one goes out of the way first."""
    old = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}.old")
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(temporary, target)
    except BaseException:
        if old.exists():
            os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
