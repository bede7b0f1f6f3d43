"""Direct runs and reruns, over stages of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from flows import direct
from flows.headline import headline
from flows.pipeline import Pipeline, StoppedRun
from flows.request import Request
from tests.flows import fakes

pytestmark = pytest.mark.integration


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return fakes.locality(tmp_path / "testshire")


def run(config: Path, out: Path, **changes: object) -> Run:
    return direct.carry_out(Request(config, out=out, **changes), fakes.pipeline())  # type: ignore[arg-type]


def bytes_of(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run.folder / "tables").iterdir())}


def test_publishes_tables_documents_and_the_gate_report(config: Path, tmp_path: Path) -> None:
    done = run(config, tmp_path / "runs")
    assert done.status == "complete"
    assert [file.name for file in sorted((done.folder / "pack").iterdir())] == ["budget.xlsx", "report.html"]
    assert "T01" in (done.folder / "gates" / "report.html").read_text()
    assert set(done.manifest["tables"]) >= {"integrated_budget", "assumption_ledger", "dq_results", "lineage_edges"}
    assert not list((tmp_path / "runs").glob("*.partial"))


def test_reports_every_stage_in_order(config: Path, tmp_path: Path) -> None:
    told: list[str] = []
    direct.carry_out(
        Request(config, out=tmp_path), fakes.pipeline(), report=lambda stage, result: told.append(result.stage)
    )
    assert told == ["intake", "ledger", "publish"]


def test_headline_counts_people_once_and_adds_every_penny(config: Path, tmp_path: Path) -> None:
    first, second = headline(run(config, tmp_path))
    assert (first.financial_year, second.financial_year) == ("2026/27", "2027/28")
    assert first.allocation_pence == 2 * (10_000_00 + 20_000_00) * 101 // 100
    assert first.people == 250
    assert first.per_head_pence == 24_240


def test_year_cuts_the_run_short(config: Path, tmp_path: Path) -> None:
    assert [total.financial_year for total in headline(run(config, tmp_path, year="2026/27"))] == ["2026/27"]


def test_same_bundle_gives_the_same_bytes_in_another_place(config: Path, tmp_path: Path) -> None:
    one, other = run(config, tmp_path / "a"), run(config, tmp_path / "b")
    assert one.run_id == other.run_id
    assert bytes_of(one) == bytes_of(other)


def test_a_stopping_gate_publishes_what_there_is_and_says_so(config: Path, tmp_path: Path) -> None:
    stopping = fakes.pipeline({"ledger": (fakes.check("ledger", "failed"),)})
    with pytest.raises(StoppedRun) as stop:
        direct.carry_out(Request(config, out=tmp_path), stopping)
    kept = stop.value.run
    assert kept.status == "stopped"
    assert kept.manifest["checks"]["failed"] == 1
    assert "integrated_budget" in kept.manifest["tables"], "what the gate refused can be looked at"
    assert (kept.folder / "gates" / "report.html").is_file()
    assert headline(kept) == ()
    said = json.loads((kept.folder / "gates" / "results.json").read_text())
    assert [(check["gate"], check["outcome"]) for check in said] == [("intake", "passed"), ("ledger", "failed")]


def test_an_unreadable_input_stops_the_run_before_anything_is_computed(config: Path, tmp_path: Path) -> None:
    with pytest.raises(StoppedRun) as stop:
        direct.carry_out(Request(config, out=tmp_path), fakes.pipeline(intake=fakes.stage_of(fakes.refuse)))
    assert stop.value.stage == "intake"
    assert [failure.check_id for failure in stop.value.failures] == ["T01"]


def test_a_failed_warning_does_not_stop(config: Path, tmp_path: Path) -> None:
    warned = fakes.pipeline({"ledger": (fakes.check("ledger", "failed", "warn"),)})
    assert direct.carry_out(Request(config, out=tmp_path), warned).manifest["checks"]["warned"] == 1


class TestRerun:
    """An earlier run again, with other assumptions."""

    def rerun(self, parent: Run, pipeline: Pipeline | None = None, **changes: object) -> Run:
        return direct.carry_out(Request.rerun(parent.folder, **changes), pipeline or fakes.pipeline())  # type: ignore[arg-type]

    def test_without_a_change_is_the_same_run(self, config: Path, tmp_path: Path) -> None:
        parent = run(config, tmp_path / "runs")
        again = self.rerun(parent)
        assert again.run_id == parent.run_id
        assert again.manifest["parent_run_id"] is None, "the run that is there is left as it is"

    def test_with_a_value_is_the_run_that_the_value_gives(self, config: Path, tmp_path: Path) -> None:
        changed = self.rerun(run(config, tmp_path / "a"), overrides={"efficiency_factor": "0.01"})
        straight = run(config, tmp_path / "b", overrides={"efficiency_factor": "0.01"})
        assert changed.run_id == straight.run_id
        assert headline(changed) == headline(straight)
        assert changed.folder.parent == (tmp_path / "a").resolve()

    def test_names_its_parent_and_adds_to_its_values(self, config: Path, tmp_path: Path) -> None:
        parent = run(config, tmp_path, overrides={"efficiency_factor": "0.01", "cost_uplift_factor": "0.05"})
        child = self.rerun(parent, overrides={"efficiency_factor": "0.015"})
        assert child.manifest["parent_run_id"] == parent.run_id
        assert child.manifest["overrides"] == {"efficiency_factor": "0.015", "cost_uplift_factor": "0.05"}

    def test_stands_on_what_its_parent_resolved_not_on_the_packs_of_today(self, config: Path, tmp_path: Path) -> None:
        parent = run(config, tmp_path)
        (config / "pack.yaml").write_text(fakes.PACK.replace("0.03", "0.09"))
        child = self.rerun(parent, overrides={"efficiency_factor": "0.02"})
        assert headline(child) == headline(parent)

    def test_lays_a_scenario_over(self, config: Path, tmp_path: Path) -> None:
        child = self.rerun(run(config, tmp_path), scenarios=("lean",))
        assert child.manifest["scenarios"] == ["lean"]
        assert headline(child)[0].allocation_pence == 2 * (10_000_00 + 20_000_00) * 99 // 100

    def test_keeps_the_years_of_its_parent(self, config: Path, tmp_path: Path) -> None:
        parent = run(config, tmp_path, year="2026/27")
        assert self.rerun(parent, overrides={"efficiency_factor": "0"}).manifest["budget_years"] == ["2026/27"]

    def test_starts_at_the_first_stage_that_the_change_concerns(self, config: Path, tmp_path: Path) -> None:
        child = self.rerun(run(config, tmp_path), overrides={"efficiency_factor": "0.01"})
        assert [(stage["stage"], stage["reused"]) for stage in child.manifest["stages"]] == [
            ("intake", True),
            ("ledger", False),
            ("publish", False),
        ]

    def test_refuses_other_inputs_and_names_them(self, config: Path, tmp_path: Path) -> None:
        parent = run(config, tmp_path)
        (config / "inputs" / "spend.csv").write_text(fakes.SPEND + "2025/26,QXX,South,prescribing,1\n")
        with pytest.raises(ConfigurationError, match=r"1 input files.*spend\.csv(.|\n)*start a new run"):
            self.rerun(parent, overrides={"efficiency_factor": "0.01"})

    def test_refuses_another_plan(self, config: Path, tmp_path: Path) -> None:
        parent = run(config, tmp_path)
        (config / "run.yaml").write_text(fakes.RUN_YAML.replace("2025-04-01", "2025-05-01"))
        with pytest.raises(ConfigurationError, match="settings, or the rules that it names(.|\n)*start a new run"):
            self.rerun(parent)

    def test_refuses_a_folder_that_is_no_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="not a run folder"):
            Request.rerun(tmp_path)


class TestEngine:
    """The engine that a run and its reruns are asked for."""

    def test_one_that_is_not_known_is_refused_before_anything_is_read(self, tmp_path: Path) -> None:
        request = Request(fakes.locality(tmp_path / "locality"), out=tmp_path / "out", engine="dask")
        with pytest.raises(ConfigurationError, match="--engine dask: there is no such engine; known: duckdb, spark"):
            request.bundle(())

    def test_a_rerun_asks_for_that_of_the_earlier_run(self, tmp_path: Path) -> None:
        parent = run(fakes.locality(tmp_path / "locality"), tmp_path)
        assert parent.manifest["engine"] == "duckdb"
        assert Request.rerun(parent.folder).engine == "duckdb"
        assert Request.rerun(parent.folder, engine="spark").engine == "spark"
