"""``capitation settle`` as users see it: a small locality, its year drawn, settled quarter by quarter."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.folder import Run
from budget.audit.issued import last_issued
from budget.contracts import settlement_tables
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import write_yaml
from flows.cli import main
from flows.settling import Counted, settle_run
from tests.flows.localities import settings_of, whole_sample
from tests.support.runs import compute

pytestmark = pytest.mark.flow

PEOPLE = 4_000
Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A sample of East London with its contracts."""
    folder = tmp_path_factory.mktemp("settle")
    config = whole_sample(folder, people=PEOPLE)
    write_yaml(config / "run.yaml", settings_of(config / "run.yaml") | {"budget_years": ["2026/27"]})
    return compute(config, folder / "runs").publish()


@pytest.fixture(scope="module")
def actuals(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("actuals") / "drawn"
    assert main(["synth", "east_london", "--actuals", str(run.folder), "--months", "6", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def second(run: Run, actuals: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("settled")
    assert main(["settle", str(run.folder), "--actuals", str(actuals), "--quarter", "2", "--out", str(out)]) == 0
    return next(out.iterdir())


def told(capsys: Printed, *words: object) -> dict[str, Any]:
    assert main(["settle", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_folder_holds_what_its_manifest_says(run: Run, second: Path) -> None:
    manifest = json.loads((second / "manifest.json").read_text())
    assert second.name == f"{run.run_id}-settlement-2026-27-Q2"
    assert (manifest["run_id"], manifest["quarter"], manifest["final"]) == (run.run_id, 2, False)
    assert all(hash_file(second / name) == hashed for name, hashed in manifest["files"].items())
    assert second.stat().st_mode & 0o077 == 0
    tables = {path.stem for path in (second / "tables").glob("*.parquet")}
    assert {"settlement_journal", "late_news", "month_people", "shadow_year", "pool_balance", "place_moves"} <= tables
    assert tables <= set(settlement_tables())
    assert {row["table"] for row in manifest["actuals"]} >= {"actual_spend", "registered_list"}


def test_every_statement_adds_up_and_all_of_them_to_nothing(second: Path) -> None:
    total = 0
    for path in (second / "statements").glob("*.txt"):
        amounts = [
            [_pence(text) for text in re.findall(r"-?£[\d,]+\.\d\d", line)] for line in path.read_text().splitlines()
        ]
        *items, whole = [line for line in amounts if len(line) == 3]
        assert [sum(column) for column in list(zip(*items, strict=True))[:2]] == whole[:2], path.name
        # a statement of one item has its total twice
        end = len(amounts) - amounts[::-1].index(whole) - 1
        assert sum(line[-1] for line in amounts[:end] if line) == whole[2], path.name
        total += whole[1]
    assert total == 0


def _pence(text: str) -> int:
    return int(text.replace("£", "").replace(",", "").replace(".", ""))


@pytest.fixture(scope="module")
def first(run: Run, actuals: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The first quarter: its folder, and what is printed."""
    out = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("builtins.print", lambda text, **_: said.append(str(text)))
        words = ["settle", str(run.folder), "--actuals", str(actuals), "--quarter", "1", "--out", str(out)]
        assert main(words) == 0
    return next(out.iterdir()), "\n".join(said)


def test_two_quarters_are_the_half_year(second: Path, first: tuple[Path, str]) -> None:
    journal = pd.read_parquet(second / "tables" / "settlement_journal.parquet")
    early = pd.read_parquet(first[0] / "tables" / "settlement_journal.parquet")
    assert {"choice", "prior_year", "incentive_unearned", "risk_pool"} <= set(early["item"])
    pd.testing.assert_frame_equal(journal[journal["quarter"] == 1].reset_index(drop=True), early)


@pytest.fixture(scope="module")
def late(actuals: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The half year, with dearer care in its first month and an old dispute that nobody knew of before."""
    folder = tmp_path_factory.mktemp("late")
    for name in ("actual_spend", "actual_choice", "actual_outcomes", "prior_year_adjustments"):
        rows = pd.read_csv(actuals / f"{name}.csv")
        if name == "actual_spend":
            rows["amount_pence"] += (rows["month"] == 1) * 100_000
        rows.drop(columns="known_month", errors="ignore").to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_a_statement_after_one_that_was_issued(
    run: Run, late: Path, first: tuple[Path, str], tmp_path: Path, capsys: Printed
) -> None:
    words = (run.folder, "--actuals", late, "--quarter", 2, "--out", tmp_path, "--after", first[0])
    facts = told(capsys, *words)
    manifest = json.loads((Path(facts["out"]) / "manifest.json").read_text())
    issued = {"folder": first[0].name, "quarter": 1, "manifest_sha256": hash_file(first[0] / "manifest.json")}
    assert manifest["after"] == issued == facts["after"]
    assert any(first[0].name in note for note in facts["notes"])
    journal = pd.read_parquet(Path(facts["out"]) / "tables" / "settlement_journal.parquet")
    early = pd.read_parquet(first[0] / "tables" / "settlement_journal.parquet")
    pd.testing.assert_frame_equal(journal[journal["quarter"] == 1].reset_index(drop=True), early)
    # the dispute was issued with the first quarter, so it is not paid again
    assert set(journal.loc[journal["item"] == "prior_year", "quarter"]) == {1}


@pytest.mark.parametrize("wrong", ["changed", "another run", "another quarter", "no settlement"])
def test_after_what_it_refuses(
    wrong: str, run: Run, late: Path, first: tuple[Path, str], tmp_path: Path, capsys: Printed
) -> None:
    issued = shutil.copytree(first[0], tmp_path / "issued")
    says = json.loads((issued / "manifest.json").read_text())
    match wrong:
        case "changed":
            (issued / "tables" / "settlement_journal.parquet").write_bytes(b"other")
        case "another run":
            (issued / "manifest.json").write_text(json.dumps(says | {"run_output_hash": "0" * 64}))
        case "another quarter":
            (issued / "manifest.json").write_text(json.dumps(says | {"quarter": 2}))
        case "no settlement":
            issued = tmp_path
    words = ["settle", str(run.folder), "--actuals", str(late), "--quarter", "2", "--after", str(issued)]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    expected = {
        "changed": "not as it was written",
        "another run": "not " + run.run_id,
        "another quarter": "not before quarter 2",
        "no settlement": "no readable manifest.json",
    }
    assert expected[wrong] in capsys.readouterr().err


def test_a_scheduled_settlement_finds_the_one_before(run: Run, first: tuple[Path, str], tmp_path: Path) -> None:
    beside = replace(run, folder=tmp_path / run.run_id)
    assert last_issued(beside, 2) is None
    folder = shutil.copytree(first[0], tmp_path / first[0].name)
    assert last_issued(beside, 2) == folder
    assert last_issued(beside, 1) is None


def test_no_identifier_leaves_the_engine(actuals: Path, second: Path) -> None:
    numbers = set(pd.read_parquet(actuals / "registered_list.parquet", columns=["person_id"])["person_id"][:200])
    for path in second.rglob("*"):
        if path.suffix in (".txt", ".html", ".csv", ".json"):
            text = path.read_text(encoding="utf-8")
            assert not any(number in text for number in numbers), path.name


def test_the_page_and_the_text_say_what_was_settled(second: Path, first: tuple[Path, str]) -> None:
    page = (second / "settlement.html").read_text(encoding="utf-8")
    for words in ("Expected and actual", "Risk pools", "Shadow year", "Statements", "<svg", "Late news"):
        assert words in page
    said = first[1]
    for words in ("quarter 1 (provisional, cumulative)", "All together", "£0.00", "newcomers"):
        assert words in said


def test_without_people_outcomes_and_choice_it_says_so(
    run: Run, actuals: Path, tmp_path: Path, capsys: Printed
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    rows = pd.read_csv(actuals / "actual_spend.csv")
    rows.to_csv(bare / "actual_spend.csv", index=False)
    facts = told(capsys, run.folder, "--actuals", bare, "--quarter", 1, "--out", tmp_path)
    assert sum("not known" in note or "Nobody handed over" in note for note in facts["notes"]) >= 3
    assert all(row["list_pence"] == 0 for row in facts["parties"])


def test_the_way_of_counting_moves_what_is_settled(
    run: Run, actuals: Path, second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    from budget.assumptions.resolved import Assumptions
    from flows import settling
    from tests.support.given import assume

    known = settling.read_resolved(run.folder)
    other = Assumptions({**known.entries, **assume({"monthly_count": "average"}).entries})
    monkeypatch.setattr(settling, "read_resolved", lambda _: other)
    facts = told(capsys, run.folder, "--actuals", actuals, "--quarter", 1, "--out", tmp_path)
    counted = pd.read_parquet(Path(facts["out"]) / "tables" / "month_people.parquet")
    usual = pd.read_parquet(second / "tables" / "month_people.parquet").query("known_month <= 3")
    assert counted["people"].sum() != pytest.approx(usual["people"].sum(), abs=1e-6)


def test_a_settlement_is_verified_by_its_own_hashes(second: Path, tmp_path: Path, capsys: Printed) -> None:
    copy = shutil.copytree(second, tmp_path / "copy")
    assert main(["verify", str(copy)]) == 0
    assert "made beside a run" in capsys.readouterr().out
    (copy / "settlement.html").write_text("another")
    (copy / "tables" / "more.csv").write_text("a")
    assert main(["verify", str(copy), "--json"]) == 1
    found = {finding["file"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert set(found) == {"settlement.html", "tables/more.csv"}
    assert main(["verify", str(second), "--reproduce"]) == 2


def test_it_counts_as_the_run_did_and_refuses_what_was_changed(run: Run, actuals: Path, tmp_path: Path) -> None:
    counted = Counted.of(run)
    assert (counted.person_id, counted.base_year) == ("synthetic_nhs_number", "2025/26")
    (rules := tmp_path / "rules.yaml").write_bytes(counted.rules.read_bytes() + b"# one more line\n")
    other = {**run.manifest, "population_rules": {**run.manifest["population_rules"], "file": str(rules)}}
    with pytest.raises(ConfigurationError, match="rules of the population are no longer those of run"):
        Counted.of(replace(run, manifest=other))
    changed = Run.open(shutil.copytree(run.folder, tmp_path / "changed"))
    (changed.folder / "tables" / "carve_outs.parquet").unlink()
    with pytest.raises(ConfigurationError, match=r"carve_outs.parquet: the table is not as the run left it"):
        settle_run(changed, actuals, 1)


def test_what_it_refuses(run: Run, actuals: Path, tmp_path: Path, capsys: Printed) -> None:
    assert main(["settle", str(run.folder), "--actuals", str(tmp_path / "nowhere")]) == 2
    assert main(["settle", str(run.folder), "--actuals", str(actuals), "--quarter", "5"]) == 2
    assert main(["settle", str(run.folder), "--actuals", str(actuals), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "month 7" in said and "Y02" in said
