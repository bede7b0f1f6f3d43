"""Whole runs in processes of their own, which die at a chosen moment or find no room to write.

The processes are forked from a server that has imported everything, so that each takes no longer than what it computes.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn

from budget import runner
from budget.audit import folder as run_folder
from budget.audit.folder import Run
from budget.bundle import prepare
from budget.kernel.errors import StoreError
from budget.pipeline import STAGES, needed_assumptions
from budget.store import Store
from flows import direct
from flows.pipeline import Pipeline
from tests.support.runs import EXAMPLE_A, LenientGate

Moment = Literal["written", "stored", "filling", "sealed"]
"""A stage's tables are written and not yet moved into the store; moved, and its gate's word is not; the run folder is
half written; whole, and not yet moved into place."""

STORE_ERROR = 17
_SECONDS = 60


def run(out: Path, moment: Moment | None = None, stage: str = "", room: int | None = None) -> Run:
    """Run worked example A in this process.

    Args:
        out: where its folder goes.
        moment: when the process is killed; never when not given.
        stage: which stage it is doing then.
        room: the most bytes that a file may have.
    """
    if moment:
        _die_at(moment, stage)
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    bundle = prepare(EXAMPLE_A, needed=needed_assumptions(), out=out)
    return direct.run_stages(bundle, Pipeline(STAGES, LenientGate(), needed_assumptions()))


def processes(count: int, **asked: Any) -> list[int | None]:
    """Run so many processes at once, each as ``run`` is asked to; their exit codes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "statsmodels.api", "xlsxwriter", "altair"])
    started = [context.Process(target=_in_process, args=(asked,)) for _ in range(count)]
    for process in started:
        process.start()
    for process in started:
        process.join(_SECONDS)
    return [process.exitcode for process in started]


def said_by(out: Path) -> Path:
    """Where a process writes the error that it ends with."""
    return out.with_name(f"{out.name}-said.txt")


def _in_process(asked: Mapping[str, Any]) -> None:
    try:
        run(**asked)
    except StoreError as error:
        said_by(asked["out"]).write_text(str(error))
        os._exit(STORE_ERROR)


def _die_at(moment: Moment, stage: str) -> None:
    """Let this process be killed at a moment; it stays so, since it does nothing after."""
    if moment == "written":
        kept = runner.record_result
        runner.record_result = lambda folder, rows: _die() if folder.parent.name == stage else kept(folder, rows)
    elif moment == "stored":
        keep = Store.keep_verdict
        Store.keep_verdict = lambda self, name, *said: _die() if name == stage else keep(self, name, *said)  # type: ignore[method-assign]
    else:
        name = "_copy_documents" if moment == "filling" else "_swap"
        setattr(run_folder, name, lambda *_: _die())


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives that")
