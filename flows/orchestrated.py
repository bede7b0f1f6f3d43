"""Runs through Prefect from the command line: finds or starts the server, then calls the flow."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from budget.audit.folder import Run
from flows.pipeline import Pipeline, Report, silent
from flows.request import Request
from flows.server import configured_url, local_server, quiet_settings

Client = Callable[[], AbstractContextManager[None]]
"""Opens Prefect's client on a server."""

_SECONDS_TO_SEND = 10.0


def carry_out(request: Request, pipeline: Callable[[], Pipeline] = Pipeline.of, *, report: Report = silent) -> Run:
    """Run a request as a flow run, on the configured server or on one that lives as long as the run.

    While a local server starts, the gates warm up and the request is resolved, so that a mistake in the request is
    told at once and nobody waits for one thing after another.

    Raises:
        StoppedRun: a gate stopped the run.
        ConfigurationError: the request cannot be resolved.
        ServerError: the local server did not start.
    """
    with server_of(request.out) as client:
        wired = pipeline()
        request.bundle(wired.needed)
        with client():
            from flows import budget_flow

            return budget_flow.carry_out(request, report=report, pipeline=lambda: wired)


@contextmanager
def server_of(out: Path) -> Iterator[Client]:
    """The server that is configured, or one that starts now and lives as long as the block.

    Args:
        out: folder of runs; a server of our own keeps its database and log under it.

    Yields:
        What opens Prefect's client on it, and waits for the server first; what is done before costs no time.
    """
    if configured_url():
        yield lambda: _client({}, lambda: None)
        return
    home = out / ".prefect"
    with local_server(home) as server:
        no_proxy = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1")))
        settings = {"PREFECT_API_URL": server.url, "PREFECT_HOME": str(home.resolve()), "NO_PROXY": no_proxy}
        yield lambda: _client(settings, server.wait_until_healthy)


@contextmanager
def _client(settings: dict[str, str], wait: Callable[[], None]) -> Iterator[None]:
    with _environment(settings | quiet_settings() | _silent_console()):
        from prefect.context import SettingsContext, get_settings_context
        from prefect.settings import Settings

        importlib.import_module("flows.budget_flow")  # most of Prefect, while the server starts
        wait()
        # Prefect reads its settings once a process; a second run in one process needs those of its own server
        with SettingsContext(profile=get_settings_context().profile, settings=Settings()):
            try:
                yield
            finally:
                _send_what_is_left()


def _silent_console() -> dict[str, str]:
    """On the terminal the command speaks for itself; the server hears everything."""
    return {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


def _send_what_is_left() -> None:
    """Logs and states of tasks travel in the background; they must be there before a local server goes."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    APILogHandler().flush()
    EventsWorker.drain_all(timeout=_SECONDS_TO_SEND)


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
