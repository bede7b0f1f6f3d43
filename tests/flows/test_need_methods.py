"""East London under every method of need: targets follow the method, and every budget still adds up."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from budget.need.risk.coefficients import Formula
from expectations.gate import GreatExpectationsGate
from flows import direct
from tests.flows.localities import east_london
from tests.support.runs import Outcome, compute

pytestmark = pytest.mark.flow

METHODS = ("published", "model", "segment_cost", "formula_2018_19", "age_sex_deprivation")
SMALL = {"low_volume_activity": 1_000, "non_contract_activity": 1_000, "pace_min_growth": -0.1}
"""Sums that few people can bear, and room for targets to be met."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("methods")
    east_london(folder, people=8_000)
    return folder


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Outcome]:
    return {method: weighed(folder, need_weighting=method) for method in METHODS}


def weighed(folder: Path, **values: object) -> Outcome:
    return compute(folder, folder / "runs", overrides=SMALL | values, gate=GreatExpectationsGate())


@pytest.mark.parametrize("method", METHODS)
def test_targets_are_shared_by_the_method_that_is_chosen(runs: dict[str, Outcome], method: str) -> None:
    weights = runs[method].table("need_weights")
    used = weights[weights["used"]]
    assert set(used["method"]) == {method}
    pace = runs[method].table("pace_of_change").set_index(["financial_year", "place"]).sort_index()
    weighted = used.set_index(["financial_year", "place"])["weighted_people"].sort_index()
    shares = weighted / weighted.groupby("financial_year").transform("sum")
    targets = pace["target_pence"] / pace["target_pence"].groupby("financial_year").transform("sum")
    pd.testing.assert_series_equal(targets, shares, check_names=False, atol=1e-9)


def test_a_method_moves_money_between_places_and_makes_none(runs: dict[str, Outcome]) -> None:
    budgets = {method: run.table("integrated_budget") for method, run in runs.items()}
    first = {method: frame[frame["financial_year"] == "2026/27"] for method, frame in budgets.items()}
    totals = {method: int(frame["allocation_pence"].sum()) for method, frame in first.items()}
    assert len(set(totals.values())) == 1
    by_place = {method: frame.groupby("place")["allocation_pence"].sum() for method, frame in first.items()}
    assert all((by_place[method] != by_place["published"]).any() for method in METHODS[1:])


def test_the_2018_19_formula_on_todays_streams_is_near_todays_core_need(runs: dict[str, Outcome]) -> None:
    weights = runs["formula_2018_19"].table("need_weights").query("financial_year == '2026/27'").set_index("place")
    formula = weights.query("method == 'formula_2018_19'")["need_index"]
    core = weights.query("method == 'published' and stream == 'core'")["need_index"]
    assert (formula - core).abs().max() < 0.02


def test_each_line_can_have_a_method_of_its_own(folder: Path) -> None:
    by_line = {"need_weighting@community": "model", "need_weighting@continuing_care": "age_sex_deprivation"}
    run = direct.run(folder, overrides=SMALL | {"need_stream": "by_line"} | by_line, out=folder / "runs")
    lines = run.table("need_by_line").query("financial_year == '2026/27'")
    ways = lines.drop_duplicates("service_line").set_index("service_line")[["method", "stream"]].agg(tuple, axis=1)
    assert ways["community"] == ("model", "community")
    assert ways["continuing_care"] == ("age_sex_deprivation", "all")
    assert ways["mental_health"] == ("published", "mental_health")
    assert ways["prescribing"] == ("published", "prescribing")
    used = run.table("need_weights").query("used and financial_year == '2026/27'").set_index("place")
    assert set(used["method"]) == {"by_line"}
    assert used["weighted_people"].sum() == pytest.approx(used["population"].sum())
    mix = (lines["share_of_spend"] * lines["need_index"]).groupby(lines["place"]).sum()
    pd.testing.assert_series_equal(used["need_index"], mix.loc[used.index], check_names=False, rtol=1e-9)
    of_model = run.table("need_model_lines")
    assert of_model[["stream", "service_line", "weighed"]].values.tolist() == [["community", "community", True]]
    assert set(run.table("risk_diagnostics")["stream"]) == {"all", "community"}
    assert not (run.folder / "tables" / "person_line_cost.parquet").exists(), "persons' cost stays between stages"
    page = (run.folder / "pack" / "report.html").read_text(encoding="utf-8")
    assert "The need model (Community), Least squares, weighs Community." in page
    assert "The need model, Least squares, stands beside the method that sets the targets." in page
    checks = run.table("dq_results").set_index("check_id")["outcome"]
    assert (checks["B27"], checks["W32"]) == ("passed", "passed")


def test_coefficients_can_be_frozen_and_give_the_same_need(folder: Path, runs: dict[str, Outcome]) -> None:
    table = runs["model"].table("risk_model")
    coefficients = table[["model", "term", "level", "role", "estimate"]]
    inputs = folder / "inputs" / "risk_coefficients.csv"
    coefficients.to_csv(inputs, index=False)
    try:
        frozen = weighed(folder, need_weighting="model", need_coefficients="frozen")
    finally:
        inputs.unlink()
    for name in ("need_weights", "integrated_budget"):
        before, after = (which.table(name) for which in (runs["model"], frozen))
        pd.testing.assert_frame_equal(after, before, rtol=1e-12)
    assert set(frozen.table("risk_diagnostics")["model"]) == {"frozen"}
    assert Formula.of(coefficients).name == "wls"
