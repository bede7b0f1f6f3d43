"""Where the gates meet Great Expectations: one worker process for as long as this one lives."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from budget.kernel.errors import CapitationError
from expectations.evidence import Measure
from expectations.verdict import Verdict

_PATIENCE_SECONDS = 10


class Worker:
    """A running worker; started at once, ready when Great Expectations is imported there."""

    def __init__(self) -> None:
        root = str(Path(__file__).parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        environment = os.environ | {"PYTHONPATH": path, "GX_ANALYTICS_ENABLED": "false"}
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "expectations.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        atexit.register(self.stop)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises:
            CapitationError: the worker has ended.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise CapitationError("the gates' worker process has no pipes.")
        with self._lock:
            try:
                self._process.stdin.write(json.dumps(request, default=_plain) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except BrokenPipeError:
                line = ""
        if not line:
            raise CapitationError(
                "the gates' worker process (Great Expectations) ended before it answered; no gate was passed."
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process; it ends by itself when its input does."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def warm_up() -> None:
    """Start the worker, so that Great Expectations is imported there while the run computes here."""
    _worker()


def validate(
    gate: str,
    expectations: Iterable[Mapping[str, Any]],
    row: Mapping[str, Measure],
    parameters: Mapping[str, float],
) -> dict[tuple[str, str], Verdict]:
    """Have one row of measures judged; arguments and result as in `expectations.validation.validate`.

    Raises:
        CapitationError: Great Expectations could not judge.
    """
    answer = _worker().ask(
        {"gate": gate, "expectations": list(expectations), "row": dict(row), "parameters": dict(parameters)}
    )
    if "error" in answer:
        raise CapitationError(f"the {gate} gate could not be judged: Great Expectations raised {answer['error']}.")
    return {(check, table): Verdict(met, raised) for check, table, met, raised in answer["verdicts"]}


def _worker() -> Worker:
    worker = _started()
    if not worker.alive:
        _started.cache_clear()
        worker = _started()
    return worker


@cache
def _started() -> Worker:
    return Worker()


def _plain(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)
