"""``capitation check``: it goes through every check of the inputs, whatever fails, and ends with what they allow."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.kernel.yaml import read_yaml, write_yaml
from flows import direct
from flows.cli import main
from tests.flows.localities import shipped_locality

pytestmark = pytest.mark.flow

Printed = pytest.CaptureFixture[str]
PEOPLE = 4_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_locality("norfolk_waveney", tmp_path_factory.mktemp("check"), PEOPLE)


@pytest.fixture
def spoilt(folder: Path, tmp_path: Path) -> Path:
    """The same locality with weights of one year, an unknown place in its spend and prices of nothing."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for path in (folder / "inputs").iterdir():
        (inputs / path.name).symlink_to(path)
    weights = pd.read_parquet(folder / "inputs" / "published_weights.parquet")
    _replace(inputs / "published_weights.parquet", weights[weights["financial_year"] != "2028/29"])
    spend = pd.read_csv(folder / "inputs" / "spend.csv")
    _replace(inputs / "spend.csv", spend.assign(place=spend["place"].where(spend.index > 0, "Atlantis")))
    settings = read_yaml(folder / "run.yaml")
    write_yaml(tmp_path / "run.yaml", settings | {"inputs": str(inputs)})
    return tmp_path


def _replace(path: Path, frame: pd.DataFrame) -> None:
    path.unlink()
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)


def test_it_asks_what_later_gates_ask_of_the_inputs(folder: Path, tmp_path: Path, capsys: Printed) -> None:
    assert main(["check", str(folder), "--json", "--out", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"intake", "population", "costs", "need"} <= {check["gate"] for check in said["checks"]}
    assert said["readiness"]["sets"]["minimum"]["complete"]
    parts = {part["title"]: part for part in said["readiness"]["parts"]}
    assert parts["Patient-level costs"]["lacks"] == ["patient_costs"]
    assert parts["Published practice weights"]["there"]
    assert [path.name for path in tmp_path.iterdir()] == [".store"]


def test_it_goes_on_after_a_check_that_stops_a_run(spoilt: Path, tmp_path: Path, capsys: Printed) -> None:
    page = tmp_path / "ready.html"
    assert main(["check", str(spoilt), "--html", str(page), "--out", str(tmp_path / "runs")]) == 1
    said = capsys.readouterr().err
    assert "2 checks would stop a run: I07 spend, W00 published_weights." in said
    assert re.search(r"B10 +passed", said) and re.search(r"W03 +passed", said)
    assert re.search(r"no +Published practice weights\n.*\n +fails: W00", said)
    assert "Next: Spend of the base year by commissioner, place and line." in said
    written = page.read_text(encoding="utf-8")
    assert "Atlantis" in written and "Published practice weights" in written
    assert not re.search(r"(?:src|href)=[\"']?https?:", written)


def test_a_table_that_cannot_be_read_still_leaves_an_answer(spoilt: Path, tmp_path: Path, capsys: Printed) -> None:
    (spoilt / "inputs" / "areas.csv").unlink()
    _replace(spoilt / "inputs" / "spend_control.csv", pd.DataFrame({"financial_year": ["2025/26"]}))
    assert main(["check", str(spoilt), "--json", "--out", str(tmp_path / "runs")]) == 1
    said = json.loads(capsys.readouterr().out)
    assert {(check["check_id"], check["table"]) for check in said["failures"]} == {
        ("I02", "areas"),
        ("I02", "spend_control"),
    }
    parts = {part["title"]: part for part in said["readiness"]["parts"]}
    assert parts["Control totals of the commissioners' ledgers"]["fails"] == ["I02"]
    assert not said["readiness"]["sets"]["minimum"]["complete"]


def test_the_same_in_python(spoilt: Path, tmp_path: Path) -> None:
    with pytest.raises(RunStopped) as stop:
        direct.check(spoilt, out=tmp_path / "runs")
    assert {check.check_id for check in stop.value.failures} == {"I07", "W00"}
    assert len(stop.value.checks) > 60


@pytest.mark.parametrize("name", ["nowhere/ready.html", "ready.pdf"])
def test_a_page_that_cannot_be_written_is_refused_first(folder: Path, name: str, capsys: Printed) -> None:
    assert main(["check", str(folder), "--html", name]) == 2
    assert "--html" in capsys.readouterr().err
