"""One way to break each check, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from tests.gates.tables import Tables

Change = Callable[[Tables], None]


@dataclass(frozen=True)
class Poison:
    """A change to a copy of the small world that exactly one check must find."""

    gate: str
    check_id: str
    change: Change

    def __str__(self) -> str:
        return f"{self.gate}-{self.check_id}"


def put(table: str, column: str, row: int, value: Any) -> Change:
    """Put a value into one cell."""

    def change(tables: Tables) -> None:
        frame = tables[table].reset_index(drop=True)
        values = frame[column].tolist()
        values[row] = value(values[row]) if callable(value) else value
        tables[table] = frame.assign(**{column: values})

    return change


def put_all(table: str, column: str, value: Any) -> Change:
    """Put a value, or what a function makes of the old one, into every cell of a column."""

    def change(tables: Tables) -> None:
        frame = tables[table]
        tables[table] = frame.assign(**{column: [value(v) for v in frame[column]] if callable(value) else value})

    return change


def drop(table: str, row: int) -> Change:
    """Leave one row out."""

    def change(tables: Tables) -> None:
        tables[table] = tables[table].reset_index(drop=True).drop(index=row)

    return change


def without(table: str) -> Change:
    """Leave a whole table out."""

    def change(tables: Tables) -> None:
        del tables[table]

    return change


def both(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(tables: Tables) -> None:
        for one in changes:
            one(tables)

    return change


def plus(amount: float) -> Callable[[Any], Any]:
    """What adds an amount."""
    return lambda value: value + amount


_FIRST_CLAIM = (("person_id", "p0000"), ("activity_date", date(2025, 4, 1)))


def _empty_providers(tables: Tables) -> None:
    tables["providers"] = tables["providers"].iloc[:0]
    register = tables["input_register"]
    tables["input_register"] = register.assign(rows=register["rows"].where(register["name"] != "providers", 0))


def _extra_person(tables: Tables) -> None:
    population = tables["population"]
    tables["population"] = pd.concat([population, population.tail(1).assign(person_id="another")], ignore_index=True)


def _in_pounds(tables: Tables) -> None:
    for name in ("spend", "spend_control"):
        tables[name] = tables[name].assign(amount_pence=tables[name]["amount_pence"] // 100)


def _late_merge(tables: Tables) -> None:
    months = tables["monthly_profile"].copy()
    last = months.index[-1]
    months.loc[last - 1, "payment_pence"] += months.loc[last, "payment_pence"]
    tables["monthly_profile"] = months.drop(index=last)


def _eleven_measures(tables: Tables) -> None:
    rows = [("east", f"measure_{number}", 1 / 11) for number in range(11)]
    tables["contract_measures"] = pd.DataFrame(rows, columns=["contract", "measure", "weight"])


def times(factor: float) -> Callable[[Any], Any]:
    """What multiplies by a factor; pence stay whole."""
    return lambda value: round(value * factor) if isinstance(value, int) else value * factor


def _a_merger(tables: Tables) -> None:
    """A practice of the earlier run that has nobody now, and says who took its list over."""
    tables["practices"] = tables["practices"].assign(successor_code=[None, None, "F84004"])
    put("previous_population_reconciliation", "practice_code", 0, "Y99999")(tables)


def _a_penny_from_month_to_month(tables: Tables) -> None:
    """The year still adds up."""
    put("monthly_profile", "payment_pence", 0, plus(1))(tables)
    put("monthly_profile", "payment_pence", 1, plus(-1))(tables)


def _a_tenth_more_in_a_month(tables: Tables) -> None:
    """A list of a thousand that had nine hundred a month before."""
    large = {"opening": 890, "joins": 110, "births": 0, "deaths": 0, "leavers": 0, "excluded": 799, "month_before": 900}
    for column, value in large.items():
        put("population_reconciliation", column, 0, value)(tables)


def _planted_identifier(tables: Tables) -> None:
    tables["segment_summary"] = tables["segment_summary"].assign(person_id="9434765919")


def _one_penny_in_ledger(tables: Tables) -> None:
    row = tables["budget_ledger"]["step"].tolist().index("pace_of_change")
    for name in ("budget_ledger", "growth_bridge"):
        put(name, "amount_pence", row, plus(1))(tables)


def _one_infeasible_year(tables: Tables) -> None:
    pace = tables["pace_of_change"]
    first = pace["financial_year"] == pace["financial_year"].iloc[0]
    tables["pace_of_change"] = pace.assign(binding_rule=pace["binding_rule"].mask(first, "infeasible"))
    put("pace_of_change", "target_pence", 0, plus(1))(tables)


def _wide_range_of_need(tables: Tables) -> None:
    for row, value in enumerate((100.0, 310.0, 100.0, 310.0)):
        put("published_weights", "weighted_population", row, value)(tables)


def _hundred_bad_identifiers(tables: Tables) -> None:
    valid = [False] * 100 + [True] * (len(tables["registered_list"]) - 100)
    tables["registered_list"] = tables["registered_list"].assign(identifier_valid=valid)


def _births_on_new_year(tables: Tables) -> None:
    born = pd.to_datetime(tables["registered_list"]["date_of_birth"])
    tables["registered_list"] = tables["registered_list"].assign(
        date_of_birth=[day.replace(month=1, day=1).date() for day in born]
    )


def _unsegmented(count: int) -> Change:
    def change(tables: Tables) -> None:
        segments = tables["population"]["segment"].tolist()
        tables["population"] = tables["population"].assign(segment=["UNSEG"] * count + segments[count:])

    return change


def _published(first: int, second: int) -> Change:
    return put_all(
        "population_reconciliation", "published", dict(zip((200, 199), (first, second), strict=True)).__getitem__
    )


def _forty_opt_outs(tables: Tables) -> None:
    """Everyone without a record of care has opted out."""
    cared_for = set(tables["activity"]["person_id"]) | set(tables["conditions"]["person_id"])
    listed = tables["registered_list"]
    tables["registered_list"] = listed.assign(national_opt_out=[one not in cared_for for one in listed["person_id"]])


POISONS = (
    Poison("intake", "I01", put("input_register", "rows", 0, plus(1))),
    Poison("intake", "I02", _empty_providers),
    Poison("intake", "I03", put("registered_list", "extracted_on", 0, date(2026, 2, 1))),
    Poison(
        "intake",
        "I03p",
        both(
            put_all("published_list", "extracted_on", date(2026, 2, 1)),
            put_all("registered_list", "extracted_on", None),
        ),
    ),
    Poison("intake", "I03m", put("published_list", "extracted_on", 0, date(2026, 2, 27))),
    Poison("intake", "I04", put("conditions", "person_id", 1, "p0000")),
    Poison("intake", "I05", both(_in_pounds, without("segment_population"))),
    Poison("intake", "I05s", both(_in_pounds, without("registered_list"))),
    Poison("intake", "I05b", put_all("spend_control", "amount_pence", lambda pence: pence // 1000)),
    Poison("intake", "I05c", put("spend", "amount_pence", 0, 25_000)),
    Poison("intake", "I06", put("registered_list", "lsoa_code", 0, "Stratford")),
    Poison("intake", "I06b", put_all("areas", "lsoa_code", lambda code: code.replace("E0100", "E0102"))),
    Poison("intake", "I06c", put("published_list", "practice_code", 0, "F99999")),
    Poison("intake", "I06l", put("registered_list", "lsoa_code", 0, "E01035000")),
    Poison("intake", "I06i", put("practices", "icb_code", 2, "A3A8R")),
    Poison("intake", "I07", both(put("spend", "place", 4, "Atlantis"), without("segment_population"))),
    Poison("intake", "I08", put_all("practices", "icb_code", "QZZ")),
    Poison("intake", "I09", _forty_opt_outs),
    Poison("intake", "I10", put("registered_list", "national_opt_out", 0, True)),
    Poison("intake", "I11", put_all("activity", "person_id", lambda one: f"other {one}")),
    Poison("intake", "I12", both(put_all("spend", "financial_year", "2019/20"), without("segment_population"))),
    Poison(
        "intake",
        "I13",
        both(put_all("segment_population", "place", lambda place: f"East {place}"), without("registered_list")),
    ),
    Poison("intake", "P05", put("registered_list", "practice_code", 0, "F99999")),
    Poison("intake", "W00", put("published_weights", "stream", 3, "maternity")),
    Poison("population", "P01", _hundred_bad_identifiers),
    Poison("population", "P01w", both(*(put("registered_list", "identifier_valid", row, False) for row in range(3)))),
    Poison("population", "P02", both(*(put("registered_list", "person_id", row, None) for row in range(5)))),
    Poison("population", "P03", _published(200, 190)),
    Poison("population", "P04", _published(150, 250)),
    Poison("population", "P04b", _published(185, 214)),
    Poison("population", "P04w", _published(194, 205)),
    Poison("population", "P05", put("practices", "practice_code", 0, "F99999")),
    Poison("population", "P06", put("list_against_residents", "list_people", 0, 1500.0)),
    Poison("population", "P06w", put("list_against_residents", "list_people", 0, 1200.0)),
    Poison("population", "P07", put("population_base", "person_id", 0, "p0001")),
    Poison(
        "population",
        "P07w",
        both(
            put("population_reconciliation", "duplicates", 0, 5),
            put("population_reconciliation", "opening", 0, plus(5)),
        ),
    ),
    Poison("population", "P08", put("registered_list", "died_on", 0, pd.Timestamp("2026-03-10").date())),
    Poison("population", "P09", both(*(put("population_base", "age", row, None) for row in range(3)))),
    Poison("population", "P10", put("population_base", "age", 0, 126)),
    Poison("population", "P11", _births_on_new_year),
    Poison("population", "P12", put("population_reconciliation", "month_before", 0, 300)),
    Poison("population", "P12w", _a_tenth_more_in_a_month),
    Poison("population", "P13", put("population_counts", "people", -1, 100.0)),
    Poison("population", "P14", put("population_reconciliation", "joins", 0, plus(1))),
    Poison("population", "P15", both(*(put("registered_list", "practice_code", row, "V81999") for row in range(3)))),
    Poison("population", "P16", both(*(put("population_base", "lsoa_code", row, None) for row in range(5)))),
    Poison("population", "P17", put_all("registered_list", "flags", "prison;fp69")),
    Poison("population", "P18", put("population_base", "member_days", 0, 400)),
    Poison("population", "P18", put("population_base", "care_days", 0, -1)),
    Poison("population", "P21", put("population_base", "practice_code", 0, "F84008")),
    Poison("population", "P22", drop("population_exceptions", 2)),
    Poison("population", "P23", put("population_base", "place", 0, "Hackney")),
    Poison("population", "P24", put("population_exceptions", "reason_code", 2, "other")),
    Poison("population", "P25", put("member_days", "people", 0, plus(1))),
    Poison("population", "P26", put("district_reconciliation", "registered_here", 0, plus(1))),
    Poison("population", "P27", put("commissioner_case_counts", "unresolved", 0, 1)),
    Poison("population", "P28", _a_merger),
    Poison("segmentation", "S01", put("population", "segment", 0, "")),
    Poison("segmentation", "S02", _unsegmented(20)),
    Poison("segmentation", "S02w", _unsegmented(4)),
    Poison("segmentation", "S03", put("previous_segment_summary", "share", 0, plus(0.05))),
    Poison("segmentation", "S04", put_all("population", "segment", "ACX")),
    Poison("segmentation", "S05", put("previous_segment_codelists", "version", 0, "2022/23")),
    Poison("segmentation", "S06", put("condition_prevalence", "recorded_people", 0, 130.0)),
    Poison(
        "segmentation",
        "S07",
        both(put("segment_summary", "share", 0, plus(-0.5)), put("segment_summary", "share", 1, plus(0.5))),
    ),
    Poison("segmentation", "S21", _extra_person),
    Poison("segmentation", "S22", both(put("segment_summary", "people", 0, plus(1)), without("segment_population"))),
    Poison("segmentation", "S29", put("segments", "broad_group", 0, "not_stated")),
    Poison("segmentation", "S22b", put("segment_population", "people", 0, plus(1))),
    Poison("segmentation", "S23", put("segment_summary", "share", 0, plus(0.01))),
    Poison("segmentation", "S24", put("segment_codelists", "status", 0, "draft")),
    Poison("segmentation", "S25", put("segment_findings", "fault", 0, True)),
    Poison("segmentation", "S26", put("segment_codelists", "people", 0, 0)),
    Poison("segmentation", "S27", put("segment_churn", "people", 2, 30)),
    Poison("segmentation", "S28n", put("previous_segment_summary", "people", 0, times(0.94))),
    Poison("segmentation", "S28", put("previous_segment_summary", "people", 0, times(0.8))),
    Poison("costs", "B01", put("ledger_control", "spend_pence", 0, plus(1_000_000))),
    Poison("costs", "B01w", put("ledger_control", "spend_pence", 0, plus(100_000))),
    Poison(
        "costs",
        "B02",
        both(
            put("baseline_adjustments", "amount_pence", 1, plus(-1_000)),
            put("baseline_adjustments", "amount_pence", 0, plus(1_000)),
        ),
    ),
    Poison("costs", "B03", put_all("line_attribution", "direct_pence", lambda pence: pence / 1.2)),
    Poison("costs", "B03w", put_all("line_attribution", "direct_pence", lambda pence: pence / 1.05)),
    Poison("costs", "B04", put("segment_cost", "people", 0, 0.0)),
    Poison("costs", "B05", put("provider_activity", "cost_pence", 0, plus(1_000_000))),
    Poison("costs", "B06", both(*(put("activity", column, 1, value) for column, value in _FIRST_CLAIM))),
    Poison("costs", "B07", put("spend_per_head", "change_share", 1, -0.2)),
    Poison(
        "costs",
        "B08",
        both(
            *(
                put("baseline_lines", "adjustment_pence", row, plus(pence))
                for row, pence in ((3, -5_000_000), (5, 5_000_000))
            ),
            *(
                put("baseline_lines", "normalised_pence", row, plus(pence))
                for row, pence in ((3, -5_000_000), (5, 5_000_000))
            ),
        ),
    ),
    Poison("costs", "B09", both(put("spend", "amount_pence", 4, 8_000_000), put("spend", "amount_pence", 5, 100_000))),
    Poison("costs", "B10", put_all("activity", "activity_date", lambda day: max(day, date(2025, 5, 1)))),
    Poison("costs", "B10r", put_all("activity_completion", "runout_months", 2)),
    Poison("costs", "B11", put_all("activity", "currency_code", None)),
    Poison(
        "costs", "B12", both(put_all("person_cost", "cost_pence", 100), put_all("person_line_cost", "cost_pence", 50))
    ),
    Poison(
        "costs",
        "B21",
        both(put("baseline_lines", "gross_pence", 0, plus(1)), put("baseline_lines", "gross_pence", 1, plus(-1))),
    ),
    Poison("costs", "B22", put("baseline_adjustments", "amount_pence", 0, plus(1))),
    Poison("costs", "B23", put("segment_cost", "grossed_pence", 0, plus(1))),
    Poison("costs", "B24", put("spend", "amount_pence", 0, plus(1))),
    Poison("costs", "B25", put("commissioner_case_costs", "ours_pence", 0, plus(1))),
    Poison("costs", "B26", put("part_complete", "counted_pence", 0, plus(1))),
    Poison("costs", "B27", put("person_line_cost", "cost_pence", 0, plus(1))),
    Poison("costs", "B27", drop("person_line_cost", 0)),
    Poison("costs", "B13n", put_all("previous_baseline_lines", "normalised_pence", times(1.06))),
    Poison("costs", "B13", put("previous_baseline_lines", "place", 0, "Away")),
    Poison("costs", "B14n", put("previous_baseline_lines", "normalised_pence", 1, times(0.85))),
    Poison("costs", "B14", put("previous_baseline_lines", "service_line", 0, "maternity")),
    Poison("costs", "B15n", put_all("previous_segment_people", "people", times(1.06))),
    Poison("costs", "B15", put_all("previous_segment_people", "people", times(1.2))),
    Poison("costs", "B16", put("previous_baseline_lines", "gross_pence", 1, times(12 / 11))),
    Poison("costs", "B17", put("previous_baseline_lines", "gross_pence", 0, plus(1))),
    Poison("need", "W01", put("published_weights", "weighted_population", 0, plus(1))),
    Poison("need", "W02", _wide_range_of_need),
    Poison("need", "W03", put("practice_adjustments", "market_forces_factor", 0, 1.16)),
    Poison("need", "W03", put("practice_adjustments", "emergency_ambulance_index", 1, 0.98)),
    Poison("need", "W03", put("practice_adjustments", "remoteness_index", 1, 0.99)),
    Poison("need", "W04", put("segment_people", "people", -1, 1_000.0)),
    Poison("need", "W21", put("risk_diagnostics", "value", 1, 1.001)),
    Poison("need", "W21", put("risk_diagnostics", "value", 9, 1.001)),
    Poison("need", "W22", both(drop("need_weights", 0), drop("need_weights", 0))),
    Poison("need", "W23", put_all("need_weights", "used", True)),
    Poison("need", "W25", put("need_weights", "weighted_people", 0, 0.0)),
    Poison("need", "W26", put("need_weights", "need_index", 0, 1.2)),
    Poison("need", "W27", put("cells", "people", 0, plus(1))),
    Poison("need", "W27", put("cells", "people", 2, plus(-1))),
    Poison("need", "W28", put("cells", "y", 0, plus(1))),
    Poison("need", "W28", put("cells", "excess_pence", 0, plus(-1))),
    Poison("need", "W29", put("risk_diagnostics", "value", 0, 1.02)),
    Poison("need", "W29", put("risk_diagnostics", "value", 8, 1.02)),
    Poison("need", "W30", put("risk_diagnostics", "value", 2, 0.79)),
    Poison("need", "W30", put("risk_diagnostics", "value", 4, 1.26)),
    Poison("need", "W30", put("risk_diagnostics", "value", 10, 0.79)),
    Poison("need", "W31", put_all("need_by_line", "share_of_spend", lambda share: share * 0.9)),
    Poison("need", "W31", put("need_by_line", "share_of_spend", 0, plus(0.01))),
    Poison("need", "W31", drop("need_by_line", 0)),
    Poison("need", "W31", put("need_by_line", "place", 0, "Hackney")),
    Poison("need", "W32", put("cells", "y", 2, plus(1))),
    Poison("need", "W32", put("cells", "stream", 2, "maternity")),
    Poison("need", "W32", put("need_model_lines", "stream", 0, "maternity")),
    Poison("need", "W35n", put_all("previous_need_weights", "need_index", times(1.02))),
    Poison("need", "W35", put("previous_need_weights", "need_index", 0, times(1.1))),
    Poison("need", "W34", put("previous_practice_weights", "weighted_population", 0, plus(1))),
    Poison("ledger", "C01", put("pace_of_change", "target_pence", 0, plus(1))),
    Poison("ledger", "C02", put("pace_of_change", "floor_pence", 0, plus(20))),
    Poison("ledger", "C03", put("pace_of_change", "opening_dft", 0, 0.0)),
    Poison("ledger", "C04", put("carve_outs", "base_pence", 0, 900_000)),
    Poison("ledger", "C05", put("choice_history", "outside_pence", 0, 1_500)),
    Poison("ledger", "C07", put("stop_loss_cost", "counted_pence", 0, 45_001)),
    Poison("ledger", "C09", put("low_volume_pairs", "years", 0, 2)),
    Poison("ledger", "C10", put("choice_terms", "conflict_of_interest", 0, None)),
    Poison("ledger", "C12n", put("previous_pace_of_change", "allocation_pence", 0, times(1.03))),
    Poison("ledger", "C12", put("previous_pace_of_change", "allocation_pence", 0, times(1.1))),
    Poison("ledger", "C08", _one_infeasible_year),
    Poison("ledger", "C21", _one_penny_in_ledger),
    Poison("ledger", "C22", put("carve_outs", "planned_pence", 1, plus(1))),
    Poison(
        "ledger",
        "C23",
        both(
            put("choice_by_provider", "planned_pence", 0, plus(1)),
            put("choice_by_provider", "planned_units", 0, 500.001),
        ),
    ),
    Poison("ledger", "C26", put("choice_by_provider", "planned_units", 0, plus(0.01))),
    Poison("ledger", "C24", put("budget_ledger", "movement_id", 0, "m1")),
    Poison("ledger", "C25", put("budget_ledger", "assumptions", 1, [])),
    Poison("ledger", "C27", put("growth_bridge", "amount_pence", 0, plus(1))),
    Poison("ledger", "C28", put("pace_of_change", "opening_pence", 0, plus(1))),
    Poison("ledger", "C29", put("pace_of_change", "growth", 0, 0.2)),
    Poison("ledger", "C41", put("demographic_growth", "population_pence", 0, plus(1))),
    Poison("ledger", "C42", put("policy_moves", "amount_pence", 0, plus(10))),
    Poison("ledger", "C43", put("funding_gap", "left_pence", 0, plus(1))),
    Poison(
        "ledger",
        "C44",
        both(
            put_all("baseline_adjustments", "reason", "Fewer agency shifts; owner: the trust"),
            put("policy_moves", "reason", 1, "fewer agency shifts "),
        ),
    ),
    Poison("ledger", "C44w", put("baseline_adjustments", "amount_pence", 0, -50_000)),
    Poison("ledger", "C45", put_all("policy_moves", "amount_pence", lambda pence: pence * 20)),
    Poison("ledger", "C46", put("budget_range", "p50_pence", 0, plus(20_000))),
    Poison("ledger", "C47", both(*(put_all("budget_range", f"p{at}_pence", plus(20_000)) for at in (10, 50, 90)))),
    Poison("ledger", "C48", put("budget_range", "impossible_draws", 0, 300)),
    Poison(
        "payment",
        "O01",
        both(
            put("integrated_budget", "carve_out_pence", 0, plus(1)),
            put("integrated_budget", "carve_out_pence", 4, plus(-1)),
        ),
    ),
    Poison("payment", "O02", put("monthly_profile", "payment_pence", 0, plus(1))),
    Poison("payment", "O02", _a_penny_from_month_to_month),
    Poison("payment", "O02b", _late_merge),
    Poison(
        "payment",
        "O21",
        both(
            put("integrated_budget", "carve_out_pence", 0, plus(-1)),
            put("integrated_budget", "risk_pool_pence", 0, plus(1)),
        ),
    ),
    Poison("payment", "O22", put("segment_rates", "wpap_pence", 0, plus(1))),
    Poison("payment", "O23", put("integrated_budget", "people", 0, -1.0)),
    Poison("payment", "O24", put("payment_simulation", "margin_pence", 0, plus(1))),
    Poison(
        "payment",
        "O27",
        both(
            put("scoped_budgets", "core_pence", 0, plus(1)),
            put("scoped_budgets", "allocation_pence", 0, plus(1)),
        ),
    ),
    Poison(
        "payment",
        "O28",
        both(
            put("scoped_budgets", "allocation_pence", 0, plus(1)),
            put("scoped_budgets", "allocation_pence", 4, plus(-1)),
        ),
    ),
    Poison("payment", "O41", put("budget_by_scale", "core_pence", 0, plus(1))),
    Poison("payment", "O42", put("contributions", "baseline_pence", 0, plus(1))),
    Poison("payment", "O43", put("risk_pool_cover", "chance_exhausted", 0, 1.5)),
    Poison("payment", "O44", put("contract_measures", "weight", 0, 0.5)),
    Poison("payment", "O45", _eleven_measures),
    Poison("payment", "O46", put_all("contract_terms", "outcome_share", 0.25)),
    Poison("payment", "O47", put("contract_terms", "capacity_pence", 0, None)),
    Poison("payment", "O48", put("contract_plans", "budget_pence", 0, 10**15)),
    Poison("publish", "O04", put("baseline_lines", "commissioner", 1, "QRV")),
    Poison("publish", "O04a", put("budget_ledger", "assumptions", 1, ["guesswork"])),
    Poison("payment", "O71", put("money_flow", "amount_pence", 0, plus(1))),
    Poison(
        "payment",
        "O72",
        both(
            put("payment_simulation", "payment_pence", 0, plus(1)),
            put("payment_simulation", "margin_pence", 0, plus(1)),
        ),
    ),
    Poison("payment", "O73", put("service_line_margins", "margin_pence", 0, plus(1))),
    Poison("payment", "O74", put("contract_simulation", "result_pence", 0, plus(1))),
    Poison("payment", "O75", put("party_risk", "worst_pence", 0, -20)),
    Poison("payment", "O76", put("party_risk", "within", 0, False)),
    Poison("publish", "O25", _planted_identifier),
    Poison("share", "O05", put("disclosure_audit", "high", 1, 3.0)),
    Poison("publish", "W05", put("assumption_ledger", "effective_from", 0, date(2030, 4, 1))),
    Poison("comparison", "O06", put("run_diff", "explained", 0, False)),
    Poison("publish", "W06", put("assumption_ledger", "value", 1, "0.09")),
)
