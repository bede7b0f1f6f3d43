"""East London under every method of need: targets follow the method, and every budget still adds up."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from budget.need.risk.coefficients import Formula
from flows.direct import run
from tests.flows.localities import east_london

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
def runs(folder: Path) -> dict[str, Path]:
    return {method: weighed(folder, need_weighting=method) for method in METHODS}


def weighed(folder: Path, **values: object) -> Path:
    return run(folder, overrides=SMALL | values, out=folder / "runs").folder


def read(run_folder: Path, table: str) -> pd.DataFrame:
    return pd.read_parquet(run_folder / "tables" / f"{table}.parquet")


@pytest.mark.parametrize("method", METHODS)
def test_targets_are_shared_by_the_method_that_is_chosen(runs: dict[str, Path], method: str) -> None:
    weights = read(runs[method], "need_weights")
    used = weights[weights["used"]]
    assert set(used["method"]) == {method}
    pace = read(runs[method], "pace_of_change").set_index(["financial_year", "place"]).sort_index()
    weighted = used.set_index(["financial_year", "place"])["weighted_people"].sort_index()
    shares = weighted / weighted.groupby("financial_year").transform("sum")
    targets = pace["target_pence"] / pace["target_pence"].groupby("financial_year").transform("sum")
    pd.testing.assert_series_equal(targets, shares, check_names=False, atol=1e-9)


def test_a_method_moves_money_between_places_and_makes_none(runs: dict[str, Path]) -> None:
    budgets = {method: read(folder, "integrated_budget") for method, folder in runs.items()}
    first = {method: frame[frame["financial_year"] == "2026/27"] for method, frame in budgets.items()}
    totals = {method: int(frame["allocation_pence"].sum()) for method, frame in first.items()}
    assert len(set(totals.values())) == 1
    by_place = {method: frame.groupby("place")["allocation_pence"].sum() for method, frame in first.items()}
    assert all((by_place[method] != by_place["published"]).any() for method in METHODS[1:])


def test_the_2018_19_formula_on_todays_streams_is_near_todays_core_need(runs: dict[str, Path]) -> None:
    weights = read(runs["formula_2018_19"], "need_weights").query("financial_year == '2026/27'").set_index("place")
    formula = weights.query("method == 'formula_2018_19'")["need_index"]
    core = weights.query("method == 'published' and stream == 'core'")["need_index"]
    assert (formula - core).abs().max() < 0.02


def test_each_line_can_have_a_method_of_its_own(folder: Path) -> None:
    mixed = weighed(
        folder,
        need_stream="by_line",
        **{"need_weighting@community": "model", "need_weighting@continuing_care": "age_sex_deprivation"},
    )
    lines = read(mixed, "need_by_line").query("financial_year == '2026/27'")
    ways = lines.drop_duplicates("service_line").set_index("service_line")[["method", "stream"]].agg(tuple, axis=1)
    assert ways["community"] == ("model", "community")
    assert ways["continuing_care"] == ("age_sex_deprivation", "all")
    assert ways["mental_health"] == ("published", "mental_health")
    assert ways["prescribing"] == ("published", "prescribing")
    used = read(mixed, "need_weights").query("used and financial_year == '2026/27'").set_index("place")
    assert set(used["method"]) == {"by_line"}
    assert used["weighted_people"].sum() == pytest.approx(used["population"].sum())
    mix = (lines["share_of_spend"] * lines["need_index"]).groupby(lines["place"]).sum()
    pd.testing.assert_series_equal(used["need_index"], mix.loc[used.index], check_names=False, rtol=1e-9)
    of_model = read(mixed, "need_model_lines")
    assert of_model[["stream", "service_line", "weighed"]].values.tolist() == [["community", "community", True]]
    assert set(read(mixed, "risk_diagnostics")["stream"]) == {"all", "community"}
    assert not (mixed / "tables" / "person_line_cost.parquet").exists(), "persons' cost stays between stages"
    page = (mixed / "pack" / "report.html").read_text(encoding="utf-8")
    assert "The need model (Community), Least squares, weighs Community." in page
    assert "The need model, Least squares, stands beside the method that sets the targets." in page
    checks = pd.read_parquet(mixed / "tables" / "dq_results.parquet").set_index("check_id")["outcome"]
    assert (checks["B27"], checks["W32"]) == ("passed", "passed")


def test_coefficients_can_be_frozen_and_give_the_same_need(folder: Path, runs: dict[str, Path]) -> None:
    table = read(runs["model"], "risk_model")
    coefficients = table[["model", "term", "level", "role", "estimate"]]
    inputs = folder / "inputs" / "risk_coefficients.csv"
    coefficients.to_csv(inputs, index=False)
    try:
        frozen = weighed(folder, need_weighting="model", need_coefficients="frozen")
    finally:
        inputs.unlink()
    for name in ("need_weights", "integrated_budget"):
        before, after = (read(which, name) for which in (runs["model"], frozen))
        pd.testing.assert_frame_equal(after, before, rtol=1e-12)
    assert set(read(frozen, "risk_diagnostics")["model"]) == {"frozen"}
    assert Formula.of(coefficients).name == "wls"
