"""Runs through a real Prefect server: the same result as a direct run, and a record that holds no person."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from budget.stage import Given, Written
from flows import budget_flow, direct, orchestrated
from flows.failures import InternalError
from flows.pipeline import Pipeline, StoppedRun
from flows.request import Request
from flows.server import LocalServer, ServerError, configured_url, local_server
from tests.flows import fakes
from tests.flows.waived import WAIVER, waive

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect") / "runs" / ".prefect"


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[LocalServer]:
    with local_server(home) as started:
        started.wait_until_healthy()
        yield started


@pytest.fixture
def url(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PREFECT_API_URL", server.url)
    return server.url


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return fakes.locality(tmp_path / "testshire")


def run(config: Path, out: Path, pipeline: Pipeline | None = None) -> Run:
    return orchestrated.carry_out(Request(config, out=out), lambda: pipeline or fakes.pipeline())


def ask(url: str, what: str, **filters: Any) -> list[dict[str, Any]]:
    """The records of a kind, newest first."""
    answer = httpx.post(f"{url}/{what}/filter", json=filters)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def last_flow_run(url: str) -> dict[str, Any]:
    return ask(url, "flow_runs", sort="EXPECTED_START_TIME_DESC", limit=1)[0]


def tasks_of(url: str, flow_run: Mapping[str, Any], count: int) -> dict[str, str]:
    """State by name of task, when the server has recorded as many as there are."""
    deadline = time.monotonic() + 20
    while True:
        found = ask(url, "task_runs", flow_runs={"id": {"any_": [flow_run["id"]]}})
        states = {task["name"]: task["state_type"] for task in found}
        if len(states) >= count and not {"PENDING", "RUNNING"} & set(states.values()) or time.monotonic() > deadline:
            return states
        time.sleep(0.2)


def tables(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run.folder / "tables").iterdir())}


def test_gives_the_same_bytes_as_a_direct_run(config: Path, tmp_path: Path, url: str) -> None:
    through_prefect = run(config, tmp_path / "prefect")
    straight = direct.carry_out(Request(config, out=tmp_path / "direct"), fakes.pipeline())
    assert through_prefect.run_id == straight.run_id
    assert tables(through_prefect) == tables(straight)
    assert (through_prefect.manifest["driver"], straight.manifest["driver"]) == ("prefect", "direct")


def test_the_day_that_a_run_knows_travels_along(config: Path, tmp_path: Path, url: str) -> None:
    asked = Request(config, out=tmp_path / "runs", known_on=date(2025, 6, 26))
    assert orchestrated.carry_out(asked, fakes.pipeline).manifest["known_on"] == "2025-06-26"
    assert last_flow_run(url)["parameters"]["known_on"] == "2025-06-26"


def test_leaves_a_named_flow_run_a_task_a_stage_and_artifacts(config: Path, tmp_path: Path, url: str) -> None:
    done = run(config, tmp_path)
    flow_run = last_flow_run(url)
    assert (flow_run["name"], flow_run["state_type"]) == (done.run_id, "COMPLETED")
    assert flow_run["parameters"]["config"] == str(config)
    assert tasks_of(url, flow_run, 3) == {"intake": "COMPLETED", "ledger": "COMPLETED", "publish": "COMPLETED"}
    artifacts = {item["key"]: item["data"] for item in ask(url, "artifacts") if item["flow_run_id"] == flow_run["id"]}
    assert {"gate-intake", "gate-ledger", "gate-publish", "budget-summary", "progress", "link-report"} <= set(artifacts)
    assert artifacts["progress"] == 100
    assert str(tmp_path) not in artifacts["budget-summary"]
    assert "£60,600.00" in artifacts["budget-summary"]
    logged = [line["message"] for line in ask(url, "logs", logs={"flow_run_id": {"any_": [flow_run["id"]]}})]
    assert any("ledger" in message and "1 check" in message for message in logged)


def test_a_stopping_gate_fails_the_flow_run_in_its_own_words(config: Path, tmp_path: Path, url: str) -> None:
    stopping = fakes.pipeline({"ledger": (fakes.check("ledger", "failed"),)})
    with pytest.raises(StoppedRun) as stop:
        run(config, tmp_path, stopping)
    assert stop.value.run.status == "stopped"
    flow_run = last_flow_run(url)
    assert flow_run["state_type"] == "FAILED"
    assert "spend: amounts are whole pence [T01, 3 rows]" in flow_run["state"]["message"]
    assert tasks_of(url, flow_run, 2) == {"intake": "COMPLETED", "ledger": "FAILED"}
    keys = {item["key"] for item in ask(url, "artifacts") if item["flow_run_id"] == flow_run["id"]}
    assert "gate-ledger" in keys and "budget-summary" not in keys


def test_warnings_are_waived_and_stop_an_annual_run_as_in_a_direct_run(config: Path, tmp_path: Path, url: str) -> None:
    warned = fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "warn"),)})
    waive(config, WAIVER, purpose="annual")
    through_prefect = run(config, tmp_path / "prefect", warned)
    straight = direct.carry_out(Request(config, out=tmp_path / "direct"), warned)
    assert through_prefect.run_id == straight.run_id
    assert tables(through_prefect) == tables(straight)
    assert through_prefect.manifest["checks"]["waived"] == 1
    waive(config, purpose="annual")
    with pytest.raises(StoppedRun) as stop:
        run(config, tmp_path / "prefect", warned)
    assert [failure.severity for failure in stop.value.failures] == ["warn"]
    assert stop.value.run.status == "stopped"


def test_reading_is_tried_again_when_a_share_is_away_for_a_moment(config: Path, tmp_path: Path, url: str) -> None:
    calls: list[int] = []

    def read(given: Given) -> Written:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the share is away")
        return fakes.INTAKE.run(given)

    assert run(config, tmp_path, fakes.pipeline(intake=fakes.stage_of(read))).status == "complete"
    assert len(calls) == 2


def test_a_killed_flow_goes_on_from_the_store(config: Path, tmp_path: Path, url: str) -> None:
    code = (
        "from dataclasses import replace; from pathlib import Path; from tests.flows import fakes;"
        "from flows import orchestrated; from flows.pipeline import Pipeline; from flows.request import Request;"
        "made = fakes.pipeline();"
        "stages = (made.stages[0], replace(made.stages[1], run=fakes.die), made.stages[2]);"
        f"asked = Request(Path({str(config)!r}), out=Path({str(tmp_path / 'runs')!r}));"
        "orchestrated.carry_out(asked, lambda: Pipeline(stages, made.gate, made.needed))"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert last_flow_run(url)["state_type"] == "RUNNING"
    assert not list((tmp_path / "runs").glob("[!.]*"))
    done = run(config, tmp_path / "runs")
    assert [stage["reused"] for stage in done.manifest["stages"]] == [True, False, False]
    assert last_flow_run(url)["state_type"] == "COMPLETED"


def test_our_warnings_reach_the_server(config: Path, tmp_path: Path, url: str) -> None:
    def read(given: Given) -> Written:
        logging.getLogger("budget.intake").warning("one table is two years old")
        return fakes.INTAKE.run(given)

    run(config, tmp_path, fakes.pipeline(intake=fakes.stage_of(read)))
    logged = ask(url, "logs", logs={"flow_run_id": {"any_": [last_flow_run(url)["id"]]}})
    assert [line["message"] for line in logged if line["name"] == "budget.intake"] == ["one table is two years old"]
    assert not logging.getLogger("budget").handlers


def test_nor_does_one_of_publishing(
    config: Path, tmp_path: Path, url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_flow, "settle", lambda *_, **__: fakes.stumble(None))
    with pytest.raises(InternalError, match=r"publish: internal error \(ValueError\)"):
        run(config, tmp_path)
    kept = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert fakes.PERSON.encode() not in kept


def test_an_internal_error_reaches_the_server_without_its_message(
    config: Path, tmp_path: Path, url: str, home: Path
) -> None:
    with pytest.raises(InternalError, match=r"intake: internal error \(ValueError\)"):
        run(config, tmp_path, fakes.pipeline(intake=fakes.stage_of(fakes.stumble)))
    assert "internal error" in last_flow_run(url)["state"]["message"]
    kept = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert b"internal error" in kept
    assert fakes.PERSON.encode() not in kept


class TestTheLocalServer:
    """The one that a command starts where none is configured."""

    @pytest.fixture(autouse=True)
    def _none_configured(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
        monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "no-profiles"))

    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch) -> list[LocalServer]:
        """The servers that runs start."""
        servers: list[LocalServer] = []
        monkeypatch.setattr(orchestrated, "local_server", partial(_noted, servers))
        return servers

    def test_lives_as_long_as_the_run_and_keeps_its_history(
        self, config: Path, tmp_path: Path, started: list[LocalServer]
    ) -> None:
        assert run(config, tmp_path / "runs").status == "complete"
        assert [server.process.poll() is not None for server in started] == [True]
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{started[0].url}/health")
        with local_server(tmp_path / "runs" / ".prefect") as again:
            again.wait_until_healthy()
            assert [found["state_type"] for found in ask(again.url, "flow_runs")] == ["COMPLETED"]

    def test_goes_at_once_when_the_request_is_wrong(
        self, config: Path, tmp_path: Path, started: list[LocalServer]
    ) -> None:
        began = time.monotonic()
        with pytest.raises(ConfigurationError, match="fat"):
            orchestrated.carry_out(Request(config, ("fat",), out=tmp_path / "runs"), fakes.pipeline)
        assert time.monotonic() - began < 5
        assert started[0].process.poll() is not None

    def test_goes_when_the_command_is_killed(self, tmp_path: Path) -> None:
        code = (
            "import sys, time; from pathlib import Path; from flows.server import start;"
            f"print(start(Path({str(tmp_path / 'home')!r})).process.pid, flush=True); time.sleep(60)"
        )
        command = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert command.stdout is not None
        server = int(command.stdout.readline())
        assert _lives(server)
        time.sleep(1)  # until the server listens to its standard input
        command.send_signal(signal.SIGKILL)
        command.wait()
        command.stdout.close()
        assert _within(15, lambda: not _lives(server))

    def test_that_cannot_start_shows_the_end_of_its_log(self, tmp_path: Path) -> None:
        with local_server(tmp_path / "home") as server:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.log.write_text("address already in use\n")
            with pytest.raises(ServerError, match="(?s)ended with status.*address already in use.*--direct"):
                server.wait_until_healthy()


def test_a_server_of_the_environment_goes_before_one_of_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profiles.toml").write_text(
        'active = "shared"\n[profiles.shared]\nPREFECT_API_URL = "http://profile/api"\n'
    )
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_API_URL", "http://environment/api")
    assert configured_url() == "http://environment/api"
    monkeypatch.delenv("PREFECT_API_URL")
    assert configured_url() == "http://profile/api"
    monkeypatch.setenv("PREFECT_PROFILE", "other")
    assert configured_url() is None


@contextmanager
def _noted(started: list[LocalServer], home: Path) -> Iterator[LocalServer]:
    with local_server(home) as server:
        started.append(server)
        yield server


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()
