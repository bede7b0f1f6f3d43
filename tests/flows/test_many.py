"""Many localities in one flow run, on a real server: a task run each, not more at once than was asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from budget.audit.approval import runs_in
from budget.audit.verify import verify
from flows.cli import main
from flows.commands import many
from flows.server import local_server
from tests.flows import fakes

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
said = {"status": status, "run": f"runs/{config}", "failures": ["943 476 5919"]}
print(json.dumps(said | ({"stage": "intake"} if status == "stopped" else {})))
sys.exit(status == "stopped")
"""
"""What stands in for the command line: takes half a second, and says how it ended."""

SMALL_STAGES = """
import sys
from flows.cli import main
from flows.pipeline import Pipeline
from tests.flows import fakes
Pipeline.of = lambda engine="duckdb": fakes.pipeline()
sys.exit(main(sys.argv[1:]))
"""
"""The command line with three small stages."""


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


def small(folder: Path, name: str) -> Path:
    """A locality of the small stages under a name of its own."""
    config = fakes.locality(folder / name)
    (config / "run.yaml").write_text(fakes.RUN_YAML.replace("locality: testshire", f"locality: {name}"))
    return config


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


def test_the_command_runs_localities_and_tells_of_each(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows import many_flow

    monkeypatch.setattr(many_flow, "command_of", lambda: (sys.executable, "-c", SMALL_STAGES))
    configs = [str(small(tmp_path, name)) for name in ("northshire", "southshire")]
    assert main(["many", *configs, "--out", str(tmp_path / "runs"), "--json"]) == 0
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert said["status"] == "complete"
    assert [one["locality"] for one in said["localities"]] == configs
    for one in said["localities"]:
        assert verify(Path(one["run"])).findings == ()
        assert f"{one['locality']}" in printed.err and one["totals"][0]["allocation_pence"] == 6_060_000
    assert {run.manifest["locality"] for run in runs_in(tmp_path / "runs")} == {"northshire", "southshire"}
    (flow_run,) = (run for run in records(url, "flow_runs") if run["parameters"]["configs"] == configs)
    tasks = records(url, "task_runs", flow_runs={"id": {"any_": [flow_run["id"]]}})
    assert {(task["name"], task["state_type"]) for task in tasks} == {(config, "COMPLETED") for config in configs}


def test_the_command_ends_with_the_worst_status_and_says_why(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows import many_flow

    monkeypatch.setattr(many_flow, "command_of", lambda: (sys.executable, "-c", STAND_IN))
    monkeypatch.setattr(many, "locality", Path)
    assert main(["many", "whole", "broken", "stopped", "--out", str(tmp_path), "--at-a-time", "3", "--quiet"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "1 of 3 localities have a complete run."
    assert [line.split()[0] for line in lines[2:]] == ["whole", "broken", "stopped"]
    assert lines[4].endswith("by the gate of intake; runs/stopped")


def test_one_that_is_not_there_is_told_before_any_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
        assert main(["many", "east_london", "nowhere", "--out", str(tmp_path / "runs")]) == 2
    assert "nowhere: there is no such locality" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_what_still_runs_is_ended_with_the_flow_run(tmp_path: Path) -> None:
    from flows.many_flow import _Runs

    runs = _Runs(lambda _: None)
    runs.going_on.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], text=True))
    runs.end()
    assert runs.going_on[0].wait(10) == -signal.SIGTERM
