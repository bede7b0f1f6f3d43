"""Whether a run folder is as it was published: every byte, both chains, and every penny."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from budget.audit.approval import Approvals
from budget.audit.chain import Chain, read_chain
from budget.audit.conservation import breaches, in_words, named_tables
from budget.audit.seal import APPROVALS, LOG, MANIFEST, MANIFEST_HASH, UNSEALED, found_files, hash_line_of
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file, hash_value

_MOST_BREACHES = 10
"""More sums than these that do not agree say nothing new."""


@dataclass(frozen=True)
class Finding:
    """Something in a run folder that is not as the run left it.

    Attributes:
        file: the file, by its place in the folder.
        expected: what was recorded.
        found: what there is.
    """

    file: str
    expected: str
    found: str

    def sentence(self) -> str:
        """The finding as a person reads it."""
        return f"{self.file}\n  expected: {self.expected}\n  found:    {self.found}"

    def as_dict(self) -> dict[str, str]:
        """The finding as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what is not as it should be.

    Attributes:
        run_id: the run.
        files: how many files were compared with their hashes.
        manifest_sha256: hash of the manifest, on which everything else hangs.
        findings: what is wrong; empty where nothing is.
        beside: whether it is no run but was made from one (a settlement, a simulation): files and hashes alone.
    """

    run_id: str
    files: int
    manifest_sha256: str
    findings: tuple[Finding, ...]
    beside: bool = False


def verify(folder: Path) -> Verified:
    """Compare a run folder, or one that was made beside a run, with its own record.

    Nothing is trusted that does not hang on the manifest, and the manifest hangs on its hash (``manifest.sha256``, the
    approvals): whoever keeps that hash elsewhere can tell a forged folder too.

    Raises:
        ConfigurationError: the folder is not a run, or it was made before runs were sealed.
    """
    if not any((folder / name).is_file() for name in (MANIFEST, MANIFEST_HASH, LOG)):
        raise ConfigurationError(f"{folder}: this is not a run folder (no {MANIFEST}).")
    said = _manifest(folder)
    if said is None:
        found = "a file that cannot be read" if (folder / MANIFEST).exists() else "no such file"
        return Verified(folder.name, 0, "", (Finding(MANIFEST, "the manifest of a run", found),))
    if "files" not in said:
        raise ConfigurationError(f"{folder}: the run was made before runs were sealed; run it again to verify it.")
    if _is_beside(folder, said):
        findings = tuple(_files(folder, said["files"]))
        return Verified(folder.name, len(said["files"]), hash_file(folder / MANIFEST), findings, beside=True)
    findings = (*_root(folder), *_within(said), *_files(folder, said["files"]), *_chains(folder, said))
    changed = {finding.file for finding in findings}
    findings += tuple(_conservation(folder, said, changed))
    return Verified(said["run_id"], len(said["files"]), hash_file(folder / MANIFEST), findings)


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) and "run_id" in said else None


def _is_beside(folder: Path, said: Mapping[str, Any]) -> bool:
    return "tables" not in said and not any((folder / name).exists() for name in (MANIFEST_HASH, LOG, APPROVALS))


def _root(folder: Path) -> Iterator[Finding]:
    """The manifest against its hash."""
    path, expected = folder / MANIFEST_HASH, hash_line_of(folder)
    found = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else "no such file"
    if found != expected:
        yield Finding(MANIFEST_HASH, expected.strip(), found.strip())


def _within(said: Mapping[str, Any]) -> Iterator[Finding]:
    """What the manifest says twice must be the same."""
    files, tables = said["files"], said["tables"]
    twice = {f"tables/{name}.parquet": fact["sha256"] for name, fact in tables.items()}
    twice |= {f"pack/{name}": sha256 for name, sha256 in said["documents"].items()}
    twice |= {fact["file"]: fact["sha256"] for fact in said["layers"]}
    for name, sha256 in twice.items():
        if files.get(name) != sha256:
            yield Finding(MANIFEST, f"{name} with the hash {sha256}", str(files.get(name, "no such file")))
    outcome = hash_value({name: fact["sha256"] for name, fact in tables.items()})
    if said["output_hash"] != outcome:
        yield Finding(MANIFEST, f"output_hash {outcome}", str(said["output_hash"]))


def _files(folder: Path, recorded: Mapping[str, str]) -> Iterator[Finding]:
    """Every file against its hash; what is missing, and what was added."""
    there = {path.relative_to(folder).as_posix(): path for path in found_files(folder)}
    for name, sha256 in recorded.items():
        if name not in there:
            yield Finding(name, sha256, "no such file")
        elif there[name].is_symlink():
            yield Finding(name, sha256, "a link")
        elif (found := hash_file(there[name])) != sha256:
            yield Finding(name, sha256, found)
    for name in sorted(there.keys() - recorded.keys()):
        if name not in UNSEALED:
            yield Finding(name, "no such file", "a file that the run did not write")
        elif there[name].is_symlink():
            yield Finding(name, "a file", "a link")


def _chains(folder: Path, said: Mapping[str, Any]) -> Iterator[Finding]:
    if (folder / LOG).is_file():
        log = read_chain(folder / LOG)
        yield from _links(LOG, log)
        if log.broken_at is None and log.last != said["log"]["last_line_sha256"]:
            yield Finding(LOG, f"a last line with the hash {said['log']['last_line_sha256']}", log.last)
    yield from _links(APPROVALS, Approvals.read(folder).chain)


def _links(name: str, chain: Chain) -> Iterator[Finding]:
    if chain.broken_at is not None:
        yield Finding(f"{name}, line {chain.broken_at}", chain.expected, chain.found)


def _conservation(folder: Path, said: Mapping[str, Any], changed: set[str]) -> Iterator[Finding]:
    """Sums of the stored tables; those of a stopped run need not agree, and changed files are told already."""
    if said["status"] != "complete":
        return
    files = {name: f"tables/{name}.parquet" for name in named_tables() if name in said["tables"]}
    intact = {name: folder / file for name, file in files.items() if file not in changed}
    try:
        tables = {name: pd.read_parquet(path) for name, path in intact.items()}
    except (OSError, pa.ArrowException) as error:
        yield Finding("tables", "tables that can be read", type(error).__name__)
        return
    for number, (law, key, expected, found) in enumerate(breaches(tables)):
        if number == _MOST_BREACHES:
            return
        name = f"tables/{law.table}.parquet"
        yield Finding(name, f"{in_words(law, key, expected)}, as in {law.against}", in_words(law, key, found))
