"""``capitation simulate`` over a small run folder: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.kernel.hashing import hash_file
from budget.kernel.yaml import write_yaml
from flows.cli import main
from tests.support.given import assume
from tests.support.simulated import VALUES

pytestmark = pytest.mark.integration

Printed = pytest.CaptureFixture[str]
CONTRACT = {
    "contract": "alliance",
    "title": "An alliance",
    "about": "Two providers with one result.",
    "purpose": "Nobody is handed on.",
    "status": "illustrative",
    "source": {"title": "A test", "where": "here"},
    "starts_on": "2025-04-01",
    "years": 5,
    "scope": {"places": "all", "lines": ["community"]},
    "commissioners": ["QMF"],
    "form": {"id": "C2"},
    "parties": [
        {"party": code, "role": "provider", "payment": {"id": "F01"}, "in_force": {"id": "F03"}, "can_bear": bears}
        for code, bears in (("RX1", 10), ("RX2", 100_000))
    ],
}


def tables() -> dict[str, pd.DataFrame]:
    """Two places and years, two lines, one commissioner, two local providers and one outside."""
    budget = pd.DataFrame(
        [
            (year, place, "OA", line, "QMF", 1_000_000_00, 25_000_00, 5_000_00, 1_000.0)
            for year in ("2026/27", "2027/28")
            for place in ("A", "B")
            for line in ("acute_elective", "community")
        ],
        columns=[
            "financial_year", "place", "segment", "service_line", "commissioner",
            "core_pence", "incentive_pence", "risk_pool_pence", "people",
        ],
    )  # fmt: skip
    activity = pd.DataFrame(
        [
            ("A", "acute_elective", "RX1", "Near", True, 100.0, 60_000_00),
            ("B", "acute_elective", "RX1", "Near", True, 50.0, 40_000_00),
            ("A", "community", "RX1", "Near", True, 10.0, 30_000_00),
            ("B", "community", "RX2", None, True, 10.0, 30_000_00),
            ("B", "acute_elective", "RY1", "Far", False, 9.0, 20_000_00),
        ],
        columns=["place", "service_line", "provider_code", "provider_name", "local", "units", "cost_pence"],
    )
    cover = pd.DataFrame(
        [(year, "place", place, 0.03) for year in ("2026/27", "2027/28") for place in ("A", "B")],
        columns=["financial_year", "scale", "unit", "sd_share"],
    )
    ledger = budget[["financial_year", "place", "segment", "service_line", "commissioner"]]
    return {
        "integrated_budget": budget,
        "provider_activity": activity,
        "risk_pool_cover": cover,
        "budget_ledger": ledger.assign(step="baseline", amount_pence=1_030_000_00),
    }


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "small-2026-27-abc", tables())


def write_run(folder: Path, frames: dict[str, pd.DataFrame], contracts: tuple[dict[str, Any], ...] = ()) -> Path:
    (folder / "tables").mkdir(parents=True)
    for name, frame in frames.items():
        frame.to_parquet(folder / "tables" / f"{name}.parquet")
    write_yaml(folder / "assumptions.yaml", json.loads(json.dumps(assume(VALUES).as_pack(), default=str)))
    kept = {}
    for number, contract in enumerate(contracts):
        (folder / "contracts").mkdir(exist_ok=True)
        file = folder / "contracts" / f"{number}.yaml"
        write_yaml(file, contract)
        kept[file.name] = hash_file(file)
    manifest = {
        "run_id": folder.name, "status": "complete", "title": "A small locality", "notice": "", "contracts": kept,
        "budget_years": ["2026/27", "2027/28"], "config": str(folder / "gone.yaml"), "output_hash": "f00",
        "tables": {name: {} for name in frames},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def told(capsys: Printed, *words: object) -> dict[str, Any]:
    assert main(["simulate", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_parties_under_every_form_and_where_it_is_written(run: Path, capsys: Printed) -> None:
    facts = told(capsys, run)
    assert (facts["draws"], facts["seed"], facts["activity"]) == (20, 1, [1.06, 0.93])
    assert {row["provider_code"] for row in facts["by_party"]} == {"RX1", "RX2"}
    assert {row["form"] for row in facts["not_simulated"]} >= {"F04", "F15", "F17", "C8"}
    folder = Path(facts["out"])
    assert folder.parent == run.parent and folder.name.startswith("small-2026-27-abc-simulation-")
    written = pd.read_parquet(folder / "tables" / "service_line_margins.parquet")
    assert len(written) == len(pd.read_csv(folder / "tables" / "service_line_margins.csv"))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["kind"] == "simulation" and manifest["run_id"] == run.name
    assert all(hash_file(folder / name) == sha256 for name, sha256 in manifest["files"].items())
    page = (folder / "simulation.html").read_text(encoding="utf-8")
    assert "<svg" in page and "Risk by party" in page and "<script" not in page


def test_it_says_that_there_are_no_contracts(run: Path, capsys: Printed) -> None:
    assert main(["simulate", str(run), "--form", "F01", "--form", "C1"]) == 0
    said = capsys.readouterr().out
    assert "The run has no contracts" in said and "F01 Block" in said and "F03" not in said
    assert "Near (RX1), planned 3.08" in said


def test_contracts_that_the_run_kept(tmp_path: Path, capsys: Printed) -> None:
    folder = write_run(tmp_path / "kept", tables(), (CONTRACT,))
    facts = told(capsys, folder)
    assert facts["contracts"] == ["alliance"]
    risk = {(row["contract"], row["form"], row["party"]): row for row in facts["risk"]}
    assert risk["alliance", "C2", "RX1"]["agreed"] and not risk["alliance", "C1", "RX1"]["agreed"]
    assert risk["alliance", "F01", "RX1"]["within"] is False and risk["alliance", "F01", "RX2"]["within"] is True
    assert risk["alliance", "F01", "RX1"]["can_bear_pence"] == 1_000
    agreed = [row for row in facts["by_party"] if row["form"] == "agreed"]
    assert {row["payment_pence"] for row in agreed} == {1_025_000_00}
    assert {row["party"] for row in facts["by_contract"] if row["form"] == "C2"} == {"RX1", "RX2"}


def test_contracts_changed_since_are_refused(tmp_path: Path, capsys: Printed) -> None:
    folder = write_run(tmp_path / "kept", tables(), (CONTRACT,))
    (folder / "contracts" / "0.yaml").write_text("contract: other\n")
    assert main(["simulate", str(folder)]) == 2
    assert "not as the run left it" in capsys.readouterr().err


def test_contracts_of_a_folder_that_is_named(run: Path, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "mine").mkdir()
    write_yaml(tmp_path / "mine" / "one.yaml", CONTRACT)
    assert told(capsys, run, "--contracts", tmp_path / "mine")["contracts"] == ["alliance"]


def test_a_line_and_a_party_move_by_themselves(run: Path, capsys: Printed) -> None:
    words = ("--shock", "1", "--line", "community=1.2", "--party", "RX1=0.5", "--form", "F03", "--draws", "0")
    facts = told(capsys, run, *words)
    paid = {row["provider_code"]: (row["planned_pence"], row["payment_pence"]) for row in facts["by_party"]}
    assert paid["RX2"] == (1_025_000_00, 1_230_000_00)
    assert paid["RX1"] == (3_075_000_00, (2_050_000_00 + 1_230_000_00) // 2)
    assert facts["risk"] == []


def test_a_later_year_and_the_same_draws_twice(run: Path, tmp_path: Path, capsys: Printed) -> None:
    one, again, other = (
        told(capsys, run, "--year", "2027/28", "--draws", 50, "--seed", seed, "--out", tmp_path / f"out{number}")[
            "risk"
        ]
        for number, seed in enumerate((7, 7, 8))
    )
    assert one == again != other
    assert {row["financial_year"] for row in one} == {"2027/28"}


def test_the_same_question_replaces_its_own_folder_and_nothing_else(run: Path, tmp_path: Path, capsys: Printed) -> None:
    assert told(capsys, run, "--draws", 0)["out"] == told(capsys, run, "--draws", 0)["out"]
    (tmp_path / "mine").mkdir()
    assert main(["simulate", str(run), "--out", str(tmp_path / "mine")]) == 2
    assert "something else is there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--draws", "90000"), "lies outside"),
        (("--shock", "lots"), "a ratio is a number"),
        (("--shock", "-1"), "a ratio lies between"),
        (("--line", "community"), "NAME=RATIO"),
        (("--line", "dentistry=1.1"), "no line of the plan"),
        (("--party", "RY1=1.1"), "no party of the plan"),
        (("--form", "F99"), "known: F01"),
        (("--year", "2040/41"), "sets budgets for 2026/27"),
        (("--contracts", "nowhere"), "there are no contracts"),
    ],
)
def test_what_it_refuses(run: Path, words: tuple[str, ...], fault: str, capsys: Printed) -> None:
    assert main(["simulate", str(run), *words]) == 2
    assert fault in capsys.readouterr().err


def test_a_run_that_knows_no_provider_is_refused(tmp_path: Path, capsys: Printed) -> None:
    frames = {name: frame for name, frame in tables().items() if name != "provider_activity"}
    assert main(["simulate", str(write_run(tmp_path / "bare", frames))]) == 2
    assert "does not know which provider does what" in capsys.readouterr().err
