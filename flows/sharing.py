"""Sharing a run: the pack is made, its gate is asked, and only then is anything written where someone may take it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.kernel.errors import ConfigurationError, RunStopped, StoreError

if TYPE_CHECKING:
    from budget.audit.folder import Run
    from budget.disclosure.pack import Pack
    from budget.kernel.checks import CheckResult

GATE = "share"
SHAREABLE, INTERNAL = "shareable", "internal"
_AUDIT = "disclosure_audit"


@dataclass(frozen=True)
class Sharing:
    """What was shared, and where it lies."""

    run_id: str
    folder: Path
    pack: Pack

    def lines(self) -> Iterator[str]:
        """What was done, for people."""
        yield f"{self.run_id}: tables that may be shared are in {self.folder / SHAREABLE}"
        yield f"The evidence stays inside: {self.folder / INTERNAL}"
        yield ""
        yield f"  {'':<24} {'cells':>8} {'hidden':>8} {'beside':>8}"
        for name, cells, hidden, beside in self.counts():
            yield f"  {name:<24} {cells:>8,} {hidden:>8,} {beside:>8,}"
        yield ""
        yield "hidden: of few people, or mostly one person's cost; beside: hidden so that those cannot be worked out."

    def counts(self) -> Iterator[tuple[str, int, int, int]]:
        """Cells by measure: all, hidden for their own sake, hidden beside them."""
        from budget.disclosure.audit import summary

        return summary(self.pack.audited)

    def facts(self) -> dict[str, Any]:
        """The same for scripts."""
        names = ("measure", "cells", "hidden", "beside")
        return {
            "status": "complete",
            "run_id": self.run_id,
            "shareable": str(self.folder / SHAREABLE),
            "internal": str(self.folder / INTERNAL),
            "tables": [table.name for table, _ in self.pack.tables],
            "cells": [dict(zip(names, row, strict=True)) for row in self.counts()],
        }


def share(run_folder: Path, out: Path) -> Sharing:
    """Write the shareable pack of a run, if its gate lets it pass.

    Args:
        run_folder: the run.
        out: a folder that is not there yet; it gets ``shareable/`` for others and ``internal/`` for us.

    Raises:
        RunStopped: a reader of the tables could work out what is hidden; nothing is written.
        ConfigurationError: the run or its locality cannot be read, or the folder is there already.
    """
    from budget.audit.folder import Run
    from budget.disclosure.pack import make_pack

    if out.exists():
        raise ConfigurationError(f"--out {out}: this is there already; name a folder that is not.")
    run = Run.open(run_folder).complete().intact()
    paths = {path.stem: path for path in sorted((run.folder / "tables").glob("*.parquet"))}
    pack = make_pack(paths)
    temporary = out.with_name(f".{out.name}-{uuid.uuid4().hex[:8]}.partial")
    try:
        _write(pack, run, temporary)
        temporary.rename(out)
    except OSError as error:
        raise StoreError(f"{temporary}: the pack could not be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Sharing(run.run_id, out, pack)


def _write(pack: Pack, run: Run, folder: Path) -> None:
    from budget.disclosure.pack import Identity, write_pack
    from budget.runner import write_frame
    from budget.store import write_json

    said = run.manifest
    inside, outside = folder / INTERNAL, folder / SHAREABLE
    folder.mkdir(parents=True, mode=0o700)
    inside.mkdir(mode=0o700)
    outside.mkdir()
    evidence = inside / f"{_AUDIT}.parquet"
    write_frame(_AUDIT, pack.audited, evidence)
    checks = _judge(evidence, Path(said["config"]))
    write_json(inside / "checks.json", [check.as_dict() for check in checks])
    identity = Identity(run.run_id, said["title"], said["notice"], date.fromisoformat(said["snapshot_date"]))
    write_pack(pack, identity, outside)


def _judge(evidence: Path, config: Path) -> tuple[CheckResult, ...]:
    """Ask the gate of what is shared, by the limits of the locality."""
    from budget.engine import DuckEngine
    from budget.plan import Plan
    from expectations.gate import GreatExpectationsGate

    tables = {_AUDIT: evidence}
    with DuckEngine(tables) as engine:
        checks = GreatExpectationsGate().judge(GATE, tables, engine, Plan.read(config))
    failures = tuple(check for check in checks if check.stops)
    if failures:
        raise RunStopped(GATE, failures, checks)
    return checks
