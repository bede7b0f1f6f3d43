"""A Prefect server with deployments, a worker and somebody who is notified, started as the scheduler's guide says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from flows.server import LocalServer
from tests.support.postgres import free_port

ROOT = Path(__file__).parents[2]
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
_SECONDS = 180


@dataclass(frozen=True)
class Schedule:
    """What was started.

    Attributes:
        url: the server's API.
        runs: the folder of runs.
        told: texts of notifications, as they come in.
    """

    url: str
    runs: Path
    told: list[str] = field(default_factory=list)

    def ask(self, what: str, **filters: Any) -> list[dict[str, Any]]:
        """The records of a kind."""
        found: list[dict[str, Any]] = self._post(f"{what}/filter", filters)
        return found

    def deployment(self, name: str) -> dict[str, Any]:
        """A deployment by its name."""
        return next(one for one in self.ask("deployments") if one["name"] == name)

    def start(self, name: str, **parameters: Any) -> str:
        """Start a deployment with parameters; the flow run's identifier."""
        made = self._post(f"deployments/{self.deployment(name)['id']}/create_flow_run", {"parameters": parameters})
        return str(made["id"])

    def answer(self, flow_run: str, name: str) -> None:
        """Say a person's word to a flow run that waits."""
        said = {"run_input": {"name": name, "role": "Finance"}}
        assert self._post(f"flow_runs/{flow_run}/resume", said)["status"] == "ACCEPT"

    def emit(self, event: Mapping[str, Any]) -> None:
        """Send an event as a flow run would."""
        self._post("events", [{"occurred": datetime.now(UTC).isoformat(), "id": str(uuid4()), **event}])

    def state(self, flow_run: str, *wanted: str) -> dict[str, Any]:
        """The state of a flow run, once its kind is one of those wanted, or it has ended."""
        within(lambda: self.read(flow_run)["state_type"] in (*ENDED, *wanted), "in a state that was asked for")
        state: dict[str, Any] = self.read(flow_run)["state"]
        return state

    def read(self, flow_run: str) -> dict[str, Any]:
        """What the server knows of a flow run."""
        return next(iter(self.ask("flow_runs", flow_runs={"id": {"any_": [flow_run]}})))

    def _post(self, path: str, content: Mapping[str, Any]) -> Any:
        answers: list[httpx.Response] = []

        def heard() -> bool:
            # a server that is busy writing says so, and has written nothing
            answers.append(httpx.post(f"{self.url}/{path}", json=content, timeout=90, trust_env=False))
            return answers[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE

        within(heard, "answered")
        answers[-1].raise_for_status()
        return answers[-1].json() if answers[-1].content else None


@contextmanager
def scheduled(home: Path, runs: Path, database: str | None) -> Iterator[Schedule]:
    """Start all of it, and stop it when the block ends.

    Args:
        home: folder of the server and of logs.
        runs: the folder of runs.
        database: address of the database; SQLite in the server's folder when not given.
    """
    port, told = free_port(), list[str]()
    url = f"http://127.0.0.1:{port}/api"
    environment = {**os.environ, "PREFECT_API_URL": url, "PREFECT_HOME": str(home / "client"), "DO_NOT_TRACK": "1"}
    environment |= {"CAPITATION_RUNS": str(runs), "NO_PROXY": "127.0.0.1", "PREFECT_WORKER_QUERY_SECONDS": "1"}
    if database:
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
    capitation = [sys.executable, "-m", "flows.cli"]
    with ExitStack() as started:
        listener = started.enter_context(_listener(told))
        words = [*capitation, "server", "--home", str(home / "server"), "--port", str(port)]
        server = started.enter_context(_process(words, environment, home / "server.log"))
        LocalServer(url, server, home / "server.log").wait_until_healthy(_SECONDS)
        deploy = [*capitation, "deploy", "--notify", listener]
        subprocess.run(deploy, env=environment, cwd=ROOT, check=True, capture_output=True, timeout=_SECONDS)
        words = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "capitation"]
        started.enter_context(_process(words, environment, home / "worker.log"))
        yield Schedule(url, runs, told)


def within(holds: Callable[[], bool], what: str, seconds: float = _SECONDS) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it does not in time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it is not {what} after {seconds:.0f} s")
        time.sleep(0.6)


@contextmanager
def _process(words: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, kind)
                process.wait(15)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


@contextmanager
def _listener(told: list[str]) -> Iterator[str]:
    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
