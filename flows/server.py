"""A Prefect server for the length of one run, where none is configured.

The server lives on loopback with SQLite in a folder of ours, so the history of runs stays. It watches
its standard input: when the command ends, however it ends, the pipe closes and the server goes.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from budget.kernel.errors import CapitationError, ConfigurationError

logger = logging.getLogger(__name__)

_SECONDS_TO_START = 180.0
# it may be preparing its database, which must not be cut short
_SECONDS_TO_STOP = 15.0
_LINES_OF_LOG = 15
_UNUSED_SERVICES = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "EVENT_LOGGER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)


_PATIENCE = "60"
"""Seconds that a standing server waits for its database."""

_DATABASE = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
_PLANNED_AHEAD = "P400D"


class ServerError(CapitationError):
    """The local Prefect server did not start."""


@dataclass(frozen=True)
class LocalServer:
    """A server that is starting or running.

    Attributes:
        url: address of its API.
        process: the server, leader of its own process group.
        log: what it printed.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until_healthy(self, timeout: float = _SECONDS_TO_START) -> None:
        """Wait until the API answers.

        Raises:
            ServerError: the server ended or did not answer in time; the message shows the tail of its log.
        """
        deadline = time.monotonic() + timeout
        while not _answers(self.url):
            if self.process.poll() is not None:
                raise ServerError(
                    f"The local Prefect server ended with status {self.process.returncode}.\n{self._tail()}"
                )
            if time.monotonic() > deadline:
                raise ServerError(f"The local Prefect server did not answer within {timeout:.0f} s.\n{self._tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the server and whatever it has started: kindly first, then for good."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(self.process.pid, kind)
            try:
                self.process.wait(_SECONDS_TO_STOP)
                break
            except subprocess.TimeoutExpired:
                logger.warning("the local Prefect server does not end by itself")
        if self.process.stdin:
            self.process.stdin.close()

    def _tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return (
            "\n".join(f"  {line}" for line in lines[-_LINES_OF_LOG:])
            + f"\n  log: {self.log}\n  or run with --direct, without Prefect"
        )


def configured_url() -> str | None:
    """The API of the server that the environment or the active Prefect profile names, if one does.

    Raises:
        ConfigurationError: the profiles file is not TOML.
    """
    if os.environ.get("PREFECT_API_URL"):
        return os.environ["PREFECT_API_URL"]
    file = Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect")) / "profiles.toml"
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: not valid TOML ({error}).") from None
    active = os.environ.get("PREFECT_PROFILE", said.get("active"))
    url: str | None = said.get("profiles", {}).get(active, {}).get("PREFECT_API_URL")
    return url


@contextmanager
def local_server(home: Path) -> Iterator[LocalServer]:
    """Start a server, and stop it when the block ends; wait for it inside the block.

    Args:
        home: folder of its database and log; kept from run to run.
    """
    server = start(home)
    try:
        yield server
    finally:
        server.stop()


def start(home: Path) -> LocalServer:
    """Start a server on a free port of the loopback without waiting for it."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.server_process"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | server_settings(home, port),
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
    return LocalServer(url, process, log)


def server_settings(home: Path, port: int) -> dict[str, str]:
    """Settings of a server that records one run and does nothing else."""
    settings = {
        "PREFECT_API_DATABASE_CONNECTION_URL": _sqlite(home),
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    }
    unused = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _UNUSED_SERVICES}
    return _common_settings(home, port) | settings | unused


def standing_settings(home: Path, port: int) -> dict[str, str]:
    """Settings of a server of schedules: on the loopback, with pages, in SQLite unless another database is named.

    Args:
        home: folder of its SQLite database and settings.
        port: port on 127.0.0.1.
    """
    named = next(filter(None, (os.environ.get(name) for name in _DATABASE)), _sqlite(home))
    settings = {
        "PREFECT_API_DATABASE_CONNECTION_URL": named,
        # SQLite takes one writer at a time: the others wait, and are not turned away after ten seconds
        "PREFECT_SERVER_DATABASE_TIMEOUT": _PATIENCE,
        # an annual run would otherwise be planned and shown no sooner than 100 days before
        "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": _PLANNED_AHEAD,
    }
    return _common_settings(home, port) | settings


def _common_settings(home: Path, port: int) -> dict[str, str]:
    # the port as a setting, not as an option: links that the server gives out would otherwise name another
    settings = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }
    return settings | quiet_settings()


def _sqlite(home: Path) -> str:
    return f"sqlite+aiosqlite:///{home / 'prefect.db'}"


def quiet_settings() -> dict[str, str]:
    """No telemetry, from server or client."""
    return {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    # a proxy of the environment has no business on the loopback
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/health", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _signal_group(leader: int, kind: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, kind)
