"""The smallest real locality through the whole product, as its users start it: by the command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from budget.audit.folder import Run
from flows.cli import main

pytestmark = pytest.mark.flow

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "examples" / "worked_example_a"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs through Prefect go; its server keeps one database for all of them."""
    return tmp_path_factory.mktemp("runs")


def capitation(*words: str | Path, status: int = 0) -> dict[str, Any]:
    """The answer of a command in a process of its own, where no Prefect server is configured."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = [
        sys.executable,
        "-m",
        "flows.cli",
        *map(str, words),
        "--json",
        *(["--quiet"] if words[0] != "share" else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300, check=False)
    assert done.returncode == status, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def through_prefect(out: Path) -> Run:
    return Run.open(Path(capitation("run", EXAMPLE, "--out", out)["run"]))


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Run:
    answer = capitation("run", EXAMPLE, "--direct", "--out", tmp_path_factory.mktemp("direct"))
    return Run.open(Path(answer["run"]))


def test_prefect_and_direct_leave_the_same_lineage(through_prefect: Run, straight: Run) -> None:
    def told(run: Run) -> list[dict[str, Any]]:
        lines = (run.folder / "lineage" / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [{name: value for name, value in json.loads(line).items() if name != "eventTime"} for line in lines]

    assert told(through_prefect) == told(straight)
    assert len(told(straight)) == 2 + 4 * 8
    pictures = [(run.folder / "lineage" / "lineage.html").read_text() for run in (through_prefect, straight)]
    seconds = re.compile(r"\d+\.\d s\b")
    assert seconds.sub("", pictures[0]) == seconds.sub("", pictures[1])


class TestExplain:
    def test_takes_a_line_down_to_its_sources(self, straight: Run, capsys: pytest.CaptureFixture[str]) -> None:
        line = ["--place", "L01", "--segment", "OA", "--line", "acute_elective", "--commissioner", "EXA"]
        assert main(["explain", str(straight.folder), *line]) == 0
        text = capsys.readouterr().out
        assert "Adds up" in text and "spend/spend.csv" in text and "x 4.1500%" in text
        assert max(map(len, text.splitlines())) <= 100

    def test_tells_scripts_the_same(self, straight: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["explain", str(straight.folder), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["adds_up"] is True and told["budget"]["allocation_pence"] == 166_382_621_06
        assert set(told) == {
            "status", "run_id", "slice", "adds_up", "differences", "budget", "years", "need", "baseline", "set_aside",
            "inputs", "checks", "html",
        }  # fmt: skip
        assert told["checks"]["asked"] > told["checks"]["passed"] >= 50 or not told["checks"]["open"]

    def test_writes_a_page(self, straight: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        page = tmp_path / "line.html"
        assert main(["explain", str(straight.folder), "--segment", "OA", "--html", str(page)]) == 0
        assert "The formula&#39;s numbers" in page.read_text(encoding="utf-8")

    @pytest.mark.parametrize("words", [["--place", "Oxford"], ["--html", "nowhere/a.html"], ["--html", "a.txt"]])
    def test_refuses_what_there_is_not(
        self, words: list[str], straight: Run, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["explain", str(straight.folder), *words]) == 2
        assert words[1] in capsys.readouterr().err


def test_prefect_and_direct_give_the_same_bytes(through_prefect: Run, straight: Run) -> None:
    assert (through_prefect.manifest["driver"], straight.manifest["driver"]) == ("prefect", "direct")
    assert through_prefect.run_id == straight.run_id
    for part in ("tables", "pack", "gates"):
        names = sorted(file.name for file in (straight.folder / part).iterdir())
        assert names == sorted(file.name for file in (through_prefect.folder / part).iterdir())
        for name in names:
            same = (through_prefect.folder / part / name).read_bytes() == (straight.folder / part / name).read_bytes()
            assert same, f"{part}/{name} differs between Prefect and direct"


def test_the_pack_is_whole(straight: Run) -> None:
    present = {str(file.relative_to(straight.folder)) for file in straight.folder.rglob("*") if file.is_file()}
    assert {
        "pack/budget.xlsx",
        "pack/report.html",
        "gates/report.html",
        "gates/results.json",
        "manifest.json",
    } <= present


def test_a_rerun_starts_at_the_ledger(straight: Run) -> None:
    child = Run.open(Path(capitation("rerun", straight.folder, "--direct", "--set", "efficiency_factor=0.03")["run"]))
    reused = {stage["stage"]: stage["reused"] for stage in child.manifest["stages"]}
    assert child.manifest["parent_run_id"] == straight.run_id
    assert [stage for stage, taken in reused.items() if not taken] == ["ledger", "payment", "publish"]


def test_a_gate_stops_a_run_through_prefect(out: Path, tmp_path: Path, through_prefect: Run) -> None:
    wrong = tmp_path / "wrong"
    shutil.copytree(EXAMPLE, wrong)
    plan = (wrong / "run.yaml").read_text().replace("../../", f"{ROOT / 'config'}/")
    (wrong / "run.yaml").write_text(plan)
    spend = (wrong / "spend.csv").read_text().splitlines()
    (wrong / "spend.csv").write_text("\n".join([*spend, spend[1]]) + "\n")
    answer = capitation("run", wrong, "--out", out, status=1)
    assert answer["status"] == "stopped"
    assert all({"check_id", "table", "rule", "mend"} <= set(failure) for failure in answer["failures"])
    assert Run.open(Path(answer["run"])).status == "stopped"


def test_no_server_is_left_behind(out: Path, through_prefect: Run) -> None:
    assert (out / ".prefect" / "prefect.db").is_file()
    assert not servers_of(out)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_asked_to_end_takes_its_server_along(asked: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows.cli", "run", str(EXAMPLE), "--out", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert within(20, lambda: bool(servers_of(tmp_path)))
    process.send_signal(asked)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130 and told.strip().endswith("interrupted")
    assert within(15, lambda: not servers_of(tmp_path))


def servers_of(out: Path) -> list[int]:
    """Processes of the local server that keeps its history in an output folder."""
    home = f"PREFECT_HOME={out.resolve() / '.prefect'}".encode()
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if home in _environment(process)]


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def test_it_can_be_shared_though_it_knows_no_persons(straight: Run, tmp_path: Path) -> None:
    answer = capitation("share", straight.folder, "--out", tmp_path / "pack")
    assert {"budget_by_segment", "budget_by_line"} <= set(answer["tables"])
    assert "people_by_practice" not in answer["tables"]
