"""A helper process that answers one JSON line with another, so that a slow import happens on another core.

The parent starts it, goes on with its own work, and asks when it needs an answer. The process ends when its
input does: with its parent, however that ends.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from budget.kernel.errors import CapitationError

_ROOT = Path(__file__).parents[2]
Answer = dict[str, Any]


class Worker:
    """A running helper process; answers come in the order of the questions.

    Args:
        module: what the process runs; its ``main`` calls `serve`.
    """

    def __init__(self, module: str) -> None:
        path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if part)
        self._module = module
        self._asked: deque[Future[Answer]] = deque()
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # an interrupt at the terminal is the parent's to answer
        )
        threading.Thread(target=self._listen, name=module, daemon=True).start()
        atexit.register(self.stop)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def submit(self, request: Mapping[str, Any]) -> Future[Answer]:
        """Send a request and go on; the future holds its answer."""
        future: Future[Answer] = Future()
        with self._lock:
            self._asked.append(future)
            try:
                self._pipe().write(json.dumps(request, default=_plain) + "\n")
                self._pipe().flush()
            except (BrokenPipeError, ValueError):
                self._fail_all()
        return future

    def ask(self, request: Mapping[str, Any]) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            CapitationError: the process has ended.
        """
        return self.submit(request).result()

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()

    def _listen(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._asked.popleft().set_result(json.loads(line))
        self._process.wait()
        self._fail_all()

    def _fail_all(self) -> None:
        while self._asked:
            self._asked.popleft().set_exception(
                CapitationError(f"the helper process {self._module} ended before it answered.")
            )

    def _pipe(self) -> Any:
        return self._process.stdin


_RUNNING: dict[str, Worker] = {}
_STARTING = threading.Lock()


def worker(module: str) -> Worker:
    """The one helper process of a module: started on first use, and again if it has ended."""
    with _STARTING:
        if module not in _RUNNING or not _RUNNING[module].alive:
            _RUNNING[module] = Worker(module)
        return _RUNNING[module]


def serve(answer: Callable[[Answer], Answer], prepare: Callable[[], None]) -> None:
    """What a helper process does: prepare once, then answer every request until its input ends.

    Args:
        answer: request to answer; what it raises is answered with the kind of error alone.
        prepare: the slow imports.
    """
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not look like an answer
    prepare()
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # the parent decides what to do; this process lives on
            reply = {"error": type(error).__name__}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _plain(value: object) -> float | str:
    """Decimals and whole numbers of other libraries as JSON numbers, the rest as text."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
