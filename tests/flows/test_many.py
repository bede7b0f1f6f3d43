"""Many localities in one flow run, on a real server: a task run each, not more at once than was asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.server import local_server

pytestmark = pytest.mark.flow

STAND_IN = """
import json, pathlib, sys, time
words = sys.argv[1:]
config, out = words[1], pathlib.Path(words[words.index("--out") + 1])
began = time.time()
time.sleep(0.5)
(out / f"{config}.json").write_text(json.dumps([began, time.time(), words]))
if config == "broken":
    print("943 476 5919 is no JSON")
    sys.exit(3)
status = "stopped" if config == "stopped" else "complete"
print(json.dumps({"status": status, "run": f"runs/{config}", "failures": ["943 476 5919"]}))
sys.exit(status == "stopped")
"""
"""What stands in for the command line: takes half a second, and says how it ended."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with local_server(tmp_path_factory.mktemp("prefect")) as server, pytest.MonkeyPatch.context() as patch:
        server.wait_until_healthy()
        patch.setenv("PREFECT_API_URL", server.url)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("home")))
        yield server.url


def run_many(configs: list[str], out: Path, monkeypatch: pytest.MonkeyPatch, at_a_time: int) -> list[dict[str, str]]:
    from prefect.context import SettingsContext, get_settings_context
    from prefect.settings import Settings

    from flows import many_flow

    monkeypatch.setattr(many_flow, "command_of", lambda: (sys.executable, "-c", STAND_IN))
    with SettingsContext(profile=get_settings_context().profile, settings=Settings()):
        return many_flow.many_flow(at_a_time)(configs, str(out))


def most_at_once(out: Path) -> int:
    times = [json.loads(path.read_text())[:2] for path in out.glob("*.json")]
    return max(sum(began <= at < ended for began, ended in times) for at, _ in times)


def records(url: str, what: str, **filters: Any) -> list[dict[str, Any]]:
    answer = httpx.post(f"{url}/{what}/filter", json=filters)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def test_every_locality_is_a_task_run_and_two_run_at_once(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = run_many(["north", "south", "east", "west"], tmp_path, monkeypatch, at_a_time=2)
    assert outcomes == [{"status": "complete", "run": f"runs/{name}"} for name in ("north", "south", "east", "west")]
    assert most_at_once(tmp_path) == 2
    assert {run["name"] for run in records(url, "task_runs")} >= {"north", "south", "east", "west"}
    words = json.loads((tmp_path / "north.json").read_text())[2]
    assert words[:3] == ["run", "north", "--direct"] and words[words.index("--engine") + 1] == "duckdb"


def test_one_that_fails_takes_no_other_with_it_and_the_flow_says_which(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.many_flow import SomeFailed

    with pytest.raises(SomeFailed, match="2 of 3 localities have no complete run: stopped, broken"):
        run_many(["stopped", "broken", "whole"], tmp_path, monkeypatch, at_a_time=1)
    assert most_at_once(tmp_path) == 1
    assert (tmp_path / "whole.json").is_file()
    told = json.dumps([records(url, "task_runs"), records(url, "flow_runs"), records(url, "logs")])
    assert "stopped, exit status 1; runs/stopped" in told and "943 476 5919" not in told


def test_a_server_has_to_stand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from flows import many_flow

    monkeypatch.setattr(many_flow, "configured_url", lambda: None)
    with pytest.raises(SystemExit, match="2"):
        many_flow.main(["north"])
    assert "set PREFECT_API_URL" in capsys.readouterr().err
