"""The ledger on localities told in a few numbers: what each step moves, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from budget.assumptions.catalogue import catalogue
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.ledger.steps import STEPS
from tests.support.localities import QUIET, SEGMENTS, YEARS, Locality, locality

pytestmark = pytest.mark.unit

PENCE = 100


def bridge(small: Locality, year: str = YEARS[0]) -> pd.DataFrame:
    """Movements in pence, steps by places."""
    table = small.book()["growth_bridge"]
    return table[table["financial_year"] == year].pivot(index="step", columns="place", values="amount_pence")


def lines(*names: str) -> Locality:
    """One place that spends 1,000 pounds on each of some lines."""
    one = locality({"A": 1000 * PENCE})
    parts = [one.baseline.assign(service_line=name) for name in names]
    costs = [one.costs.assign(service_line=name) for name in names]
    return replace(one, baseline=pd.concat(parts, ignore_index=True), costs=pd.concat(costs, ignore_index=True))


def test_steps_are_recorded_in_their_order() -> None:
    table = locality({"A": 100_000, "B": 50_000}, years=YEARS).book()["growth_bridge"]
    order = [step.name for step in STEPS]
    for _, rows in table.groupby(["financial_year", "place"], sort=False):
        assert list(rows["step"]) == order


def test_where_nothing_changes_nothing_moves_but_the_baseline() -> None:
    tables = locality({"A": 100_003, "B": 50_001}, years=YEARS).book()
    assert set(tables["budget_ledger"]["step"]) == {"baseline"}
    assert tables["budget_ledger"].groupby("place")["amount_pence"].sum().to_dict() == {"A": 200_006, "B": 100_002}
    assert list(tables["pace_of_change"]["growth"]) == [0.0] * 4


def test_demography_moves_every_segment_by_its_people() -> None:
    small = locality({"A": 100_000})
    small.people.loc[(small.people["financial_year"] == YEARS[0]) & (small.people["segment"] == "OA"), "people"] = 1100
    ledger = small.book()["budget_ledger"]
    moved = ledger[ledger["step"] == "demographic_growth"]
    assert moved[["segment", "amount_pence"]].values.tolist() == [["OA", 2_500]]
    assert list(moved["assumptions"].iloc[0]) == ["population_projection"]


def test_a_rate_of_one_line_moves_that_line_and_is_cited_by_its_name() -> None:
    small = lines("acute_elective", "community").with_values(
        **{"cost_uplift_factor": 0.02, "cost_uplift_factor@line:community": 0.05}
    )
    ledger = small.book()["budget_ledger"]
    uplift = ledger[ledger["step"] == "cost_uplift"]
    assert uplift.groupby("service_line")["amount_pence"].sum().to_dict() == {
        "acute_elective": 2_000,
        "community": 5_000,
    }
    cited = {row.service_line: tuple(row.assumptions) for row in uplift.itertuples()}
    assert cited == {"acute_elective": ("cost_uplift_factor",), "community": ("cost_uplift_factor@community",)}


@pytest.mark.parametrize(("combination", "taken"), [("additive", -2_000), ("multiplicative", -2_100)])
def test_efficiency_is_taken_before_or_after_the_uplift(combination: str, taken: int) -> None:
    small = locality({"A": 100_000}, cost_uplift_factor=0.05, efficiency_factor=0.02, uplift_combination=combination)
    assert bridge(small).loc["efficiency", "A"] == taken


def test_an_investment_in_one_place_goes_there_alone() -> None:
    small = locality({"A": 100_000, "B": 100_000}, **{"investment@place:B": 7.5})
    assert bridge(small).loc["investments"].to_dict() == {"A": 0, "B": 750}


def test_savings_beyond_the_budget_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="savings in 2025/26: there is not enough budget"):
        locality({"A": 100_000}, savings=1_000.01).book()


def test_an_investment_in_a_line_without_budget_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="investment@dentistry"):
        locality({"A": 100_000}, **{"investment@line:dentistry": 5}).book()


def test_choice_takes_its_share_of_the_choice_lines_alone() -> None:
    small = lines("acute_elective", "community").with_values(choice_share=0.13)
    tables = small.book()
    assert bridge(small).loc["choice_carve_out", "A"] == -13_000
    (choice,) = tables["carve_outs"].query("type == 'choice'").itertuples()
    assert (choice.planned_pence, choice.base_pence) == (13_000, 100_000)


def test_choice_by_flows_follows_care_seen_outside() -> None:
    small = lines("acute_elective", "community").with_values(choice_basis="flows")
    seen = pd.DataFrame(
        [
            ("A", "acute_elective", "RX1", "Far", False, None, 4.0, 30),
            ("A", "acute_elective", "RY1", "Near", True, None, 9.0, 70),
        ],
        columns=[
            "place",
            "service_line",
            "provider_code",
            "provider_name",
            "local",
            "contracted",
            "units",
            "cost_pence",
        ],
    )
    tables = replace(small, others={"provider_activity": seen}).book()
    (choice,) = tables["choice_by_provider"].itertuples()
    assert (choice.provider_code, choice.planned_pence) == ("RX1", 30_000)


def test_choice_by_flows_without_activity_is_refused_and_not_nothing() -> None:
    with pytest.raises(RunStopped, match="choice_basis = flows needs activity") as stop:
        locality({"A": 100_000}, choice_basis="flows").book()
    assert stop.value.failures[0].keys == ("A acute_elective",)


def test_a_line_whose_care_all_stayed_has_a_true_zero() -> None:
    seen = pd.DataFrame(
        [("A", "acute_elective", "RY1", "Near", True, None, 7.0, 70)],
        columns=[
            "place",
            "service_line",
            "provider_code",
            "provider_name",
            "local",
            "contracted",
            "units",
            "cost_pence",
        ],
    )
    small = replace(locality({"A": 100_000}, choice_basis="flows"), others={"provider_activity": seen})
    assert bridge(small).loc["choice_carve_out", "A"] == 0


def test_expected_excess_is_covered_in_its_share() -> None:
    threshold = 150_000 * PENCE
    care = pd.DataFrame(
        [
            ("p1", "A", "acute_elective", "RY1", threshold + 1_000),
            ("p2", "A", "acute_elective", "RY1", threshold + 9_000),
        ],
        columns=["person_id", "place", "service_line", "provider_code", "cost_pence"],
    )
    small = replace(locality({"A": 100_000}, stop_loss_basis="expected_excess"), others={"high_cost_care": care})
    assert bridge(small).loc["other_carve_outs", "A"] == -9_000


def test_expected_excess_without_person_costs_is_refused() -> None:
    with pytest.raises(RunStopped, match="needs the cost of every person"):
        locality({"A": 100_000}, stop_loss_basis="expected_excess").book()


@pytest.mark.parametrize(
    "sums",
    [{"low_volume_activity": 1_000.01}, {"low_volume_activity": 600, "non_contract_activity": 600}],
    ids=["one", "together"],
)
def test_carve_outs_beyond_their_lines_are_refused(sums: dict[str, float]) -> None:
    with pytest.raises(RunStopped, match="must be less than the lines it is taken from"):
        locality({"A": 100_000}, **sums).book()


def test_pool_and_incentive_are_shares_of_what_is_left() -> None:
    small = locality({"A": 1_000_000}, low_volume_activity=1_000, risk_pool_share=0.005, ips_share=0.02)
    moved = bridge(small)["A"]
    assert (moved["other_carve_outs"], moved["risk_pool"], moved["incentive"]) == (-100_000, -4_500, -17_910)


def test_two_places_that_merge_share_the_same_openings() -> None:
    growing = {"growth": 1.02, "growth_nondemographic": 0.01, "cost_uplift_factor": 0.04, "efficiency_factor": 0.02}
    apart = bridge(locality({"A": 123_457, "B": 987_651}, **growing))  # type: ignore[arg-type]
    merged = bridge(locality({"AB": 1_111_108}, **growing))  # type: ignore[arg-type]
    for step in [step.name for step in STEPS if step.name != "pace_of_change"][:7]:
        assert abs(apart.loc[step].sum() - merged.loc[step, "AB"]) <= 1


def test_a_given_quantum_is_shared_whole() -> None:
    small = locality({"A": 100_000, "B": 100_000}, quantum_basis="given", quantum=2_100.01)
    assert small.book()["pace_of_change"]["allocation_pence"].sum() == 210_001


def test_a_given_quantum_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="quantum is 0"):
        locality({"A": 100_000}, quantum_basis="given").book()


def test_a_growing_quantum_grows_from_the_year_before() -> None:
    tables = locality({"A": 100_000, "B": 100_000}, years=YEARS, quantum_growth=0.10).book()
    sums = tables["pace_of_change"].groupby("financial_year")["allocation_pence"].sum()
    assert sums.to_dict() == {YEARS[0]: 220_000, YEARS[1]: 242_000}


def test_the_opening_budgets_themselves_can_be_shared() -> None:
    shared = {"quantum_basis": "opening", "cost_uplift_factor": 0.03, "pace_min_growth": -0.02}
    small = locality({"A": 100_000, "B": 100_000}, weights={"A": 2, "B": 1}, years=YEARS, **shared)
    pace = small.book()["pace_of_change"].set_index(["financial_year", "place"])
    assert pace.loc[YEARS[0], "opening_pence"].to_dict() == {"A": 103_000, "B": 103_000}
    assert pace.loc[YEARS[0], "allocation_pence"].to_dict() == {"A": 105_060, "B": 100_940}
    assert pace.loc[YEARS[1], "allocation_pence"].sum() == pace.loc[YEARS[1], "opening_pence"].sum() == 212_180


def test_growth_can_follow_a_year_that_shared_its_openings() -> None:
    basis = {"quantum_basis": "opening", f"quantum_basis@{YEARS[1]}": "growth", "quantum_growth": 0.05}
    small = locality({"A": 100_000, "B": 100_000}, years=YEARS, cost_uplift_factor=0.02, **basis)
    sums = small.book()["pace_of_change"].groupby("financial_year")["allocation_pence"].sum()
    assert sums.to_dict() == {YEARS[0]: 204_000, YEARS[1]: 214_200}


def test_an_infeasible_year_stays_visible() -> None:
    pace = locality({"A": 100_000, "B": 100_000}, pace_min_growth=0.05).book()["pace_of_change"]
    assert set(pace["binding_rule"]) == {"infeasible"}
    assert list(pace["allocation_pence"]) == [105_000, 105_000]


def test_peers_take_part_and_are_not_booked() -> None:
    peers = pd.DataFrame(
        {"financial_year": [YEARS[0]], "place": ["Z"], "opening_pence": [100_000], "weighted_people": [300_000.0]}
    )
    quantum = {"quantum_basis": "given", "quantum": 2_400}
    small = replace(locality({"A": 100_000}, **quantum), others={"peer_places": peers})
    tables = small.book()
    pace = tables["pace_of_change"].set_index("place")
    assert pace["set_here"].to_dict() == {"A": True, "Z": False}
    assert pace["allocation_pence"].to_dict() == {"A": 100_000, "Z": 140_000}
    assert set(tables["budget_ledger"]["place"]) == {"A"}


def test_people_in_a_segment_that_was_empty_are_refused() -> None:
    small = locality({"A": 100_000})
    small.people.loc[(small.people["financial_year"] == "2024/25") & (small.people["segment"] == "OA"), "people"] = 0
    with pytest.raises(RunStopped, match="needs people, and so a cost a head") as stop:
        small.book()
    assert stop.value.failures[0].keys == ("A OA",)


def test_a_segment_that_stays_empty_keeps_no_money() -> None:
    small = locality({"A": 100_000})
    small.people.loc[small.people["segment"] == "OA", "people"] = 0
    small.costs.loc[small.costs["segment"] == "OA", ["people", "grossed_pence"]] = 0
    assert set(small.book()["budget_ledger"]["segment"]) == {"AMW"}


def test_a_line_without_cost_is_shared_by_people() -> None:
    small = locality({"A": 100_000})
    small.costs["grossed_pence"] = 0.0
    ledger = small.book()["budget_ledger"]
    assert ledger.groupby("segment")["amount_pence"].sum().to_dict() == dict.fromkeys(SEGMENTS, 50_000)


def test_a_commissioner_keeps_its_part_of_a_line() -> None:
    small = locality({"A": 90_000})
    other = small.baseline.assign(commissioner="QYY", gross_pence=10_000, normalised_pence=10_000)
    both = replace(small, baseline=pd.concat([small.baseline, other], ignore_index=True))
    ledger = both.with_values(cost_uplift_factor=0.10, quantum_growth=0.10).book()["budget_ledger"]
    assert ledger.groupby("commissioner")["amount_pence"].sum().to_dict() == {"QXX": 99_000, "QYY": 11_000}


def test_normalisation_names_the_table_of_adjustments() -> None:
    small = locality({"A": 100_000})
    small.baseline["adjustment_pence"] = -10_000
    small.baseline["normalised_pence"] = 90_000
    ledger = small.book()["budget_ledger"]
    moved = ledger[ledger["step"] == "normalisation"]
    assert moved["amount_pence"].sum() == -10_000
    assert {tuple(names) for names in moved["assumptions"]} == {("baseline_adjustments",)}


def test_every_quiet_value_is_one_that_the_ledger_or_sharing_declares() -> None:
    from budget.disclosure.rules import ASSUMES
    from budget.ledger.stage import LEDGER

    asked_for = {name for name in LEDGER.assumes if not catalogue()[name].when_used}
    assert asked_for <= set(QUIET) <= {*LEDGER.assumes, *ASSUMES}
