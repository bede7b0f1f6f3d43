"""``capitation assumptions``: every action, by the command line, over shipped localities and a run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from budget.assumptions.catalogue import catalogue
from budget.assumptions.sheet import VALUE, VALUES
from flows.cli import main
from tests.support.runs import EXAMPLE_A, compute

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the worked example with one value of its own."""
    outcome = compute(EXAMPLE_A, tmp_path_factory.mktemp("runs"), overrides={"efficiency_factor": "0.03"})
    return outcome.publish().folder


def asked(capsys: Printed, *words: str | Path, status: int = 0) -> Any:
    """The JSON answer of an action."""
    assert main(["assumptions", *map(str, words), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def said(capsys: Printed, *words: str | Path, status: int = 0) -> str:
    """The text answer of an action."""
    assert main(["assumptions", *map(str, words)]) == status
    out, err = capsys.readouterr()
    return err if status else out


class TestList:
    def test_every_assumption_of_a_locality_is_there(self, capsys: Printed) -> None:
        rows = asked(capsys, "list", "east_london")
        needed = {name for name, known in catalogue().items() if not known.when_used}
        assert needed <= {row["name"] for row in rows} <= set(catalogue())
        assert all(row["source"] and row["owner"] and row["status"] and row["reason"] for row in rows)

    def test_a_day_scenario_and_value_reach_it(self, capsys: Printed) -> None:
        words = ("--known-on", "2025-06-26", "--scenario", "lower_efficiency", "--set", "ips_share=0.03")
        rows = asked(capsys, "list", "east_london", *words)
        found = {(row["name"], row["financial_year"], row["scope"]): row for row in rows}
        assert found["price_cost_uplift", "2025/26", "all"]["value"] == "0.0415"
        assert found["efficiency_factor", "any", "all"]["set_by"] == "lower_efficiency"
        assert found["ips_share", "any", "all"]["value"] == "0.03"

    def test_a_run_is_listed_as_it_was_made(self, capsys: Printed, run_folder: Path) -> None:
        (row,) = (row for row in asked(capsys, "list", run_folder) if row["name"] == "efficiency_factor")
        assert (row["value"], row["set_by"], row["previous_value"]) == ("0.03", "--set", "0.02")

    def test_the_text_counts_what_is_unverified(self, capsys: Printed) -> None:
        assert "71 values, 1 of them unverified." in said(capsys, "list", EXAMPLE_A)

    @pytest.mark.parametrize("named", ["nowhere", "/nowhere/at/all"])
    def test_what_is_neither_locality_nor_run_is_refused(self, capsys: Printed, named: str) -> None:
        assert "there is no such locality" in said(capsys, "list", named, status=2)


class TestExplain:
    def test_meaning_stages_and_the_history(self, capsys: Printed) -> None:
        facts = asked(capsys, "explain", "cost_uplift_factor")
        assert (facts["unit"], facts["allowed"], facts["stages"]) == ("rate_per_year", "-0.10 to 0.20", ["ledger"])
        known = {(row["financial_year"], row["value"], row["status"]) for row in facts["published"]}
        assert {("2016/17", "0.031", "approved"), ("2017/18", "0.021", "unverified")} <= known
        assert facts["values"] == []

    def test_what_holds_in_each_year_and_scope(self, capsys: Printed) -> None:
        facts = asked(capsys, "explain", "efficiency_factor", "east_london")
        found = {(row["financial_year"], row["scope"]): row["value"] for row in facts["values"]}
        assert found["2026/27", "all"] == "0.02" and found["2028/29", "line:prescribing"] == "0"

    def test_a_run_tells_of_its_own_value(self, capsys: Printed, run_folder: Path) -> None:
        text = said(capsys, "explain", "efficiency_factor", run_folder)
        assert "0.03" in text and "[--set," in text and "used by  ledger" in text

    def test_a_name_that_is_no_assumption_is_answered(self, capsys: Printed) -> None:
        assert "It is called savings" in said(capsys, "explain", "qipp", status=2)
        assert "Did you mean efficiency_factor" in said(capsys, "explain", "efficency_factor", status=2)


class TestDiff:
    def test_packs(self, capsys: Printed) -> None:
        packs = [CONFIG / f"assumptions/{name}.yaml" for name in ("east_london", "norfolk_waveney")]
        changes = asked(capsys, "diff", *packs)["changes"]
        assert {change["name"] for change in changes} == {
            "choice_share",
            "low_volume_activity",
            "non_contract_activity",
        }

    def test_a_locality_and_a_run(self, capsys: Printed, run_folder: Path) -> None:
        answer = asked(capsys, "diff", EXAMPLE_A, run_folder)
        assert answer["changes"] == [
            {"name": "efficiency_factor", "scope": "all", "years": ["2025/26"], "before": "0.02", "after": "0.03"}
        ]
        assert "1 value differs" in said(capsys, "diff", EXAMPLE_A, run_folder)

    def test_a_scenario_and_itself(self, capsys: Printed) -> None:
        scenario = CONFIG / "scenarios/lower_efficiency.yaml"
        assert asked(capsys, "diff", scenario, scenario)["changes"] == []


class TestOutAndBack:
    def test_a_changed_cell_becomes_a_scenario_of_the_next_run(
        self, capsys: Printed, run_folder: Path, tmp_path: Path
    ) -> None:
        book, scenario = tmp_path / "out.xlsx", tmp_path / "dearer.yaml"
        assert asked(capsys, "export", run_folder, "--out", book)["values"] == 71
        workbook = openpyxl.load_workbook(book)
        cells = {row[0].value: row[VALUE] for row in workbook[VALUES].iter_rows()}
        cells["cost_uplift_factor"].value = 0.0483
        workbook.save(book)
        words = ("--config", run_folder, "--out", scenario, "--author", "Finance", "--reason", "After the pay award")
        answer = asked(capsys, "import", book, *words)
        assert [(row["name"], row["before"], row["after"]) for row in answer["changes"]] == [
            ("cost_uplift_factor", "0.0415", "0.0483")
        ]
        rows = {row["name"]: row for row in asked(capsys, "list", EXAMPLE_A, "--scenario", scenario)}
        assert (rows["cost_uplift_factor"]["value"], rows["cost_uplift_factor"]["set_by"]) == ("0.0483", "dearer")

    def test_a_wrong_cell_ends_with_its_name(self, capsys: Printed, tmp_path: Path) -> None:
        book = tmp_path / "out.xlsx"
        asked(capsys, "export", EXAMPLE_A, "--out", book)
        workbook = openpyxl.load_workbook(book)
        cell = next(row[VALUE] for row in workbook[VALUES].iter_rows() if row[0].value == "ips_share")
        cell.value = 2.5
        workbook.save(book)
        words = ("--config", EXAMPLE_A, "--out", tmp_path / "s.yaml", "--author", "me", "--reason", "why")
        fault = said(capsys, "import", book, *words, status=2)
        assert f"Assumptions!{cell.coordinate}: ips_share = 2.5 lies outside 0 to 1" in fault
        assert not (tmp_path / "s.yaml").exists()


def test_pin_makes_a_scenario_fit_the_packs_of_today(capsys: Printed, tmp_path: Path) -> None:
    scenario = tmp_path / "lean.yaml"
    shipped = (CONFIG / "scenarios/lower_efficiency.yaml").read_text()
    scenario.write_text("\n".join(line for line in shipped.splitlines() if "national: " not in line) + "\n")
    scenario.write_text(scenario.read_text().replace("based_on:", "based_on: {national: '0'}"))
    assert "another version of the pack national" in said(
        capsys, "list", "east_london", "--scenario", scenario, status=2
    )
    asked(capsys, "pin", scenario, CONFIG / "assumptions/national.yaml")
    assert asked(capsys, "list", "east_london", "--scenario", scenario)


def test_the_schema_is_the_one_that_is_shipped(capsys: Printed) -> None:
    assert said(capsys, "schema") == (CONFIG / "assumptions/schema.json").read_text(encoding="utf-8")


def test_an_action_is_needed(capsys: Printed) -> None:
    assert main(["assumptions"]) == 2
    assert "ACTION" in capsys.readouterr().err


def test_whoever_reads_may_stop_reading() -> None:
    command = [sys.executable, "-m", "flows.cli", "assumptions", "list", "east_london", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
