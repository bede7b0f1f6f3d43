"""What was started from the page and takes a while: one after the other, each a process that can be watched."""

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
from typing import Any, Literal, TypeVar

State = Literal["waiting", "running", "complete", "stopped", "failed", "ended"]
Started = TypeVar("Started", bound="Job")
Command = Callable[[Path, Path], Sequence[str]]
"""The words of a rerun of a run with a scenario."""
Explain = Callable[[Path, Path, Path], Sequence[str]]
"""The words that write a page of why two runs differ."""

OVER: frozenset[State] = frozenset({"complete", "stopped", "failed", "ended"})

_STATES: dict[int, State] = {0: "complete", 1: "stopped"}
"""By exit status; any other has failed."""


@dataclass(kw_only=True)
class Job:
    """One process that is watched.

    Attributes:
        words: of its command.
        id: cannot be guessed.
        state: where it is.
        lines: what it has said so far.
        run_id: the new run, once there is one.
        message: why it did not complete.
    """

    words: Sequence[str]
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: State = "waiting"
    lines: list[str] = field(default_factory=list)
    run_id: str = ""
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER


@dataclass
class Rerun(Job):
    """One rerun.

    Attributes:
        run: folder of the run that is made again.
        scenario: file that is laid over it.
    """

    run: Path
    scenario: Path


@dataclass
class Why(Job):
    """The causes of the difference of two runs.

    Attributes:
        before: folder of the first run.
        after: folder of the second one.
        page: the answer, once it is complete.
    """

    before: Path
    after: Path
    page: Path


class Reruns:
    """Carries reruns and comparisons out, one at a time: each takes the memory of a whole run.

    Args:
        command: the words that start a rerun.
        explain: the words that start a comparison.
    """

    def __init__(self, command: Command | None = None, explain: Explain | None = None) -> None:
        self._command, self._explain = command or _rerun, explain or _compare
        self._by_id: dict[str, Job] = {}
        self._pages = tempfile.TemporaryDirectory(prefix="capitation-pages-")
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rerun")

    def start(self, run: Path, scenario: Path) -> Rerun:
        """Ask for a rerun; it waits for those before it."""
        return self._started(Rerun(run, scenario, words=self._command(run, scenario)))

    def explain(self, before: Path, after: Path) -> Why:
        """Ask why two runs differ; it waits for those before it."""
        page = Path(self._pages.name) / f"{secrets.token_hex(16)}.html"
        return self._started(Why(before, after, page, words=self._explain(before, after, page)))

    def _started(self, job: Started) -> Started:
        with self._lock:
            self._by_id[job.id] = job
        self._worker.submit(self._carry_out, job)
        return job

    def find(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self._lock:
            return self._by_id.get(job_id)

    def end(self, job: Job) -> None:
        """End a job that is not over; what it had computed stays in the store."""
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
        self._pages.cleanup()

    def _carry_out(self, job: Job) -> None:
        try:
            self._run(job)
        except Exception as error:  # nobody asks the executor; a page that waits must hear of it
            with self._lock:
                self._processes.pop(job.id, None)
                if not job.over:
                    job.state, job.message = "failed", f"It could not be carried out ({type(error).__name__})."

    def _run(self, job: Job) -> None:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            with self._lock:
                if job.over:
                    return
                job.state = "running"
                process = subprocess.Popen(
                    job.words, stdout=said, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
                )
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


def _settle(job: Job, status: int, answer: str) -> None:
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


def _compare(before: Path, after: Path, page: Path) -> Sequence[str]:
    return (sys.executable, "-m", "flows.cli", "compare", str(before), str(after), "--out", str(page), "--json")
