"""P10 and P90 as users see them: in a run's tables, and by ``capitation uncertainty``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.audit.folder import Run
from budget.kernel.yaml import read_yaml, write_yaml
from flows import direct
from flows.cli import main

pytestmark = pytest.mark.flow

EXAMPLE = Path(__file__).parents[2] / "config/examples/worked_example_a"
RANGES = {"ips_share": ("0.01", "0.05"), "quantum": ("533000000", "540000000"), "efficiency_factor": ("0.01", "0.03")}

Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The worked example with three ranges."""
    folder = tmp_path_factory.mktemp("home") / "a"
    shutil.copytree(EXAMPLE, folder)
    plan = read_yaml(folder / "run.yaml")
    paths = ("segmentation", "population_rules", "need", "gates")
    plan |= {name: str((EXAMPLE / plan[name]).resolve()) for name in paths}
    write_yaml(folder / "run.yaml", plan | {"snapshot_date": str(plan["snapshot_date"])})
    pack = read_yaml(folder / "assumptions.yaml")
    for name, (low, high) in RANGES.items():
        for value in pack["values"][name]:
            value |= {"low": low, "high": high, "range_reason": "a test"}
    write_yaml(folder / "assumptions.yaml", json.loads(json.dumps(pack, default=str)))
    return direct.run(folder, out=folder.parent / "runs")


def told(capsys: Printed, *words: object) -> dict[str, Any]:
    assert main(["uncertainty", *map(str, words), "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_budget_of_the_run_has_its_range(run: Run) -> None:
    ranges = run.table("budget_range")
    bridge = run.table("growth_bridge").groupby("financial_year")["balance_pence"].last()
    whole = ranges[(ranges["scale"] == "footprint") & (ranges["measure"] == "core")]
    assert whole.set_index("financial_year")["booked_pence"].to_dict() == bridge.to_dict()
    assert ((ranges["p10_pence"] < ranges["booked_pence"]) & (ranges["booked_pence"] < ranges["p90_pence"])).all()
    assert set(ranges["draws"]) == {1000} and not ranges["need_drawn"].any()


def test_the_command_with_the_runs_draws_says_what_the_run_says(run: Run, capsys: Printed) -> None:
    budgets = pd.DataFrame(told(capsys, run.folder, "--draws", 1000)["budgets"])
    keys = ["financial_year", "scale", "unit", "measure"]
    recorded = run.table("budget_range").sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(
        budgets.sort_values(keys, ignore_index=True)[recorded.columns], recorded, check_dtype=False
    )


def test_more_draws_move_percentiles_little_and_another_seed_others(run: Run, capsys: Printed) -> None:
    few, many, other = (
        pd.DataFrame(told(capsys, run.folder, "--draws", draws, "--seed", seed)["budgets"])
        for draws, seed in ((1000, 1), (10_000, 1), (1000, 2))
    )
    width = (many["p90_pence"] - many["p10_pence"]).abs()
    assert ((few["p10_pence"] - many["p10_pence"]).abs() < 0.15 * width).all()
    assert (few["p10_pence"] != other["p10_pence"]).any()


def test_it_says_what_was_drawn_and_what_was_not(run: Run, capsys: Printed) -> None:
    facts = told(capsys, run.folder)
    drawn = {row["drawn"] for row in facts["shares_of_variance"]}
    assert drawn <= set(RANGES) | {"efficiency_factor 2025/26", "quantum 2025/26"}
    assert "risk_pool_share" in facts["no_range_stated"]
    assert facts["seconds"] < 5
    for measure in ("allocation", "core"):
        whole = [
            row["share"]
            for row in facts["shares_of_variance"]
            if row["measure"] == measure and row["scale"] == "footprint"
        ]
        assert sum(whole) == pytest.approx(1, abs=0.1)


def test_text_and_files(run: Run, tmp_path: Path, capsys: Printed) -> None:
    for ending in ("csv", "parquet", "html"):
        assert main(["uncertainty", str(run.folder), "--draws", "500", "--out", str(tmp_path / f"u.{ending}")]) == 0
    said = capsys.readouterr().out
    for words in ("P10", "booked", "500 draws, seed 1", "No range stated:", "no error of the weights"):
        assert words in said
    rows = pd.read_csv(tmp_path / "u.csv")
    assert rows["p10_pence"].tolist() == pd.read_parquet(tmp_path / "u.parquet")["p10_pence"].tolist()
    assert "Where it comes from" in (tmp_path / "u.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--draws", "0"), "nothing is told"),
        (("--draws", "90000"), "lies outside 0 to 20000"),
        (("--year", "2040/41"), "2040/41"),
        (("--seed", "-1"), "lies outside"),
    ],
)
def test_what_it_refuses(run: Run, words: tuple[str, ...], fault: str, capsys: Printed) -> None:
    assert main(["uncertainty", str(run.folder), *words]) == 2
    captured = capsys.readouterr()
    assert fault in captured.out + captured.err
