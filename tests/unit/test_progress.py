"""What is said while a run goes on: rows, how it was done, and how long the rest takes by what earlier runs took."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from budget.runner import StageResult
from budget.store import TableRef
from flows.pace import Pace
from flows.progress import line, progress
from tests.flows import fakes

pytestmark = pytest.mark.unit

STAGES = ("intake", "ledger", "publish")
PACE = Pace(STAGES, {"intake": 6.0, "ledger": 3.0, "publish": 1.0})
DONE = StageResult(
    "intake", "key", (TableRef("input_register", Path("a.parquet"), "0", 1_234_567, 1),), (), (), False, 5.5
)  # fmt: skip


class Terminal(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


def kept(out: Path, name: str, config: Path, at: int, **seconds: float) -> None:
    """A run folder with no more than what is read of it."""
    facts = [{"stage": stage, "seconds": taken, "reused": taken == 0} for stage, taken in seconds.items()]
    (out / name).mkdir(parents=True)
    manifest = out / name / "manifest.json"
    manifest.write_text(json.dumps({"run_id": name, "status": "complete", "config": str(config), "stages": facts}))
    os.utime(manifest, (at, at))


def test_a_line_tells_rows_time_and_what_is_left() -> None:
    assert (
        line(fakes.INTAKE, DONE) == "  intake           5.5 s  computed                      1,234,567 rows  0 checks"
    )
    assert line(fakes.INTAKE, DONE, PACE).endswith("0 checks; at most 4 s left")


def test_the_pace_is_that_of_the_newest_run_that_computed_a_stage(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other.yaml"
    mine.mkdir()
    (mine / "run.yaml").write_text("")
    kept(tmp_path / "runs", "first", mine, 100, intake=9, ledger=3, publish=1)
    kept(tmp_path / "runs", "second", mine, 200, intake=6, ledger=0, publish=2)
    kept(tmp_path / "runs", "another", other, 300, intake=99, ledger=99, publish=99)
    pace = Pace.of(STAGES, tmp_path / "runs", mine)
    assert pace.seconds == {"intake": 6, "ledger": 3, "publish": 2}
    assert (pace.left("intake"), pace.left("publish")) == (5, 0)
    assert pace.percent_done("intake") == pytest.approx(100 * 6 / 11)


def test_the_first_run_of_a_locality_counts_stages(tmp_path: Path) -> None:
    pace = Pace.of(STAGES, tmp_path / "runs", tmp_path)
    assert (pace.left("intake"), pace.left_text("intake")) == (None, "")
    assert [round(pace.percent_done(stage)) for stage in STAGES] == [33, 67, 100]


def test_quiet_says_nothing_and_lines_are_plain_where_there_is_no_terminal(capsys: Any) -> None:
    with progress(quiet=True, pace=PACE) as report:
        report(fakes.INTAKE, DONE)
    assert capsys.readouterr() == ("", "")
    with progress(quiet=False, pace=PACE) as report:
        report(fakes.INTAKE, DONE)
    assert capsys.readouterr() == ("", line(fakes.INTAKE, DONE, PACE) + "\n")


def test_a_terminal_shows_the_stage_that_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    with progress(quiet=False, pace=PACE) as report:
        report(fakes.INTAKE, DONE)
    shown = terminal.getvalue()
    assert line(fakes.INTAKE, DONE) in shown
    assert "intake, stage 1 of 3" in shown and "ledger, stage 2 of 3; at most 4 s left" in shown
