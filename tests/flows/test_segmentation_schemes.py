"""Schemes through whole runs: all that are shipped, one written from the guide, runs compared with earlier ones."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from budget.scenario.compare import Comparison
from expectations.gate import GreatExpectationsGate
from flows import direct
from flows.cli import main
from tests.flows.localities import ROOT, east_london
from tests.support.runs import compute

pytestmark = pytest.mark.flow

PEOPLE = 25_000
SCHEMES = ("london6", "nwl15", "snee", "bridges_to_health")
GUIDE = ROOT / "docs/guides/segmentation.md"


@pytest.fixture(scope="module")
def locality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return east_london(tmp_path_factory.mktemp("sample"), PEOPLE)


def configured(locality: Path, name: str, **settings: Any) -> Path:
    """The locality's settings with others, in a folder of their own."""
    folder = locality / name
    folder.mkdir(exist_ok=True)
    write_yaml(folder / "run.yaml", _written(read_yaml(locality / "run.yaml")) | settings)
    return folder


def _written(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"snapshot_date": str(settings["snapshot_date"])}


@pytest.fixture(scope="module")
def run_under(locality: Path) -> Callable[..., Run]:
    """A run of the sample under a scheme; each is made once."""
    made: dict[Any, Run] = {}

    def run(scheme: str, **values: str) -> Run:
        key = (scheme, *sorted(values.items()))
        if key not in made:
            segmentation = str(ROOT / f"config/segmentation/{scheme}.yaml")
            folder = configured(locality, scheme, segmentation=segmentation)
            made[key] = direct.run(folder, overrides=values, out=locality / "runs")
        return made[key]

    return run


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_runs_and_loses_nobody_and_no_penny(run_under: Callable[..., Run], scheme: str) -> None:
    run, first = run_under(scheme), run_under("london6")
    assert run.status == "complete"
    people = run.table("population")
    assert len(people) == PEOPLE == people["person_id"].nunique()
    assert set(people["segment"]) <= set(run.table("segments")["segment"])
    for table in ("segment_people", "integrated_budget"):
        column = "people" if table == "segment_people" else "allocation_pence"
        before, after = (r.table(table).groupby("financial_year")[column].sum() for r in (first, run))
        if table == "segment_people":
            assert after["2025/26"] == pytest.approx(before["2025/26"], rel=1e-12)
    assert run.table("segment_detail")["people"].sum() == pytest.approx(run.table("segment_summary")["people"].sum())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_broad_groups_add_up_to_the_budget(run_under: Callable[..., Run], scheme: str) -> None:
    run = run_under(scheme)
    budget, broad = run.table("integrated_budget"), run.table("broad_group_budget")
    money = [column for column in broad.columns if column.endswith("_pence")]
    keys = ["financial_year", "place"]
    pd.testing.assert_frame_equal(broad.groupby(keys)[money].sum(), budget.groupby(keys)[money].sum())
    once = budget.drop_duplicates([*keys, "segment"])
    for column in ("people", "weighted_people"):
        assert broad.groupby(keys)[column].sum().tolist() == pytest.approx(once.groupby(keys)[column].sum().tolist())
    assert set(broad["broad_group"]) <= {"mostly_well", "complex_needs", "older_adults", "unregistered"}


def test_the_synthetic_people_have_what_every_scheme_asks_about(run_under: Callable[..., Run]) -> None:
    for scheme in SCHEMES:
        lists = run_under(scheme).table("segment_codelists")
        assert (lists["people"] > 0).all(), lists.loc[lists["people"] == 0, "codelist"].tolist()
    prevalence = run_under("london6").table("condition_prevalence")
    assert prevalence["recorded_people"].sum() == pytest.approx(prevalence["published_people"].sum(), rel=0.02)


class TestCompare:
    def test_the_difference_adds_up_to_the_penny(self, run_under: Callable[..., Run]) -> None:
        before, after = run_under("london6"), run_under("london6", older_precedence="age_first")
        comparison = Comparison.of(before.folder, after.folder)
        ledgers = [int(run.table("budget_ledger")["amount_pence"].sum()) for run in (before, after)]
        assert comparison.difference.total_pence == ledgers[1] - ledgers[0]
        for key in ("step", "place", "segment", "broad_group", "service_line"):
            assert comparison.difference.by(key)["difference_pence"].sum() == comparison.difference.total_pence
        by_segment = comparison.difference.by("segment").set_index("segment")["difference_pence"]
        assert by_segment["ACX"] < 0 < by_segment["OA"], "money follows the people"
        assert by_segment.drop(["ACX", "OA"]).abs().max() < by_segment["OA"] / 10
        moved = comparison.moves.query("from_segment != to_segment")
        assert moved[["from_segment", "to_segment"]].values.tolist() == [["ACX", "OA"]]
        assert comparison.moves["people"].sum() == PEOPLE

    def test_two_schemes_are_compared_in_broad_groups(self, run_under: Callable[..., Run]) -> None:
        comparison = Comparison.of(run_under("london6").folder, run_under("nwl15").folder)
        broad = comparison.difference.by("broad_group").set_index("broad_group")
        assert set(broad.index) == {"mostly_well", "complex_needs", "older_adults", "unregistered"}
        assert (broad[["before_pence", "after_pence"]] > 0).all(axis=None)
        assert broad["difference_pence"].sum() == comparison.difference.total_pence

    def test_a_run_compared_with_itself_differs_in_nothing(self, run_under: Callable[..., Run]) -> None:
        run = run_under("london6")
        comparison = Comparison.of(run.folder, run.folder)
        assert (comparison.difference.rows["difference_pence"] == 0).all()
        assert (comparison.moves["from_segment"] == comparison.moves["to_segment"]).all()

    def test_the_command_says_it_in_text_json_and_a_file(
        self, run_under: Callable[..., Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folders = [str(run_under(name).folder) for name in ("london6", "nwl15")]
        assert main(["compare", *folders, "--out", str(tmp_path / "d.parquet")]) == 0
        told = capsys.readouterr().out
        for words in ("Six London groups", "By broad group", "By segment", "By place", "By step", "AMW", "NWL03", "£"):
            assert words in told
        assert main(["compare", *folders, "--json", "--out", str(tmp_path / "d.csv")]) == 0
        facts = json.loads(capsys.readouterr().out)
        for rows in (pd.read_parquet(tmp_path / "d.parquet"), pd.read_csv(tmp_path / "d.csv")):
            assert int(rows["difference_pence"].sum()) == facts["total_difference_pence"]
        told = [row["people"] for row in facts["moves"]]
        few = told.count(None)
        assert PEOPLE - 4 * few <= sum(people for people in told if people) <= PEOPLE - few
        assert min(people for people in told if people) >= 5
        assert main(["compare", *folders, "--out", str(tmp_path / "d.txt")]) == 2
        assert main(["compare", folders[0], str(tmp_path)]) == 2


class TestPreviousRun:
    def test_a_run_says_who_moved_since_the_one_before(self, locality: Path, run_under: Callable[..., Run]) -> None:
        before = run_under("london6")
        folder = configured(locality, "again", previous_run=str(before.folder))
        run = direct.run(folder, overrides={"older_precedence": "age_first"}, out=locality / "runs")
        churn = run.table("segment_churn")
        assert churn["people"].sum() == PEOPLE
        moved = churn[churn["cause"] != "unchanged"]
        assert moved[["from_segment", "to_segment", "cause"]].values.tolist() == [["ACX", "OA", "rule_change"]]
        assert run.manifest["previous_run"]["run_id"] == before.run_id
        edges = run.table("lineage_edges").query("output == 'segment_churn' and kind == 'earlier run'")
        assert set(edges["input"]) == {"previous_population", "previous_segment_scheme"}
        asked = run.table("dq_results").set_index("check_id")["outcome"]
        assert asked["S05"] == "passed" and asked["S03"] == "failed", "nothing is new but the order"
        again = direct.rerun(run.folder, overrides={"efficiency_factor": "0.011"})
        assert again.manifest["previous_run"]["run_id"] == before.run_id

    def test_the_earlier_run_is_part_of_what_a_run_depends_on(
        self, locality: Path, run_under: Callable[..., Run]
    ) -> None:
        alone = run_under("london6")
        folder = locality / "london6"
        one, two = (
            compute(folder, locality / "runs", previous=run_under(name).folder, gate=GreatExpectationsGate())
            for name in ("nwl15", "snee")
        )
        assert len({alone.run_id, one.bundle.run_id, two.bundle.run_id}) == 3
        segments = [run.ref("population").sha256 for run in (one, two)]
        assert {*segments} == {alone.manifest["tables"]["population"]["sha256"]}, (
            "whom it compares with does not change whom it places"
        )
        reused = {result.stage for result in two.results if result.reused}
        assert reused >= {"intake", "population", "costs"}

    def test_what_is_no_complete_run_of_this_locality_is_refused(
        self, locality: Path, run_under: Callable[..., Run], tmp_path: Path
    ) -> None:
        folder, other = locality / "london6", tmp_path / "other"
        with pytest.raises(ConfigurationError, match="this is not a run folder"):
            direct.run(folder, out=tmp_path / "runs", previous=tmp_path)
        for change, fault in (
            ({"status": "stopped"}, "stopped by a gate"),
            ({"locality": "elsewhere"}, "it is of elsewhere, not of east_london"),
            ({"pseudonym_key": "0"}, "another key"),
            ({"tables": {"population": {"sha256": "0", "rows": 1}}}, "its table population is missing"),
        ):
            shutil.rmtree(other, ignore_errors=True)
            other.mkdir()
            manifest = json.loads((run_under("london6").folder / "manifest.json").read_text()) | change
            (other / "manifest.json").write_text(json.dumps(manifest))
            with pytest.raises(ConfigurationError, match=fault):
                direct.run(folder, out=tmp_path / "runs", previous=other)


class TestAuthor:
    """A scheme written from the guide alone, in a folder of its own."""

    def written(self, locality: Path, folder: Path, **settings: Any) -> Path:
        blocks = dict(re.findall(r"```(csv|yaml)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
        (folder / "lists.csv").write_text(blocks["csv"], encoding="utf-8")
        (folder / "scheme.yaml").write_text(blocks["yaml"], encoding="utf-8")
        plan = _written(read_yaml(locality / "run.yaml")) | {"segmentation": "scheme.yaml"} | settings
        write_yaml(folder / "run.yaml", plan)
        return folder

    def test_it_runs(self, locality: Path, tmp_path: Path) -> None:
        run = direct.run(self.written(locality, tmp_path), out=locality / "runs")
        assert run.status == "complete"
        people = run.table("segment_summary").groupby("segment")["people"].sum()
        assert set(people.index) == {"FRAIL", "UNSTABLE", "OLDER", "FAMILY", "WELL", "UNREG"}
        assert len(run.table("population")) == PEOPLE
        assert run.table("segment_scheme").loc[0, "scheme"] == "four_groups"
        assert not run.table("segment_findings")["fault"].any()

    def test_a_production_run_is_refused_before_it_starts(
        self, locality: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = self.written(locality, tmp_path, purpose="annual")
        assert main(["run", str(folder), "--direct", "--quiet", "--out", str(tmp_path / "runs")]) == 2
        assert "pregnancy (draft)" in capsys.readouterr().err
        assert not list((tmp_path / "runs").glob("[!.]*"))

    def test_the_check_command_tells_of_drafts_and_dead_rules(
        self, locality: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = self.written(locality, tmp_path)
        scheme = (folder / "scheme.yaml").read_text(encoding="utf-8")
        (folder / "scheme.yaml").write_text(scheme.replace("when: unstable", "when: age < 5 and age > 60"))
        assert main(["check", str(folder), "--json", "--out", str(tmp_path / "runs")]) == 0
        checks = {check["check_id"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
        assert checks["S24"]["keys"] == ["pregnancy"] and checks["S25"]["keys"] == ["UNSTABLE"]
        assert {checks[name]["severity"] for name in ("S24", "S25")} == {"warn"}
