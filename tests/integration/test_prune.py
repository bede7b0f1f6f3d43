"""Clearing the store: what stays for whom, what a killed run left behind, and that nothing goes while a run goes on."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from budget.audit.approving import approve
from budget.audit.folder import Run
from budget.audit.pruning import prune
from budget.kernel.errors import StoreError
from budget.stage import Given, Written
from budget.store import Store
from flows import direct
from flows.cli import main
from flows.request import Request
from tests.flows import fakes

pytestmark = pytest.mark.integration

LATER = datetime.now(UTC) + timedelta(days=40)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return fakes.locality(tmp_path / "testshire")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def run(config: Path, out: Path, **overrides: str) -> Run:
    return direct.carry_out(Request(config, out=out, overrides=overrides), fakes.pipeline())


def stages(out: Path) -> list[str]:
    return sorted(path.parent.parent.name for path in (out / ".store").glob("*/*/result.json"))


def contents(out: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in out.rglob("*") if path.name != ".in-use"}


def test_what_an_approved_run_rests_on_stays_and_what_a_draft_does_goes(config: Path, out: Path) -> None:
    approved, draft = run(config, out), run(config, out, efficiency_factor="0.01")
    for name in ("Ann", "Bo"):
        approve(approved.folder, by=name, role="Finance")
    assert stages(out) == ["intake", "ledger", "ledger", "publish", "publish"]
    pruned = prune(out, days=30, dry_run=False, now=LATER)
    assert sorted(entry.stage for entry in pruned.gone) == ["ledger", "publish"]
    assert stages(out) == ["intake", "ledger", "publish"]
    assert draft.folder.is_dir() and Run.open(draft.folder).status == "complete"
    again = direct.carry_out(Request.rerun(approved.folder, overrides={"cost_uplift_factor": "0.04"}), fakes.pipeline())
    assert [stage["reused"] for stage in again.manifest["stages"]] == [True, False, False]


def test_a_run_that_one_person_has_reviewed_keeps_its_results(config: Path, out: Path) -> None:
    approve(run(config, out).folder, by="Ann", role="Finance")
    assert not prune(out, days=30, dry_run=False, now=LATER).gone


def test_young_results_stay_whoever_needs_them(config: Path, out: Path) -> None:
    run(config, out)
    assert not prune(out, days=30, dry_run=False).gone
    assert len(prune(out, days=30, dry_run=False, now=LATER).gone) == 3


def test_a_dry_run_says_what_would_go_and_touches_nothing(config: Path, out: Path, capsys: Any) -> None:
    run(config, out)
    before = contents(out)
    assert main(["prune", "--runs", str(out), "--days", "0", "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert contents(out) == before
    assert main(["prune", "--runs", str(out), "--days", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gone"] == said["gone"] != []
    assert stages(out) == []


def test_nothing_goes_while_a_run_is_in_progress(config: Path, out: Path) -> None:
    def read(given: Given) -> Written:
        for dry_run in (True, False):
            with pytest.raises(StoreError, match="a run is in progress"):
                prune(out, days=0, dry_run=dry_run, now=LATER)
        return fakes.INTAKE.run(given)

    done = direct.carry_out(Request(config, out=out), fakes.pipeline(intake=fakes.stage_of(read)))
    assert done.status == "complete"


def test_a_run_waits_while_the_store_is_cleared(config: Path, out: Path) -> None:
    with ThreadPoolExecutor() as threads:
        with Store(out.resolve() / ".store").alone():
            waiting = threads.submit(run, config, out)
            with pytest.raises(TimeoutError):
                waiting.result(1)
            assert stages(out) == []
        assert waiting.result(30).status == "complete"


def test_what_a_killed_run_left_behind_goes(config: Path, out: Path) -> None:
    run(config, out)
    half, partial = out / ".store" / "ledger" / ".0123-4567", out / ".testshire-1.partial"
    steps = out / ".store" / "spill" / ".spark-0123"
    for folder in (half, partial, steps):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "some.parquet").write_bytes(b"half")
    being_written = out / ".testshire-1-settlement-Q1.partial"
    being_written.mkdir()
    old = time.time() - 2 * 3600
    for folder in (half, partial):
        os.utime(folder, (old, old))
    pruned = prune(out, days=30, dry_run=False)
    assert {entry.stage for entry in pruned.gone} == {"unfinished"} and len(pruned.gone) == 3
    assert not any(folder.exists() for folder in (half, partial, steps))
    assert being_written.exists() and len(stages(out)) == 3


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path, capsys: Any) -> None:
    assert main(["prune", "--runs", str(tmp_path / "no")]) == 2
    assert "there is no such folder of runs" in capsys.readouterr().err
