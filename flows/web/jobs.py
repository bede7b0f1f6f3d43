"""Reruns that were started from the page: one after the other, each a process of its own that can be watched."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

State = Literal["waiting", "running", "complete", "stopped", "failed", "ended"]
Command = Callable[[Path, Path], Sequence[str]]
"""The words of a rerun of a run with a scenario."""

OVER: frozenset[State] = frozenset({"complete", "stopped", "failed", "ended"})

_STATES: dict[int, State] = {0: "complete", 1: "stopped"}
"""By exit status; any other has failed."""


@dataclass
class Rerun:
    """One rerun.

    Attributes:
        id: cannot be guessed.
        run: folder of the run that is made again.
        scenario: file that is laid over it.
        state: where it is.
        lines: what it has said so far, a line a stage.
        run_id: the new run, once there is one.
        message: why it did not complete.
    """

    run: Path
    scenario: Path
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: State = "waiting"
    lines: list[str] = field(default_factory=list)
    run_id: str = ""
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER


class Reruns:
    """Carries reruns out, one at a time: each takes the memory of a whole run.

    Args:
        command: the words that start one.
    """

    def __init__(self, command: Command | None = None) -> None:
        self._command = command or _rerun
        self._by_id: dict[str, Rerun] = {}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rerun")

    def start(self, run: Path, scenario: Path) -> Rerun:
        """Ask for a rerun; it waits for those before it."""
        job = Rerun(run, scenario)
        with self._lock:
            self._by_id[job.id] = job
        self._worker.submit(self._carry_out, job)
        return job

    def find(self, job_id: str) -> Rerun | None:
        """A rerun by its id."""
        with self._lock:
            return self._by_id.get(job_id)

    def end(self, job: Rerun) -> None:
        """End a rerun that is not over; what it had computed stays in the store."""
        with self._lock:
            if job.over:
                return
            job.state, job.message = "ended", "It was ended from this page; what it had computed is kept."
            process = self._processes.get(job.id)
        if process is not None:
            process.terminate()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            jobs = list(self._by_id.values())
        for job in jobs:
            self.end(job)
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _carry_out(self, job: Rerun) -> None:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            with self._lock:
                if job.over:
                    return
                job.state = "running"
                words = self._command(job.run, job.scenario)
                process = subprocess.Popen(words, stdout=said, stderr=subprocess.PIPE, text=True, encoding="utf-8")
                self._processes[job.id] = process
            with process:
                job.lines.extend(line.rstrip() for line in process.stderr or ())
            status = process.returncode
            said.seek(0)
            answer = said.read()
        with self._lock:
            del self._processes[job.id]
            if not job.over:
                _settle(job, status, answer)


def _settle(job: Rerun, status: int, answer: str) -> None:
    """Take what the command answered."""
    facts = _facts(answer)
    job.run_id = Path(facts["run"]).name if "run" in facts else ""
    if status:
        failures = [f"{check['rule']} [{check['check_id']}]" for check in facts.get("failures", ())]
        job.message = "; ".join(failures) or str(facts.get("message", "It ended without an answer."))
    job.state = _STATES.get(status, "failed")


def _facts(answer: str) -> dict[str, Any]:
    try:
        facts = json.loads(answer)
    except json.JSONDecodeError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _rerun(run: Path, scenario: Path) -> Sequence[str]:
    return (sys.executable, "-m", "flows.cli", "rerun", str(run), "--scenario", str(scenario), "--direct", "--json")
