"""A second, rural locality from data alone: its own counts, gates and all; people and pounds conserved throughout."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from budget.audit.folder import Run
from budget.kernel.yaml import read_yaml
from flows import direct
from tests.flows.localities import ROOT, shipped_locality

pytestmark = pytest.mark.flow

PEOPLE = 30_000
PUBLISHED_PATIENTS = 1_100_114
PUBLISHED_WEIGHTS = ROOT / "data/norfolk_waveney/gp_practice_weighted_population_2026_27.csv"
# Sums that are set for whole places are cut to the sample.
CUT = {"low_volume_activity": "10000", "non_contract_activity": "10000"}


@pytest.fixture(scope="module")
def locality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_locality("norfolk_waveney", tmp_path_factory.mktemp("norfolk_waveney"), people=PEOPLE)


@pytest.fixture(scope="module")
def run(locality: Path) -> Run:
    return direct.run(locality, overrides=CUT, out=locality / "runs")


def test_the_run_completes_and_no_check_fails(run: Run) -> None:
    assert run.status == "complete"
    results = run.table("dq_results")
    assert not ((results["severity"] == "fail") & (results["outcome"] == "failed")).any()


def test_every_record_ends_somewhere_and_the_closing_list_is_the_published_one(run: Run, locality: Path) -> None:
    records = sum(pq.read_metadata(part).num_rows for part in (locality / "inputs/registered_list").glob("*.parquet"))
    set_aside = int(run.table("population_exceptions")["records"].sum())
    statement = run.table("population_reconciliation")
    assert records == PEOPLE + set_aside
    assert int(statement["closing"].sum()) == PEOPLE
    assert (statement["difference"].dropna() == 0).all()


def test_people_are_conserved_from_list_to_segments(run: Run) -> None:
    counted = run.table("population_counts")
    unregistered = counted.loc[counted["basis"] == "unregistered", "people"].sum()
    base = run.table("segment_people").query("financial_year == '2025/26'")["people"].sum()
    assert base == pytest.approx(PEOPLE + unregistered, rel=1e-12)


def test_residents_are_those_of_seven_districts_and_part_of_the_eighth(run: Run) -> None:
    residents = run.table("list_against_residents").groupby("place")["residents"].sum() * PUBLISHED_PATIENTS / PEOPLE
    # a band of the oldest in which the sample has nobody on a list is not compared
    assert residents["Waveney"] == pytest.approx(119_500, rel=0.002)
    assert residents.drop("Waveney").sum() == pytest.approx(931_947, rel=0.002)


def test_pounds_are_conserved_from_spend_to_ledger(run: Run, locality: Path) -> None:
    spend = pd.read_csv(locality / "inputs/spend.csv")
    ledger = run.table("budget_ledger").query("financial_year == '2026/27'").groupby("step")["amount_pence"].sum()
    assert ledger["baseline"] == spend.loc[spend["adjustment"].isna(), "amount_pence"].sum()
    assert ledger["normalisation"] == spend.loc[spend["adjustment"].notna(), "amount_pence"].sum()
    normalised = run.table("baseline_lines")["normalised_pence"].sum()
    assert run.table("segment_cost")["grossed_pence"].sum() == pytest.approx(normalised, rel=1e-12)


def test_budgets_add_to_the_quantum_and_to_the_months(run: Run) -> None:
    budget = run.table("integrated_budget")
    quantum = run.table("pace_of_change").groupby("financial_year")["allocation_pence"].sum()
    assert budget.groupby("financial_year")["allocation_pence"].sum().tolist() == quantum.tolist()
    paid = (budget["core_pence"] + budget["incentive_pence"]).groupby([budget["financial_year"], budget["place"]]).sum()
    months = run.table("monthly_profile").groupby(["financial_year", "place"])["payment_pence"].sum()
    assert months.tolist() == paid.tolist()


def test_need_of_the_places_is_the_published_one(run: Run) -> None:
    """Published practice weights by the district of the practice, against the mean of these places alone."""
    published = pd.read_csv(PUBLISHED_WEIGHTS).groupby("LAD")[["Registered Patients", "Core WP"]].sum()
    districts = pd.read_csv(ROOT / "data/norfolk_waveney/localities.csv").set_index("lad_code")["place"]
    index = published["Core WP"] / published["Registered Patients"]
    index = (index / (published["Core WP"].sum() / published["Registered Patients"].sum())).rename(districts)
    used = run.table("need_weights").query("used and financial_year == '2026/27'").set_index("place")["need_index"]
    assert used.idxmax() == index.idxmax() == "North Norfolk"
    assert used.idxmin() == index.idxmin() == "Norwich"
    assert used.reindex(index.index).to_numpy() == pytest.approx(index.to_numpy(), abs=0.015)


def test_care_outside_the_three_acute_trusts_leaves_most_from_the_south_west(run: Run) -> None:
    """Thetford looks to Bury St Edmunds: published catchments say that a quarter of Breckland's admissions do."""
    choice = run.table("carve_outs").query("type == 'choice' and financial_year == '2026/27'").set_index("place")
    share = choice["planned_pence"] / choice["base_pence"]
    assert share.idxmax() == "Breckland"
    assert share["Breckland"] == pytest.approx(0.265, abs=0.06)


def test_commissioners_are_the_icb_nhs_england_and_two_counties(run: Run) -> None:
    assert set(run.table("integrated_budget")["commissioner"]) == {"QMM", "NHSE", "E10000020", "E10000029"}
    suffolk = run.table("integrated_budget").query("commissioner == 'E10000029'")
    assert set(suffolk["place"]) == {"Waveney"}


def test_the_locality_file_names_every_commissioner_of_the_spend() -> None:
    labels = read_yaml(ROOT / "config/localities/norfolk_waveney.yaml")["labels"]
    spend = pd.read_csv(ROOT / "data/norfolk_waveney/spend.csv")
    assert set(labels) == set(spend["commissioner"])
