"""Hashes of files, folders of code and plain values; all of them SHA-256 in hex."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CODE_SUFFIXES = frozenset({".py", ".sql", ".yaml", ".json", ".html", ".css", ".j2"})


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """Name and SHA-256 of some files, in the order given."""
    return [(path.name, hash_file(path)) for path in paths]


def hash_value(value: Any) -> str:
    """SHA-256 of a JSON-able value in canonical form (sorted keys, no spaces).

    Dates, decimals and years enter as their text.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_code(folders: Iterable[Path], root: Path) -> str:
    """SHA-256 over the source files of some folders and single files: names and contents, in order of name."""
    files = sorted({file for folder in folders for file in _source_files(folder)})
    return hash_value([(file.relative_to(root).as_posix(), hash_file(file)) for file in files])


def _source_files(place: Path) -> Iterable[Path]:
    if place.is_file():
        return [place]
    return (file for file in place.rglob("*") if file.suffix in CODE_SUFFIXES and file.is_file())
