"""Worked example A with budgets of its own: gates, page and workbook included; what is outside is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from flows import direct
from tests.support.runs import EXAMPLE_A

pytestmark = pytest.mark.integration

OTHERS = ["U5", "CMW", "CCX", "AMW", "ACX", "UNREG"]
BUDGETS = [
    {"id": "older", "title": "Older people", "segments": ["OA"]},
    {"id": "mental_health", "title": "Mental health", "segments": OTHERS, "lines": ["mental_health"]},
]
MONEY = ["allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]


def example(folder: Path, budgets: list[dict[str, object]], **changes: object) -> Path:
    """The example in a folder of the test's own, with budgets."""
    shutil.copytree(EXAMPLE_A, folder)
    written = read_yaml(folder / "run.yaml")
    written["snapshot_date"] = str(written["snapshot_date"])
    for name in ("segmentation", "population_rules", "need", "gates"):
        written[name] = str((EXAMPLE_A / written[name]).resolve())
    write_yaml(folder / "run.yaml", written | {"budgets": budgets} | changes)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("scopes")
    prime = {"name": "Example Hospitals", "conflict_of_interest": "A panel sees its referrals."}
    config = example(folder / "example", BUDGETS, prime_provider=prime)
    return direct.run(config, out=folder / "runs", overrides={"choice_method": "prime_provider"})


def test_every_check_passes(run: Run) -> None:
    results = run.table("dq_results").set_index("check_id")
    assert not ((results["severity"] == "fail") & (results["outcome"] == "failed")).any()
    assert results.loc[["O27", "O28", "C10"], "outcome"].tolist() == ["passed"] * 3


def test_inside_and_outside_are_the_budget(run: Run) -> None:
    scoped, whole = run.table("scoped_budgets"), run.table("integrated_budget")
    assert scoped[MONEY].sum().to_dict() == whole[MONEY].sum().to_dict()
    by_budget = scoped.groupby("budget")["allocation_pence"].sum()
    older = whole.loc[whole["segment"] == "OA", "allocation_pence"].sum()
    mental = whole.loc[
        (whole["segment"] != "OA") & (whole["service_line"] == "mental_health"), "allocation_pence"
    ].sum()
    assert by_budget.drop("outside").to_dict() == {"older": older, "mental_health": mental}
    assert scoped.loc[scoped["budget"] == "outside", "title"].isna().all()


def test_people_read_it_on_the_page_and_in_the_workbook(run: Run) -> None:
    page = (run.folder / "pack/report.html").read_text(encoding="utf-8")
    assert "Outside all of these budgets" in page
    assert "Conflict of interest: A prime provider keeps" in page and "A panel sees its referrals." in page
    book = openpyxl.load_workbook(run.folder / "pack/budget.xlsx", data_only=True)
    names = {row[1] for row in book["Budgets by scope"].iter_rows(values_only=True)}
    assert {"Older people", "Mental health", "Outside all of these budgets"} <= names
    held = [cell for row in book["Choice money"].iter_rows(values_only=True) for cell in row]
    assert "Example Hospitals" in held
    assert "Arithmetic checks" in book.sheetnames
    ties = pd.DataFrame(book["Arithmetic checks"].iter_rows(values_only=True))
    assert not ties.isin(["DOES NOT AGREE"]).any(axis=None)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ({"segments": ["ELDERLY"]}, "odd names ELDERLY under segments"),
        ({"lines": ["dentistry"]}, "odd names dentistry under lines"),
        ({"conditions": ["diabetes"]}, "the locality has no activity"),
    ],
)
def test_a_budget_of_what_the_locality_lacks_is_refused(
    budget: dict[str, object], message: str, tmp_path: Path
) -> None:
    config = example(tmp_path / "example", [{"id": "odd", "title": "Odd", **budget}])
    with pytest.raises(ConfigurationError, match=message):
        direct.run(config, out=tmp_path / "runs")
