"""Clearing the store: what no run that matters rests on goes, when no run is in progress.

A result stays for every run that somebody has reviewed or approved, superseded ones included, for every run that
was finished in the last days, and for a while after it was written. Run folders themselves are never touched.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from budget.audit.approval import Approvals, runs_in
from budget.audit.folder import Run
from budget.store import Store

_RECORD = "result.json"
_MAY_BE_WRITTEN = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """What one stage wrote, or what a killed run left behind.

    Attributes:
        stage: the stage; ``unfinished`` for what was left behind.
        folder: where it lies.
        bytes: how much it holds.
    """

    stage: str
    folder: Path
    bytes: int


@dataclass(frozen=True)
class Pruning:
    """What goes and what stays.

    Attributes:
        gone: entries that are taken out, or would be.
        kept: results that stay.
    """

    gone: tuple[Entry, ...]
    kept: tuple[Entry, ...]


def prune(out: Path, *, days: int, dry_run: bool, now: datetime | None = None) -> Pruning:
    """Take results out of the store of a folder of runs.

    Args:
        out: the folder of runs.
        days: results of this age, and results of runs of this age that are drafts, may go.
        dry_run: say what would go, and touch nothing.
        now: the moment that ages are counted from; this one when not given.

    Raises:
        StoreError: a run is in progress, so that nothing may go; a dry run says the same.
    """
    store = Store(out.resolve() / ".store")
    now = now or datetime.now(UTC)
    if not store.root.is_dir():
        return Pruning((), ())
    with store.alone():
        found = _sorted_out(store, out, now - timedelta(days=days), now)
        for entry in () if dry_run else found.gone:
            shutil.rmtree(entry.folder)
    return found


def _sorted_out(store: Store, out: Path, since: datetime, now: datetime) -> Pruning:
    needed = {
        store.folder(fact["stage"], fact["key"])
        for run in runs_in(out)
        if _matters(run, since)
        for fact in run.manifest["stages"]
    }
    gone = [_entry("unfinished", folder) for folder in _unfinished(store, out, now - _MAY_BE_WRITTEN)]
    kept: list[Entry] = []
    for record in sorted(store.root.glob(f"[!.]*/[!.]*/{_RECORD}")):
        folder = record.parent
        young = datetime.fromtimestamp(record.stat().st_mtime, UTC) >= since
        (kept if young or folder in needed else gone).append(_entry(folder.parent.name, folder))
    return Pruning(tuple(gone), tuple(kept))


def _matters(run: Run, since: datetime) -> bool:
    """Whether somebody has put a name to it, or it is young; approvals that were tampered with count too."""
    return Approvals.read(run.folder).state != "draft" or datetime.fromisoformat(run.manifest["finished_at"]) >= since


def _unfinished(store: Store, out: Path, before: datetime) -> Iterator[Path]:
    """Folders that a killed command was writing: they begin with a point, and become a result by being renamed.

    What is written beside runs (a settlement, a pack to share) does not use the store, so that only its age tells that
    nobody writes it.
    """
    yield from sorted(path for path in store.root.glob("[!.]*/.*") if path.is_dir())
    beside = (path for path in out.resolve().glob(".*.partial") if path.is_dir())
    yield from sorted(path for path in beside if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before)


def _entry(stage: str, folder: Path) -> Entry:
    return Entry(stage, folder, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))
