"""The seal of a run folder: every file's hash in the manifest, the manifest's own beside it, and nobody else's eyes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from budget.audit.chain import write_chain
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from budget.store import write_json

MANIFEST = "manifest.json"
MANIFEST_HASH = "manifest.sha256"
LOG = "log.jsonl"
WAIVERS = "waivers.yaml"
APPROVALS = "approvals.jsonl"
"""The one file that may be added to a run folder, by ``capitation approve``."""

UNSEALED = frozenset({MANIFEST, MANIFEST_HASH, APPROVALS})
"""What the manifest does not list: itself, its hash, and what may follow it."""


def seal(folder: Path, manifest: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> None:
    """Write log, manifest and the manifest's hash into a folder whose other files are all there.

    Args:
        folder: the run folder, still under its temporary name.
        manifest: what the run says of itself.
        events: what its log says.
    """
    last = write_chain(folder / LOG, events)
    files = {path.relative_to(folder).as_posix(): path for path in found_files(folder)}
    sealed = {
        "log": {"file": LOG, "last_line_sha256": last},
        "files": {name: hash_file(path) for name, path in sorted(files.items())},
    }
    write_json(folder / MANIFEST, {**manifest, **sealed})
    (folder / MANIFEST_HASH).write_text(hash_line_of(folder), encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a run says of itself, or what was made from one and lies beside it.

    Raises:
        ConfigurationError: the folder is neither.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        raise ConfigurationError(f"{folder}: this is not a run folder (no readable {MANIFEST}).") from None
    return manifest


def hash_line_of(folder: Path) -> str:
    """The manifest's hash as ``sha256sum -c`` reads it."""
    return f"{hash_file(folder / MANIFEST)}  {MANIFEST}\n"


def found_files(folder: Path) -> Iterator[Path]:
    """Everything below a folder that is no folder, links included."""
    return (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def lock(folder: Path) -> None:
    """Let nobody but the owner look into a folder or its files."""
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
