"""The record of a run: what is published, that it is what the manifest says, and that it is all or nothing."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from budget.audit.approval import runs_in
from budget.audit.beside import publish_beside
from budget.audit.folder import Run
from budget.audit.lineage import edges
from budget.contracts import output_tables
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, StoreError
from budget.kernel.hashing import hash_file, hash_value
from budget.pipeline import STAGES
from flows.pace import Pace
from tests.support.runs import EXAMPLE_A, Outcome, compute

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return compute(EXAMPLE_A, tmp_path_factory.mktemp("runs"), until="publish")


@pytest.fixture
def fresh(outcome: Outcome, tmp_path: Path) -> Outcome:
    """The same results, to be published into an empty folder."""
    return Outcome(dataclasses.replace(outcome.bundle, out=tmp_path), outcome.results)


def failed_check() -> CheckResult:
    return CheckResult(
        gate="ledger", check_id="C01", severity="fail", outcome="failed", table="pace_of_change", rule="adds up"
    )


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".store")


def assumed(outcome: Outcome) -> set[str]:
    """Names of the assumptions that a run has."""
    return {name for name, _ in outcome.bundle.assumptions.entries}


class TestLineage:
    def test_names_the_sources_of_every_table_written(self, outcome: Outcome) -> None:
        found = edges(STAGES, outcome.results, outcome.bundle)
        written = {ref.name for result in outcome.results for ref in result.tables}
        assert set(found["output"]) == written

    def test_every_source_is_a_table_of_the_run_a_file_or_a_declared_assumption(self, outcome: Outcome) -> None:
        found = edges(STAGES, outcome.results, outcome.bundle)
        written = {ref.name for result in outcome.results for ref in result.tables}
        sources = found.groupby("kind")["input"].agg(set)
        assert sources["table"] <= written
        assert sources["file"] == set(outcome.table("input_register")["input_id"])
        assert sources["assumption"] <= assumed(outcome)

    def test_a_budget_goes_back_to_the_files(self, outcome: Outcome) -> None:
        found = edges(STAGES, outcome.results, outcome.bundle)
        reached, front = set(), {"integrated_budget"}
        while front:
            reached |= front
            front = set(found.loc[found["output"].isin(front) & (found["kind"] != "assumption"), "input"]) - reached
        assert {"budget_ledger", "baseline_lines", "spend", "spend-01"} <= reached

    def test_is_true_to_its_key(self, outcome: Outcome) -> None:
        assert not edges(STAGES, outcome.results, outcome.bundle).duplicated(["output", "input", "stage"]).any()


class TestManifest:
    def test_hashes_and_rows_are_those_of_the_files(self, fresh: Outcome) -> None:
        run = fresh.publish()
        on_disk = {path.stem: path for path in (run.folder / "tables").iterdir()}
        assert set(on_disk) == set(run.manifest["tables"])
        for name, fact in run.manifest["tables"].items():
            assert hash_file(on_disk[name]) == fact["sha256"], name
            assert len(pd.read_parquet(on_disk[name])) == fact["rows"], name
        for name, sha256 in run.manifest["documents"].items():
            assert hash_file(run.folder / "pack" / name) == sha256, name

    def test_output_hash_stands_for_all_tables(self, fresh: Outcome) -> None:
        manifest = fresh.publish().manifest
        assert manifest["output_hash"] == hash_value({n: fact["sha256"] for n, fact in manifest["tables"].items()})

    def test_names_inputs_stages_and_counts_checks(self, fresh: Outcome) -> None:
        manifest = fresh.publish().manifest
        assert {item["table"] for item in manifest["inputs"]} >= {"spend", "segment_population", "published_weights"}
        assert [item["stage"] for item in manifest["stages"]] == [stage.name for stage in STAGES]
        assert set(manifest["checks"].values()) == {0}

    def test_names_code_libraries_limits_and_seeds(self, fresh: Outcome) -> None:
        said = fresh.publish().manifest
        assert said["python"].startswith("3.") and said["packages"]["duckdb"] and len(said["lock"]) == 64
        assert list(said["gates"]) == ["default.yaml"] and said["seeds"] == {"uncertainty_seed": "1"}
        assert said["git"].keys() == {"commit", "modified"}

    def test_counts_what_each_input_holds(self, fresh: Outcome) -> None:
        said = {item["table"]: item for item in fresh.publish().manifest["inputs"]}
        spend = pd.read_csv(EXAMPLE_A / "spend.csv")
        assert (said["spend"]["rows"], said["spend"]["unit"]) == (len(spend), "pence")
        assert said["spend"]["control_total"] == spend["amount_pence"].sum()
        assert said["practices"]["control_total"] is None

    def test_a_stored_table_that_changed_on_its_way_is_not_published(self, fresh: Outcome) -> None:
        ledger = next(result for result in fresh.results if result.stage == "ledger")
        path = next(ref.path for ref in ledger.tables if ref.name == "budget_ledger")
        before = path.read_bytes()
        path.write_bytes(before[:-1] + b"!")
        try:
            with pytest.raises(StoreError, match="budget_ledger is not as its stage left it"):
                fresh.publish()
        finally:
            path.write_bytes(before)
        assert visible(fresh.bundle.out) == []

    def test_nobody_else_may_look(self, fresh: Outcome) -> None:
        folder = fresh.publish().folder
        modes = {path: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
        assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}

    def test_raw_inputs_are_not_published(self, fresh: Outcome) -> None:
        assert set(fresh.publish().manifest["tables"]) <= set(output_tables())


class TestPublishing:
    def test_a_run_can_be_opened_again(self, fresh: Outcome) -> None:
        run = fresh.publish()
        again = Run.open(run.folder)
        assert (again.run_id, again.status) == (fresh.bundle.run_id, "complete")
        assert len(again.table("pace_of_change")) == 4

    def test_something_else_is_no_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="not a run folder"):
            Run.open(tmp_path)

    def test_what_lies_beside_a_run_is_none(self, tmp_path: Path) -> None:
        beside = publish_beside(tmp_path / "settled", {}, {}, {"run_id": "a_run"})
        with pytest.raises(ConfigurationError, match="this is no run, but was made from one"):
            Run.open(beside)
        assert list(runs_in(tmp_path)) == []
        assert Pace.of(("intake",), tmp_path, tmp_path).seconds == {}

    def test_what_lay_beside_a_run_stays_where_it_cannot_be_replaced(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = publish_beside(tmp_path / "settled", {}, {}, {"run_id": "first"})
        replace = os.replace

        def broken(here: Path, there: Path) -> None:
            if Path(here).suffix == ".partial":
                raise OSError(28, "No space left on device")
            replace(here, there)

        monkeypatch.setattr(os, "replace", broken)
        with pytest.raises(StoreError, match="No space left"):
            publish_beside(target, {}, {}, {"run_id": "second"})
        assert json.loads((target / "manifest.json").read_text())["run_id"] == "first"
        assert [path.name for path in tmp_path.iterdir()] == ["settled"]

    @pytest.mark.parametrize(
        ("fault", "raised"),
        [(OSError(28, "No space left on device"), StoreError), (ValueError("a fault of ours"), ValueError)],
    )
    def test_a_failure_while_writing_leaves_nothing(
        self, fresh: Outcome, fault: Exception, raised: type[Exception]
    ) -> None:
        def write(_: Path) -> None:
            raise fault

        with pytest.raises(raised):
            fresh.publish(extra_files={"gates/report.html": write})
        assert visible(fresh.bundle.out) == []

    def test_further_files_lie_where_they_belong(self, fresh: Outcome) -> None:
        run = fresh.publish(extra_files={"gates/report.html": lambda path: path.write_text("all well")})
        assert (run.folder / "gates" / "report.html").read_text() == "all well"

    def test_a_complete_run_is_left_alone(self, fresh: Outcome) -> None:
        first = fresh.publish()
        (first.folder / "mark").touch()
        second = fresh.publish()
        assert second.manifest == first.manifest
        assert (second.folder / "mark").exists()

    def test_a_stopped_run_is_replaced(self, fresh: Outcome) -> None:
        stopped = fresh.publish(status="stopped", failed_checks=[failed_check()])
        assert stopped.status == "stopped"
        assert stopped.manifest["checks"]["failed"] == 1
        done = fresh.publish()
        assert (done.folder, done.status) == (stopped.folder, "complete")
        assert visible(fresh.bundle.out) == [fresh.bundle.run_id]

    def test_a_run_that_stops_does_not_take_the_place_of_a_complete_one(self, fresh: Outcome) -> None:
        done = fresh.publish()
        stopped = fresh.publish(status="stopped", failed_checks=[failed_check()])
        assert Run.open(done.folder).status == "complete"
        assert stopped.folder.name == f"{fresh.bundle.run_id}-stopped"
        assert stopped.status == "stopped"

    def test_a_stopped_run_shows_its_checks_and_no_person(self, fresh: Outcome) -> None:
        run = fresh.publish(status="stopped", failed_checks=[failed_check()])
        (said,) = json.loads((run.folder / "gates" / "results.json").read_text())
        assert (said["check_id"], said["outcome"]) == ("C01", "failed")
        published = {path.stem for path in (run.folder / "tables").iterdir()}
        assert not {name for name in published if output_tables()[name].disclosure == "person"}

    def test_the_pack_holds_workbook_page_and_tables(self, fresh: Outcome) -> None:
        run = fresh.publish()
        names = {path.name for path in (run.folder / "pack").iterdir()}
        assert {"budget.xlsx", "report.html", "integrated_budget.csv", "monthly_profile.csv"} <= names
        csv = pd.read_csv(run.folder / "pack" / "integrated_budget.csv")
        assert csv["allocation_pence"].sum() == 16_638_262_106


def test_the_same_run_elsewhere_has_the_same_bytes(outcome: Outcome, fresh: Outcome, tmp_path: Path) -> None:
    here = fresh.publish()
    elsewhere = compute(EXAMPLE_A, tmp_path / "elsewhere", until="publish").publish()
    assert elsewhere.run_id == here.run_id
    assert elsewhere.manifest["output_hash"] == here.manifest["output_hash"]
    assert elsewhere.manifest["documents"] == here.manifest["documents"]
