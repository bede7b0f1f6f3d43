"""The command line: arguments, exit statuses, what is printed where."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import main
from flows.interruption import Interrupted
from flows.pipeline import Pipeline
from tests.flows import fakes

pytestmark = pytest.mark.integration

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return fakes.locality(tmp_path / "testshire")


@pytest.fixture(autouse=True)
def _our_pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    _use(monkeypatch, fakes.pipeline())
    yield


def _use(monkeypatch: pytest.MonkeyPatch, pipeline: Pipeline) -> None:
    monkeypatch.setattr(Pipeline, "of", lambda engine="duckdb": pipeline)


def test_a_run_prints_totals_and_where_everything_is(config: Path, capsys: Printed) -> None:
    assert main(["run", "testshire", "--direct"]) == 0
    out, err = capsys.readouterr()
    assert "2026/27" in out and "£60,600.00" in out and "250 people" in out
    assert "budget.xlsx" in out and "report.html" in out and "gates/report.html" in out
    assert [line.split()[0] for line in err.splitlines()] == ["intake", "ledger", "publish"]


def test_quiet_keeps_stderr_empty(config: Path, capsys: Printed) -> None:
    assert main(["run", "testshire", "--direct", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_json_is_one_object_on_stdout(config: Path, capsys: Printed) -> None:
    assert main(["run", "testshire", "--direct", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "complete"
    assert said["totals"][0] == {
        "financial_year": "2026/27",
        "allocation_pence": 6_060_000,
        "people": 250.0,
        "per_head_pence": 24_240,
    }
    assert Path(said["run"]).name == said["run_id"]
    assert Path(said["files"]["workbook"]).is_file()


def test_set_scenario_year_and_out_reach_the_run(config: Path, capsys: Printed) -> None:
    words = [
        "run",
        "testshire",
        "--direct",
        "--json",
        "--scenario",
        "lean",
        "--set",
        "cost_uplift_factor=0.04",
        "--year",
        "2026/27",
    ]
    assert main([*words, "--out", "elsewhere"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [total["allocation_pence"] for total in said["totals"]] == [6_000_000]
    manifest = json.loads((Path(said["run"]) / "manifest.json").read_text())
    assert (manifest["scenarios"], manifest["overrides"]) == (["lean"], {"cost_uplift_factor": "0.04"})
    assert Path(said["run"]).parent == Path("elsewhere").resolve()


def test_rerun_changes_one_value(config: Path, capsys: Printed) -> None:
    main(["run", "testshire", "--direct", "--json"])
    first = json.loads(capsys.readouterr().out)
    assert main(["rerun", first["run"], "--direct", "--json", "--set", "efficiency_factor=0.01"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["totals"][0]["allocation_pence"] == 6_120_000
    assert json.loads((Path(second["run"]) / "manifest.json").read_text())["parent_run_id"] == first["run_id"]


def test_a_command_leaves_logging_as_it_was(config: Path, capsys: Printed) -> None:
    ours = logging.getLogger("budget")
    before = (ours.level, ours.propagate, list(ours.handlers))
    main(["run", "testshire", "--direct", "--quiet"])
    assert (ours.level, ours.propagate, list(ours.handlers)) == before


class TestAGateStops:
    """Exit status 1: the failed checks in sentences, the folder kept."""

    @pytest.fixture(autouse=True)
    def _stopping(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _use(monkeypatch, fakes.pipeline({"intake": (fakes.check("intake", "failed"),)}))

    def test_in_text_on_stderr(self, config: Path, capsys: Printed) -> None:
        assert main(["run", "testshire", "--direct", "--quiet"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert "The gate of intake stopped the run: 1 check failed." in err
        assert "spend: amounts are whole pence [T01, 3 rows]" in err
        assert "mend: inputs/spend.csv" in err

    def test_in_json_on_stdout(self, config: Path, capsys: Printed) -> None:
        assert main(["run", "testshire", "--direct", "--quiet", "--json"]) == 1
        said = json.loads(capsys.readouterr().out)
        assert (said["status"], said["stage"], said["failures"][0]["check_id"]) == ("stopped", "intake", "T01")
        assert json.loads((Path(said["run"]) / "manifest.json").read_text())["status"] == "stopped"

    def test_check_stops_too_and_publishes_nothing(self, config: Path, capsys: Printed) -> None:
        assert main(["check", "testshire"]) == 1
        assert "amounts are whole pence" in capsys.readouterr().err
        assert [path.name for path in Path("runs").iterdir()] == [".store"]


def test_check_prints_every_check_and_publishes_nothing(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    _use(monkeypatch, fakes.pipeline({"intake": (fakes.check("intake"), fakes.check("intake", "failed", "warn"))}))
    assert main(["check", "testshire"]) == 0
    out = capsys.readouterr().out
    assert "4 checks of the inputs and the rules, 3 passed" in out and "failed (warn)" in out
    assert [path.name for path in Path("runs").iterdir()] == [".store"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "CONFIG"),
        (["walk", "testshire"], "invalid choice"),
        (["run", "testshire", "--engine", "abacus"], "abacus"),
        (["run", "nowhere", "--direct"], "no such locality"),
        (["run", "testshire/inputs", "--direct"], "no run.yaml"),
        (["run", "testshire", "--direct", "--set", "efficiency_factor"], "ID=VALUE"),
        (["run", "testshire", "--direct", "--set", "=0.02"], "ID=VALUE"),
        (["run", "testshire", "--direct", "--set", "efficiency_factor="], "ID=VALUE"),
        (["run", "testshire", "--direct", "--set", "efficiency_factr=0.02"], "Did you mean efficiency_factor"),
        (["run", "testshire", "--direct", "--set", "efficiency_factor=2"], "0.02 for 2%"),
        (["run", "testshire", "--direct", "--set", "quantum=1", "--set", "quantum=2"], "set twice"),
        (["run", "testshire", "--direct", "--scenario", "fat"], "known: lean"),
        (["run", "testshire", "--direct", "--year", "2027"], "not a financial year"),
        (["run", "testshire", "--direct", "--year", "2035/36"], "2026/27, 2027/28"),
        (["rerun", "testshire"], "not a run folder"),
        (["synth", "nowhere", "--out", "x"], "no such recipe"),
        (["synth", "nowhere", "--out", "x", "--people", "many"], "number of at least 1"),
    ],
)
def test_wrong_arguments_end_with_two_and_a_sentence(
    words: list[str], said: str, config: Path, capsys: Printed
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, said in err) == ("", True), err
    assert "Traceback" not in err
    assert main([*words, "--json"]) == 2
    assert said in json.loads(capsys.readouterr().out)["message"]


@pytest.mark.parametrize("signal", [Interrupted, KeyboardInterrupt])
@pytest.mark.parametrize("where", ["flows.warm_up.warm_up", "flows.direct.carry_out"])
def test_an_interrupt_is_told_as_one_wherever_it_comes(
    signal: type[BaseException], where: str, config: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    """Spark takes Ctrl-C over and raises another exception for it."""

    def interrupt(*_: object, **__: object) -> None:
        raise signal

    monkeypatch.setattr(where, interrupt)
    assert main(["run", "testshire", "--direct", "--quiet", "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["message"] == "interrupted"


class TestAnInternalError:
    """Exit status 3: one line, and a log that quotes nothing."""

    @pytest.fixture(autouse=True)
    def _stumbling(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _use(monkeypatch, fakes.pipeline(intake=fakes.stage_of(fakes.stumble)))

    def test_names_kind_and_log_and_no_person(self, config: Path, capsys: Printed) -> None:
        assert main(["run", "testshire", "--direct", "--quiet"]) == 3
        err = capsys.readouterr().err
        assert "internal error (ValueError)" in err and len(err.splitlines()) == 1
        log = next(Path("runs/.logs").iterdir()).read_text()
        assert "in stumble" in log and "ValueError" in log
        assert fakes.PERSON not in err + log.replace("raise ValueError", "")
        assert not list(Path("runs").glob("testshire-*"))

    def test_in_json(self, config: Path, capsys: Printed) -> None:
        assert main(["run", "testshire", "--direct", "--quiet", "--json"]) == 3
        said = json.loads(capsys.readouterr().out)
        assert (said["status"], said["kind"]) == ("error", "internal")


def test_help_is_instant_and_imports_nothing_heavy() -> None:
    started = time.perf_counter()
    code = (
        "import sys; from flows.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "COMMAND" in done.stdout
    assert not {"pandas", "duckdb", "prefect", "great_expectations", "fastapi"} & set(done.stderr.split())
    assert time.perf_counter() - started < 2
