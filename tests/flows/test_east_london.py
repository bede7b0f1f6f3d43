"""The main job at full size: East London's real counts, gates and all; people and pounds conserved throughout."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from budget.audit.folder import Run
from flows import direct
from flows.cli import main
from flows.sharing import share
from tests.flows.localities import ROOT, east_london

pytestmark = pytest.mark.flow

PUBLISHED_PATIENTS = 2_476_030
PUBLISHED_PRACTICES = 263
ALLOCATED = [
    "baseline", "normalisation", "demographic_growth", "nondemographic_growth",
    "cost_uplift", "efficiency", "investments", "pace_of_change",
]  # fmt: skip


@pytest.fixture(scope="module")
def locality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return east_london(tmp_path_factory.mktemp("east_london"))


@pytest.fixture(scope="module")
def run(locality: Path) -> Run:
    return direct.run(locality, out=locality / "runs")


def test_the_run_completes_and_no_check_fails(run: Run) -> None:
    assert run.status == "complete"
    results = run.table("dq_results")
    assert not ((results["severity"] == "fail") & (results["outcome"] == "failed")).any()
    assert set(results["gate"]) == {
        "intake",
        "population",
        "segmentation",
        "costs",
        "need",
        "ledger",
        "payment",
        "publish",
    }


def test_the_closing_list_is_the_published_list(run: Run) -> None:
    statement = run.table("population_reconciliation")
    published = (
        pd.read_csv(ROOT / "data/east_london/gp_list_age_sex_2025_04.csv.gz").groupby("practice_code")["patients"].sum()
    )
    closing = statement.set_index("practice_code")["closing"]
    assert len(published) == PUBLISHED_PRACTICES
    assert int(closing.sum()) == PUBLISHED_PATIENTS
    assert closing.reindex(published.index).astype("int64").tolist() == published.tolist()
    assert (statement["difference"].dropna() == 0).all()


def test_the_statement_ties_for_every_practice(run: Run) -> None:
    s = run.table("population_reconciliation")
    tied = s.opening + s.joins + s.births - s.deaths - s.leavers - s.excluded - s.duplicates - s.quarantined
    assert tied.tolist() == s.closing.tolist()


def test_every_record_ends_somewhere(run: Run, locality: Path) -> None:
    records = sum(pq.read_metadata(part).num_rows for part in (locality / "inputs/registered_list").glob("*.parquet"))
    set_aside = int(run.table("population_exceptions")["records"].sum())
    assert records == PUBLISHED_PATIENTS + set_aside


def test_people_are_conserved_from_list_to_segments(run: Run) -> None:
    people = pq.read_table(run.folder / "tables/population.parquet", columns=["person_id"])
    assert people.num_rows == PUBLISHED_PATIENTS
    counted = run.table("population_counts")
    unregistered = counted.loc[counted["basis"] == "unregistered", "people"].sum()
    base = run.table("segment_people").query("financial_year == '2025/26'")["people"].sum()
    assert base == pytest.approx(PUBLISHED_PATIENTS + unregistered, rel=1e-12)


def test_pounds_are_conserved_from_spend_to_ledger(run: Run, locality: Path) -> None:
    spend = pd.read_csv(locality / "inputs/spend.csv")
    ledger = run.table("budget_ledger").query("financial_year == '2026/27'").groupby("step")["amount_pence"].sum()
    assert ledger["baseline"] == spend.loc[spend["adjustment"].isna(), "amount_pence"].sum()
    assert ledger["normalisation"] == spend.loc[spend["adjustment"].notna(), "amount_pence"].sum()
    normalised = run.table("baseline_lines")["normalised_pence"].sum()
    assert ledger["baseline"] + ledger["normalisation"] == normalised
    assert run.table("segment_cost")["grossed_pence"].sum() == pytest.approx(normalised, rel=1e-12)


def test_budgets_add_to_the_quantum_in_every_year(run: Run) -> None:
    pace = run.table("pace_of_change").groupby("financial_year")[["allocation_pence", "target_pence"]].sum()
    budget = run.table("integrated_budget")
    ledger = run.table("budget_ledger")
    allocated = ledger[ledger["step"].isin(ALLOCATED)].groupby("financial_year")["amount_pence"].sum()
    for year in ("2026/27", "2027/28", "2028/29"):
        quantum = int(pace.loc[year, "target_pence"])
        assert int(pace.loc[year, "allocation_pence"]) == quantum
        assert int(allocated[year]) == quantum
        assert int(budget.loc[budget["financial_year"] == year, "allocation_pence"].sum()) == quantum


@pytest.mark.parametrize("key", ["place", "segment", "service_line", "commissioner"])
def test_each_way_of_reading_the_budget_adds_to_the_same(run: Run, key: str) -> None:
    budget = run.table("integrated_budget")
    whole = budget.groupby("financial_year")["allocation_pence"].sum()
    by_key = budget.groupby(["financial_year", key])["allocation_pence"].sum().groupby("financial_year").sum()
    assert by_key.tolist() == whole.tolist()
    parts = budget["carve_out_pence"] + budget["risk_pool_pence"] + budget["incentive_pence"] + budget["core_pence"]
    assert parts.tolist() == budget["allocation_pence"].tolist()


def test_a_year_opens_with_the_allocation_of_the_year_before(run: Run) -> None:
    ledger = run.table("budget_ledger")
    closed = ledger[ledger["step"].isin(ALLOCATED)].groupby(["financial_year", "place"])["amount_pence"].sum()
    opened = ledger[ledger["step"] == "baseline"].groupby(["financial_year", "place"])["amount_pence"].sum()
    assert opened["2027/28"].tolist() == closed["2026/27"].tolist()
    assert opened["2028/29"].tolist() == closed["2027/28"].tolist()


def test_months_add_to_the_annual_payment(run: Run) -> None:
    budget = run.table("integrated_budget")
    wpap = (budget["core_pence"] + budget["incentive_pence"]).groupby([budget["financial_year"], budget["place"]]).sum()
    months = run.table("monthly_profile").groupby(["financial_year", "place"])["payment_pence"].agg(["sum", "count"])
    assert months["sum"].tolist() == wpap.tolist()
    assert (months["count"] == 12).all()


def test_contracts_hold_no_more_than_the_budget_of_their_lines(run: Run) -> None:
    plans, budget = run.table("contract_plans"), run.table("integrated_budget").query("financial_year == '2026/27'")
    held = plans.groupby("service_line")["budget_pence"].sum()
    assert set(plans["contract"]) == set(run.table("contract_terms")["contract"])
    # primary medical care, community, mental health and social care are contracted whole
    paid = (budget["core_pence"] + budget["incentive_pence"]).groupby(budget["service_line"]).sum()
    assert held.to_dict() == paid[held.index].to_dict()


def test_a_rerun_with_another_factor_starts_at_the_ledger(run: Run) -> None:
    changed = direct.rerun(run.folder, overrides={"efficiency_factor": "0.011"})
    reused = {stage["stage"]: stage["reused"] for stage in changed.manifest["stages"]}
    assert reused == {
        "intake": True, "population": True, "segmentation": True, "costs": True, "need": True,
        "ledger": False, "payment": False, "publish": False,
    }  # fmt: skip
    assert changed.manifest["parent_run_id"] == run.run_id
    before, after = (
        r.table("growth_bridge").query("step == 'efficiency'")["amount_pence"].sum() for r in (run, changed)
    )
    assert before < after < 0


def test_every_output_says_that_people_are_synthetic(run: Run) -> None:
    page = (run.folder / "pack/report.html").read_text(encoding="utf-8")
    assert "Synthetic people, real counts" in page
    assert "Synthetic people, real counts" in run.manifest["notice"]


def test_every_form_is_simulated_with_the_contracts_that_the_run_keeps(run: Run) -> None:
    kept = run.contracts()
    assert kept is not None
    shipped = ROOT / "config/contracts/east_london"
    assert {file.name: file.read_bytes() for file in kept.iterdir()} == {
        file.name: file.read_bytes() for file in shipped.iterdir()
    }
    lines, providers = run.table("service_line_margins"), run.table("payment_simulation")
    simulated = set(lines["form"]) | set(run.table("contract_simulation")["form"])
    lacking = set(run.table("forms_not_simulated")["form"])
    assert {f"F{number:02}" for number in range(1, 21)} <= simulated | lacking
    assert lacking == {"F04", "F11", "F15", "F17", "C6", "C8"}
    assert set(run.table("contract_terms")["contract"]) == set(run.table("party_risk")["contract"]) - {"no_contract"}
    assert (providers["margin_pence"] == providers["payment_pence"] - providers["cost_pence"]).all()
    flows = run.table("money_flow")["amount_pence"].sum()
    budget = run.table("integrated_budget")
    assert flows == budget.loc[budget["financial_year"] == "2026/27", "allocation_pence"].sum()


def test_the_simulation_of_the_command_is_that_of_the_run(run: Run, tmp_path: Path) -> None:
    assert main(["simulate", str(run.folder), "--out", str(tmp_path / "simulation")]) == 0
    for name in ("party_risk", "service_line_margins", "contract_simulation"):
        again = pd.read_parquet(tmp_path / "simulation" / "tables" / f"{name}.parquet")
        pd.testing.assert_frame_equal(again, run.table(name))


def test_what_is_shared_of_it_gives_nobody_away(run: Run, tmp_path: Path) -> None:
    shared = share(run.folder, tmp_path / "pack")
    audited = shared.pack.audited
    people = audited[(audited["unit"] == "people") & audited["shown"].notna()]
    assert not people["shown"].between(1, 4).any()
    hidden = audited[audited["shown"].isna() & (audited["needed"] > 0)]
    assert len(hidden) > 100, "practices have few people in small segments"
    assert (hidden["high"] - hidden["low"] >= hidden["needed"] * (1 - 1e-6)).all()
    beside = hidden[~hidden["small"]].drop_duplicates(["area", "part"])
    assert len(beside) < 20, "rounded counts need little else to be hidden"
