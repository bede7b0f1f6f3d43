"""A folder beside a run: what a command makes of it later, written under a temporary name and moved into place."""

from __future__ import annotations

import json
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
from budget.kernel.errors import ConfigurationError, StoreError
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


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder beside a run, whose files are all as they were written.

    Raises:
        ConfigurationError: there is no such folder, or one of its files is missing or was changed.
    """
    try:
        said: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"{folder}: there is no manifest.json that can be read.") from None
    for name, sha256 in said["files"].items():
        path = folder / name
        if not path.is_file() or hash_file(path) != sha256:
            raise ConfigurationError(f"{path}: the file is not as it was written.")
    return said


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _swap(temporary: Path, target: Path) -> None:
    """Move the finished folder into place; an earlier one goes out of the way first."""
    old = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}.old")
    if target.exists():
        os.replace(target, old)
    os.replace(temporary, target)
    shutil.rmtree(old, ignore_errors=True)
