"""Warnings in whole runs: waived, open, and in a run whose budgets are paid; direct, by command line and by Prefect."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.approving import NotApproved, approve
from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from expectations.gate import GreatExpectationsGate
from flows import direct
from flows.cli import main
from flows.pipeline import Pipeline, StoppedRun
from flows.request import Request
from tests.flows import fakes
from tests.flows.waived import TODAY, WAIVER, waive

pytestmark = pytest.mark.integration

WARNED = fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "warn"),)})


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Pipeline, "of", lambda engine="duckdb": WARNED)
    return fakes.locality(tmp_path / "testshire")


def run(config: Path, out: Path, pipeline: Pipeline = WARNED) -> Run:
    return direct.carry_out(Request(config, out=out), pipeline)


def warned(run: Run) -> tuple[str, str | None]:
    rows = run.table("dq_results").set_index("gate")
    waiver = rows.loc["ledger", "waiver_id"]
    return rows.loc["ledger", "outcome"], None if pd.isna(waiver) else waiver


def test_a_waived_warning_names_its_waiver_everywhere(config: Path, tmp_path: Path) -> None:
    done = run(waive(config, WAIVER), tmp_path / "runs")
    assert warned(done) == ("waived", "W-1")
    assert (done.manifest["checks"]["warned"], done.manifest["checks"]["waived"]) == (0, 1)
    (said,) = done.manifest["waivers"]
    assert (said["used"], said["found"], said["person"]) == (True, 3, "A. Lee")
    page = (done.folder / "gates" / "report.html").read_text()
    for shown in ("W-1", "A. Lee, Finance lead", "the invoices of March are late", str(WAIVER["expires_on"])):
        assert shown in page
    assert "No warning is without one." in page
    assert approve(done.folder, by="Ann", role="Auditor").state == "reviewed"


def test_a_waiver_that_has_run_out_by_the_day_of_the_approval(config: Path, tmp_path: Path) -> None:
    done = run(waive(config, WAIVER), tmp_path / "runs")
    after = datetime.combine(WAIVER["expires_on"], time(), UTC) + timedelta(days=1)
    with pytest.raises(NotApproved, match=f"until a day that has passed .W-1, {WAIVER['expires_on']}"):
        approve(done.folder, by="Ann", role="Auditor", at=after)
    assert approve(done.folder, by="Ann", role="Auditor", at=after - timedelta(minutes=1)).state == "reviewed"


def test_an_open_warning_does_not_stop_but_is_counted_and_shown(config: Path, tmp_path: Path) -> None:
    done = run(waive(config), tmp_path / "runs")
    assert warned(done) == ("failed", None)
    assert done.manifest["checks"]["warned"] == 1
    page = (done.folder / "gates" / "report.html").read_text()
    assert "1 warning has none" in page and "T01 (spend)" in page and "cannot be approved" in page


def test_an_annual_run_stops_at_an_open_warning(config: Path, tmp_path: Path, capsys: Any) -> None:
    waive(config, purpose="annual")
    assert main(["run", str(config), "--direct", "--quiet", "--out", str(tmp_path / "runs")]) == 1
    err = capsys.readouterr().err
    assert "The gate of ledger stopped the run: 1 warning has no waiver." in err
    assert "spend: amounts are whole pence [T01, 3 rows]" in err and "mend: inputs/spend.csv" in err
    assert "or waive" in err and "check: T01, locality: , table: spend, value: 3, threshold: '0'" in err
    (folder,) = (tmp_path / "runs").glob("testshire-*")
    kept = Run.open(folder)
    assert kept.status == "stopped" and kept.manifest["checks"]["warned"] == 1
    assert "A gate stopped the run." in (folder / "gates" / "report.html").read_text()


def test_the_same_run_goes_through_once_it_is_waived(config: Path, tmp_path: Path, capsys: Any) -> None:
    waive(config, WAIVER, purpose="annual")
    assert main(["run", str(config), "--direct", "--quiet", "--json", "--out", str(tmp_path / "runs")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["checks"]["waived"], said["state"], said["waivers"][0]["used"]) == (1, "draft", True)


def test_a_failed_check_is_never_waived(config: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="W-1: the check T01 stops a run; only a warning can be waived"):
        run(waive(config, WAIVER), tmp_path / "runs", fakes.pipeline())
    both = fakes.pipeline({"ledger": (fakes.check("ledger", "failed"), fakes.check("ledger", "failed", "warn"))})
    with pytest.raises(StoppedRun) as stop:
        run(waive(config, WAIVER), tmp_path / "runs", both)
    assert [check.severity for check in stop.value.failures] == ["fail"]


def test_a_waiver_of_no_check_is_refused_by_the_real_gates(config: Path, tmp_path: Path) -> None:
    gates = Pipeline(WARNED.stages, GreatExpectationsGate(), WARNED.needed)
    with pytest.raises(ConfigurationError, match="no gate has the check T01"):
        run(waive(config, WAIVER), tmp_path / "runs", gates)
    with pytest.raises(ConfigurationError, match="the check C01 stops a run"):
        run(waive(config, WAIVER | {"check": "C01"}), tmp_path / "runs", gates)


def test_an_expired_waiver_stops_the_run_before_anything_is_computed(config: Path, tmp_path: Path, capsys: Any) -> None:
    waive(config, WAIVER | {"expires_on": TODAY - timedelta(days=1)})
    assert main(["run", str(config), "--direct", "--quiet", "--out", str(tmp_path / "runs")]) == 2
    err = capsys.readouterr().err
    assert "W-1" in err and "has expired" in err and "waivers.yaml" in err
    assert not (tmp_path / "runs").exists()


def test_a_waiver_that_covers_nothing_is_told_and_stops_nothing(config: Path, tmp_path: Path, capsys: Any) -> None:
    waive(config, WAIVER | {"value": 2})
    assert main(["run", str(config), "--direct", "--quiet", "--out", str(tmp_path / "runs")]) == 0
    out = capsys.readouterr().out
    assert "Waiver W-1 (T01) covers nothing: found 3, worse than the 2 that it accepts." in out
    assert "1 warned" in out


def test_waivers_are_part_of_the_run_and_of_no_stage_but_the_last(config: Path, tmp_path: Path) -> None:
    without = run(waive(config), tmp_path / "runs")
    waived = run(waive(config, WAIVER), tmp_path / "runs")
    again = run(config, tmp_path / "elsewhere")
    assert without.run_id != waived.run_id == again.run_id
    assert waived.manifest["output_hash"] == again.manifest["output_hash"]
    assert [stage["reused"] for stage in waived.manifest["stages"]] == [True, True, False]
    unused = run(waive(config, WAIVER, WAIVER | {"id": "W-9", "check": "T01", "table": "areas"}), tmp_path / "runs")
    assert unused.run_id != waived.run_id


def test_another_localitys_waivers_change_nothing(config: Path, tmp_path: Path) -> None:
    one = run(waive(config, WAIVER), tmp_path / "runs")
    other = run(waive(config, WAIVER, WAIVER | {"id": "W-2", "locality": "elsewhere"}), tmp_path / "runs")
    assert one.run_id == other.run_id


class TestCommands:
    @pytest.fixture
    def folder(self, config: Path, tmp_path: Path, capsys: Any) -> str:
        assert main(["run", str(waive(config, WAIVER)), "--direct", "--json", "--out", str(tmp_path / "runs")]) == 0
        return str(json.loads(capsys.readouterr().out)["run"])

    def test_verify_says_that_nothing_was_changed(self, folder: str, capsys: Any) -> None:
        assert main(["verify", folder]) == 0
        assert "Everything is as it was left." in capsys.readouterr().out

    def test_verify_ends_with_one_and_says_what_was_changed(self, folder: str, capsys: Any) -> None:
        (Path(folder) / "waivers.yaml").write_text("waivers: []\n")
        assert main(["verify", folder]) == 1
        assert "waivers.yaml\n  expected: " in capsys.readouterr().err
        assert main(["verify", folder, "--reproduce", "--json"]) == 1
        said = json.loads(capsys.readouterr().out)
        assert (said["status"], [finding["file"] for finding in said["findings"]]) == ("changed", ["waivers.yaml"])

    def test_verify_of_something_else_ends_with_two(self, tmp_path: Path, capsys: Any) -> None:
        assert main(["verify", str(tmp_path)]) == 2

    def test_approve_prints_the_state(self, folder: str, capsys: Any) -> None:
        assert main(["approve", folder, "--by", "Ann Lee", "--role", "Finance lead", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["state"] == "reviewed"
        assert main(["approve", folder, "--by", "ANN LEE", "--role", "Anything"]) == 1
        assert "another person" in capsys.readouterr().err
        assert main(["approve", folder, "--by", "Bob Ray", "--role", "CFO", "--note", "agreed"]) == 0
        assert "is approved by Bob Ray, CFO" in capsys.readouterr().out


class TestReproduce:
    def verify(self, folder: Path, capsys: Any) -> tuple[int, dict[str, Any]]:
        status = main(["verify", str(folder), "--reproduce", "--quiet", "--json"])
        return status, json.loads(capsys.readouterr().out)

    def test_the_same_inputs_give_the_same_bytes(self, config: Path, tmp_path: Path, capsys: Any) -> None:
        done = run(waive(config, WAIVER), tmp_path / "runs")
        status, said = self.verify(done.folder, capsys)
        assert (status, said["reproduced"]["same"]) == (0, True)
        assert said["reproduced"]["tables"] == len(done.manifest["tables"])

    def test_packs_and_waivers_of_today_do_not_matter(self, config: Path, tmp_path: Path, capsys: Any) -> None:
        done = run(waive(config, WAIVER), tmp_path / "runs")
        (config / "pack.yaml").write_text(fakes.PACK.replace("0.03", "0.09"))
        waive(config, WAIVER | {"expires_on": TODAY - timedelta(days=1)})
        assert self.verify(done.folder, capsys)[0] == 0

    def test_another_result_is_found_table_by_table(
        self, config: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = run(waive(config, WAIVER), tmp_path / "runs")
        calmer = fakes.pipeline(
            {"ledger": (fakes.check("ledger"),), "intake": (fakes.check("intake", severity="warn"),)}
        )
        monkeypatch.setattr(Pipeline, "of", lambda engine="duckdb": calmer)
        status, said = self.verify(done.folder, capsys)
        assert status == 1
        assert "tables/dq_results.parquet" in {finding["file"] for finding in said["findings"]}

    def test_changed_inputs_are_said_so(self, config: Path, tmp_path: Path, capsys: Any) -> None:
        done = run(waive(config, WAIVER), tmp_path / "runs")
        (config / "inputs" / "spend.csv").write_text(fakes.SPEND + "2025/26,QXX,South,prescribing,1\n")
        status, said = self.verify(done.folder, capsys)
        assert (status, said["reproduced"]["tables"]) == (1, 0)
        assert [finding["file"] for finding in said["findings"]] == ["inputs: spend, spend.csv"]

    def test_changed_agreements_are_said_so(self, config: Path, tmp_path: Path, capsys: Any) -> None:
        (waive(config, WAIVER) / "contracts").mkdir()
        with (config / "run.yaml").open("a") as file:
            file.write("contracts: contracts\n")
        done = run(config, tmp_path / "runs")
        (config / "contracts" / "new.yaml").write_text("title: new\n")
        status, said = self.verify(done.folder, capsys)
        assert (status, [finding["file"] for finding in said["findings"]]) == (1, ["contracts: new.yaml"])

    def test_a_stopped_run_stops_again_in_the_same_way(self, config: Path, tmp_path: Path, capsys: Any) -> None:
        with pytest.raises(StoppedRun) as stop:
            run(waive(config, purpose="annual"), tmp_path / "runs")
        status, said = self.verify(stop.value.run.folder, capsys)
        assert (status, said["findings"]) == (0, [])

    def test_nothing_is_left_behind(self, config: Path, tmp_path: Path, capsys: Any) -> None:
        done = run(waive(config, WAIVER), tmp_path / "runs")
        before = sorted(path.name for path in (tmp_path / "runs").iterdir())
        self.verify(done.folder, capsys)
        assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == before
