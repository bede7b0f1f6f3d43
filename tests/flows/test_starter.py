"""The folder to begin with: copied as the README says, it runs, passes its gates and says that it is invented."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from budget.audit.folder import Run
from flows.cli import main

pytestmark = pytest.mark.flow

ROOT = Path(__file__).parents[2]


def test_a_copy_of_the_starter_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("synth", "contracts"))
    place = tmp_path / "config" / "my_place"
    shutil.copytree(ROOT / "config" / "starter", place)
    assert main(["run", str(place), "--direct", "--json", "--quiet", "--out", str(tmp_path / "runs")]) == 0
    answer = json.loads(capsys.readouterr().out)
    run = Run.open(Path(answer["run"]))
    budget = run.table("integrated_budget")
    told = "£{:,.2f}".format(int(budget["allocation_pence"].sum()) / 100)
    assert told in (ROOT / "docs" / "guides" / "locality.md").read_text(encoding="utf-8")
    assert set(budget["place"]) == {"NORTH", "SOUTH"}
    assert set(run.table("dq_results")["outcome"]) == {"passed"}
    assert "Invented figures" in (run.folder / "pack" / "report.html").read_text(encoding="utf-8")
