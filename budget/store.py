"""The content-addressed store: what a stage wrote, kept under the hash of all that it depends on.

A result is written under a temporary name and moved into place by one rename, so a killed run leaves
nothing that a later one could mistake for a result.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from budget.kernel.checks import CheckResult
from budget.kernel.errors import StoreError
from budget.kernel.hashing import hash_file

SAID = "said.json"
"""Beside a result: the SELECTs that it was made by, of which the lineage of columns is read off."""


@dataclass(frozen=True)
class TableRef:
    """A Parquet file in the store; between stages travel these, never rows."""

    name: str
    path: Path
    sha256: str
    rows: int
    bytes: int

    def check(self) -> None:
        """Refuse a file that is gone or no longer the one that was written.

        Raises:
            StoreError: the file is missing or its bytes have changed.
        """
        if not self.path.is_file() or self.path.stat().st_size != self.bytes or hash_file(self.path) != self.sha256:
            raise StoreError(
                f"{self.path}: the stored table {self.name} is missing or was changed; delete its folder and run again."
            )


@dataclass(frozen=True)
class Stored:
    """What one stage wrote: tables, documents and the key it is kept under."""

    stage: str
    key: str
    tables: tuple[TableRef, ...]
    documents: tuple[TableRef, ...]


@dataclass(frozen=True)
class Store:
    """Results of stages under ``<root>/<stage>/<key>/``."""

    root: Path

    def find(self, stage: str, key: str) -> Stored | None:
        """The result kept under a key, if there is one and all its files are there."""
        folder = self.folder(stage, key)
        try:
            record = json.loads((folder / "result.json").read_text())
        except FileNotFoundError:
            return None
        found = Stored(
            stage, key, _refs(folder / "tables", record["tables"]), _refs(folder / "documents", record["documents"])
        )
        whole = all(
            ref.path.is_file() and ref.path.stat().st_size == ref.bytes for ref in (*found.tables, *found.documents)
        )
        return found if whole else None

    @contextmanager
    def writing(self, stage: str, key: str) -> Iterator[Path]:
        """A temporary folder with ``tables/`` and ``documents/`` that becomes the result when the block ends.

        Raises:
            StoreError: the store cannot be written to, or the result could not be moved into place.
        """
        target = self.folder(stage, key)
        temporary = target.with_name(f".{key[:16]}-{uuid.uuid4().hex[:8]}")
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (temporary / "tables").mkdir(parents=True)
            (temporary / "documents").mkdir()
        except OSError as error:
            raise StoreError(f"{self.root}: the store cannot be written to ({error.strerror}).") from None
        try:
            yield temporary
            self._publish(temporary, stage, key)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def spill(self) -> Path:
        """The folder, for its owner alone, for rows of people that do not fit in memory.

        Raises:
            StoreError: it cannot be made.
        """
        folder = self.root / "spill"
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.root}: the store cannot be written to ({error.strerror}).") from None
        return folder

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While the block lasts, nothing is taken out of the store; any number of runs may use it at once.

        The lock is the operating system's, which lets go of it however a run ends. Where the store is being cleared,
        it waits until that is done.

        Raises:
            StoreError: the store cannot be written to.
        """
        with self._lock(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While the block lasts, no run uses the store.

        Raises:
            StoreError: a run is in progress, or the store cannot be written to.
        """
        with self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.root / ".in-use", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"{self.root}: the store cannot be written to ({error.strerror}).") from None
        try:
            _take(handle, kind, self.root)
            yield
        finally:
            os.close(handle)

    def verdict(self, stage: str, key: str, fingerprint: str) -> tuple[CheckResult, ...] | None:
        """What a gate said of a result, if it was asked before with the same checks and thresholds."""
        path = self.folder(stage, key) / f"verdict-{fingerprint[:16]}.json"
        if not path.is_file():
            return None
        return tuple(CheckResult(**(item | {"keys": tuple(item["keys"])})) for item in json.loads(path.read_text()))

    def keep_verdict(self, stage: str, key: str, fingerprint: str, checks: tuple[CheckResult, ...]) -> None:
        """Remember what a gate said of a result."""
        write_json(self.folder(stage, key) / f"verdict-{fingerprint[:16]}.json", [check.as_dict() for check in checks])

    def _publish(self, temporary: Path, stage: str, key: str) -> None:
        """Move a finished folder into place, unless another run has put the same result there meanwhile."""
        target = self.folder(stage, key)
        try:
            os.replace(temporary, target)
        except OSError:
            if self.find(stage, key) is None:
                _replace_broken(temporary, target)

    def folder(self, stage: str, key: str) -> Path:
        """Where a result lies, or would."""
        return self.root / stage / key[:32]


def _take(handle: int, kind: int, root: Path) -> None:
    try:
        fcntl.flock(handle, kind)
    except BlockingIOError:
        raise StoreError(
            f"{root}: a run is in progress, so nothing is taken out of its store; try again later."
        ) from None


def record_result(folder: Path, rows: dict[str, int]) -> None:
    """Write ``result.json`` for a temporary result folder: every file with its hash, rows and size."""
    record = {
        "tables": [_fact(file, rows[file.stem]) for file in sorted((folder / "tables").iterdir())],
        "documents": [_fact(file, 0) for file in sorted((folder / "documents").iterdir())],
    }
    write_json(folder / "result.json", record)


def write_json(path: Path, value: Any) -> None:
    """Write JSON whole or not at all."""
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def _fact(file: Path, rows: int) -> dict[str, Any]:
    ref = TableRef(file.stem, file, hash_file(file), rows, file.stat().st_size)
    return asdict(ref) | {"path": file.name}


def _refs(folder: Path, facts: list[dict[str, Any]]) -> tuple[TableRef, ...]:
    return tuple(TableRef(**(fact | {"path": folder / fact["path"]})) for fact in facts)


def _replace_broken(temporary: Path, target: Path) -> None:
    """Put a finished folder in the place of one whose files are no longer all there."""
    broken = target.with_name(f".broken-{uuid.uuid4().hex[:8]}")
    try:
        os.replace(target, broken)
        os.replace(temporary, target)
    except OSError:
        raise StoreError(f"{target}: the result could not be moved into the store; delete it and run again.") from None
    finally:
        shutil.rmtree(broken, ignore_errors=True)
