"""A small world in which every gate is content: two practices, 404 people, two budget years, every table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from budget.contracts import PREVIOUS
from budget.contracts import table as contract_of
from budget.kernel.checks import CheckResult
from budget.payment.contributions import contributions
from budget.payment.pool_cover import risk_pool_cover
from budget.payment.scale import budget_by_scale
from budget.plan import Plan

Tables = dict[str, pd.DataFrame]
Judge = Callable[..., tuple[CheckResult, ...]]

SNAPSHOT = date(2026, 4, 1)
BASE, YEARS = "2025/26", ("2026/27", "2027/28")
HOMES = {"F84004": ("Newham", "E01003500"), "F84008": ("Hackney", "E01001700")}
LIST = 200
SEGMENTS = ("ACX", "AMW", "AMW", "AMW", "CMW", "CMW", "OA", "OA", "U5", "CCX")
BROAD_GROUPS = {
    "UNSEG": "unsegmented",
    "ACX": "complex_needs",
    "CCX": "complex_needs",
    "OA": "older_adults",
    "U5": "mostly_well",
    "CMW": "mostly_well",
    "AMW": "mostly_well",
    "UNREG": "unregistered",
}
OLDER_ADULTS = {"baseline": 100, "choice_carve_out": -10, "risk_pool": -5, "incentive": -5}
"""What older adults move at each step, pence a place and year; the rest is that of adults."""
MONEY_OUT = ("choice_carve_out", "other_carve_outs", "risk_pool", "incentive")


def valid_tables() -> Tables:
    """One frame for every table that a gate judges, all of them consistent."""
    tables = _inputs() | _population()
    for build in (
        _segments,
        _costs,
        _need,
        _ledger,
        _payment,
        _assumptions,
        _shared,
        _earlier_run,
        _difference,
        _lineage,
    ):
        tables |= build(tables)
    return tables


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> dict[str, Path]:
    """Write frames as Parquet in the columns of their contracts; columns a frame lacks are null."""
    folder.mkdir(parents=True, exist_ok=True)
    return {name: _write(name, frame, folder / f"{name}.parquet") for name, frame in tables.items()}


def plan_with(gates: Path, person_id: str = "nhs_number") -> Plan:
    """The plan of the small world."""
    return Plan(
        locality="small",
        title="A small world",
        base_year=BASE,
        budget_years=YEARS,
        snapshot_date=SNAPSHOT,
        icb_code="QMF",
        inputs=Path("inputs"),
        assumptions=(),
        segmentation=Path("segmentation.yaml"),
        population_rules=Path("rules.yaml"),
        need=Path("need"),
        gates=gates,
        person_id=person_id,
    )


def _write(name: str, frame: pd.DataFrame, path: Path) -> Path:
    """Write the contract's columns, and a person_id that a test has planted beyond them."""
    fields = [field.with_nullable(True) for field in contract_of(name).arrow_schema if field.name != "person_id"]
    if "person_id" in frame.columns:
        fields.insert(0, pa.field("person_id", pa.string()))
    columns = {f.name: frame[f.name] if f.name in frame.columns else [None] * len(frame) for f in fields}
    arrays = [
        pa.array(list(values), type=f.type, from_pandas=True)
        for f, values in zip(fields, columns.values(), strict=True)
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), path)
    return path


def _frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def _people() -> pd.DataFrame:
    """Everyone counted: 200 a practice, and four on no list."""
    rows = []
    for number in range(2 * LIST + 4):
        on_list = number < 2 * LIST
        practice = list(HOMES)[number % 2]
        place, lsoa = HOMES[practice]
        born = date(1940, 1, 20) + timedelta(days=(number * 71) % 31000)
        age = SNAPSHOT.year - born.year - ((born.month, born.day) > (SNAPSHOT.month, SNAPSHOT.day))
        segment = SEGMENTS[number // 2 % len(SEGMENTS)] if on_list else "UNREG"
        rows.append(
            (f"p{number:04d}", "FM"[number // 2 % 2], born, age, practice if on_list else None, place, lsoa, segment)
        )
    return _frame("person_id sex date_of_birth age practice_code place lsoa_code segment", *rows)


def _inputs() -> Tables:
    people = _people()
    listed = people.assign(
        practice_code=people["practice_code"].fillna("V81997"),
        registered_on=date(2020, 5, 1),
        registration_type="regular",
        flags=None,
        died_on=None,
        identifier_valid=True,
        national_opt_out=None,
        extracted_on=SNAPSHOT - timedelta(days=1),
    )
    others = listed.iloc[[0, 0, 1, 3]].copy()
    others["person_id"] = ["bad", "p0000", "dead", "away"]
    others["practice_code"] = ["F84004", "F84008", "F84008", "Y99999"]
    others["identifier_valid"] = [False, True, True, True]
    others["registered_on"] = date(2015, 5, 1)
    others["died_on"] = [None, None, date(2025, 12, 1), None]
    registered = pd.concat([listed, others], ignore_index=True)
    tables = {
        "registered_list": registered,
        "unregistered_residents": _frame(
            "lad_code sex age_from age_to people evidence", ("E09000025", "F", 20, 24, 2.0, "survey")
        ),
        "person_merges": _frame("person_id replaced_by"),
        "conditions": _frame(
            "person_id condition recorded_on", ("p0000", "copd", SNAPSHOT), ("p0001", "copd", SNAPSHOT)
        ),
        "activity": _frame(
            "person_id activity_date service_line provider_code units currency_code",
            *((f"p{n:04d}", date(2025, 4, 1) + timedelta(days=n), "acute", "R1H", 1.0, "DZ01") for n in range(360)),
        ),
        "prices": _frame("financial_year currency_code department unit_price_pence", (BASE, "DZ01", None, 5_000)),
        "spend": _spend(),
        "spend_control": _frame(
            "financial_year commissioner service_line amount_pence",
            (BASE, "QMF", None, 60_000_000),
            (BASE, "LBN", None, 8_100_000),
        ),
        "practices": _frame(
            "practice_code practice_name place icb_code",
            ("F84004", "One", "Newham", "QMF"),
            ("F84008", "Two", "Hackney", "QMF"),
            ("Y99999", "Elsewhere", "Away", "QRV"),
        ),
        "areas": _frame(
            "lsoa_code lad_code place imd_decile",
            ("E01003500", "E09000025", "Newham", 2),
            ("E01001700", "E09000012", "Hackney", 3),
        ),
        "population_projection": _frame("lad_code year sex age persons", ("E09000025", 2026, "F", 30, 100.0)),
        "published_list": _frame(
            "practice_code sex age patients",
            ("F84004", "F", 30, 100),
            ("F84004", "M", 30, 100),
            ("F84008", "F", 30, 199),
        ).assign(extracted_on=SNAPSHOT - timedelta(days=31)),
        "published_weights": _frame(
            "practice_code financial_year stream population weighted_population",
            *((p, y, "core", 210.0 - i * 10, 200.0 + i * 10) for y in YEARS for i, p in enumerate(HOMES)),
        ),
        "practice_adjustments": _frame(
            "practice_code market_forces_factor emergency_ambulance_index remoteness_index",
            ("F84004", 1.10, 0.995, 1.0),
            ("F84008", 1.12, 1.001, 1.0),
        ),
        "providers": _frame("provider_code provider_name", ("R1H", "Trust")),
        "patient_flows": _frame("place service_line provider_code share", ("Newham", "acute", "R1H", 1.0)),
        "peer_places": _frame(
            "financial_year place opening_pence weighted_people", *((y, "Peer", 50_000_000, 300.0) for y in YEARS)
        ),
        "segment_population": _frame(
            "place segment people projected_people direct_cost_pence_per_head", *_given_segments()
        ),
    }
    register = _frame(
        "input_id name file sha256 rows", *((f"{n}-01", n, f"{n}.csv", "0" * 64, len(t)) for n, t in tables.items())
    )
    set_aside = _frame("name rule rows", ("registered_list", "check digit of the identifier", 1))
    weights = tables["published_weights"]
    return tables | {"input_register": register, "quarantine": set_aside, "practice_weights": weights}


def _spend() -> pd.DataFrame:
    rows = [
        ("QMF", "Newham", "acute", 25_000_000, None),
        ("QMF", "Hackney", "acute", 20_000_000, None),
        ("QMF", "Newham", "community", 8_000_000, None),
        ("QMF", "Hackney", "community", 7_000_000, None),
        ("LBN", "Newham", "community", 4_100_000, None),
        ("LBN", "Hackney", "community", 4_000_000, None),
        ("QMF", "Newham", "acute", -1_000_000, "NR"),
        ("QMF", "Newham", "community", -5_000, "TRANSFER"),
        ("LBN", "Newham", "community", 5_000, "TRANSFER"),
    ]
    spend = _frame("commissioner place service_line amount_pence adjustment", *rows).assign(financial_year=BASE)
    return spend.assign(provider_code=["R1H", *[None] * (len(rows) - 1)])


def _given_segments() -> list[tuple[object, ...]]:
    people = _people().groupby(["place", "segment"]).size()
    extra = {("Newham", "UNREG"): 2.0}
    return [(p, s, n + extra.get((p, s), 0.0), n * 1.02, 100_000) for (p, s), n in people.items()]


def _population() -> Tables:
    people = _people()
    here = people["practice_code"].notna()
    base = people.drop(columns=["date_of_birth", "segment"]).assign(
        basis=here.map({True: "registered_resident", False: "unregistered_resident"}),
        responsible_commissioner="QMF",
        member_days=365,
        care_days=365,
        reason_codes="",
        imd_decile=2,
    )
    counts = base.assign(basis=here.map({True: "registered", False: "unregistered"}))
    counts = counts.groupby(["place", "practice_code", "basis", "sex", "age"], dropna=False).size().astype(float)
    estimates = _frame("place basis sex age people", ("Newham", "unregistered", "F", 22, 2.0))
    statement = _frame(
        "practice_code opening joins births deaths leavers excluded duplicates quarantined closing month_before "
        "published",
        ("F84004", 190, 10, 2, 1, 0, 0, 0, 1, 200, 201, 200),
        ("F84008", 195, 5, 1, 0, 0, 0, 1, 0, 200, 200, 199),
    )
    exceptions = _frame(
        "outcome reason_code records",
        *(("quarantined", "RC1", 1), ("excluded", "RC9", 1), ("excluded", "RC3", 1), ("exported", "RC12", 1)),
    )
    bands = [
        (place, sex, age, 1000.0, 1000.0) for place in ("Newham", "Hackney") for sex in "FM" for age in (0, 30, 65)
    ]
    return {
        "population_base": base,
        "population_counts": pd.concat([counts.rename("people").reset_index(), estimates], ignore_index=True),
        "population_reconciliation": statement,
        "population_exceptions": exceptions,
        "list_against_residents": _frame("place sex age_from list_people residents", *bands),
        "member_days": _frame(
            "commissioner place practice_code sex age_from people member_days average_people",
            *(("QMF", place, code, "F", 30, LIST, 365 * LIST, float(LIST)) for code, (place, _) in HOMES.items()),
            ("QMF", "Newham", None, "F", 30, 4, 365 * 4, 4.0),
        ),
        "district_reconciliation": _frame(
            "lad_code place registered_here registered_elsewhere unregistered residents",
            ("E09000025", "Newham", float(LIST), 1.0, 4.0, 1000.0),
            ("E09000012", "Hackney", float(LIST), 0.0, 2.0, 1000.0),
        ),
        "commissioner_case_counts": _frame(
            "reason_code kind commissioner cases people counted_here unresolved", ("RC19", "dispute", "QRV", 1, 1, 1, 0)
        ),
    }


def _segments(tables: Tables) -> Tables:
    population = tables["population_base"].assign(segment=_people()["segment"], long_term_conditions=0)
    summary = tables["segment_population"][["place", "segment", "people"]].copy()
    summary["share"] = summary["people"] / summary.groupby("place")["people"].transform("sum")
    years = [summary.assign(financial_year=y, people=summary["people"] * 1.01**i) for i, y in enumerate((BASE, *YEARS))]
    return {
        "population": population,
        "segment_summary": summary,
        "segment_people": pd.concat(years, ignore_index=True),
        "segments": _frame("segment broad_group", *BROAD_GROUPS.items()),
        **_scheme(),
    }


def _scheme() -> Tables:
    codelists = _frame("codelist version status people", ("copd", "2023/24", "approved", 2))
    return {
        "segment_codelists": codelists,
        "segment_findings": _frame("segment kind fault finding", ("OA", "apart", False, "its rank is free")),
        "segment_churn": _frame(
            "from_segment to_segment cause people",
            *(("AMW", "AMW", "unchanged", 380), ("AMW", "OA", "age_crossing", 20), ("AMW", "ACX", "new_condition", 2)),
        ),
        "condition_prevalence": _frame(
            "place condition register_people recorded_people published_people", ("Newham", "copd", 1000.0, 95.0, 100.0)
        ),
    }


def _costs(tables: Tables) -> Tables:
    spend, summary = tables["spend"], tables["segment_summary"]
    keys = ["place", "commissioner", "service_line"]
    gross = spend[spend["adjustment"].isna()].groupby(keys)["amount_pence"].sum()
    adjusted = spend[spend["adjustment"].notna()].groupby(keys)["amount_pence"].sum().reindex(gross.index, fill_value=0)
    lines = pd.DataFrame(
        {"gross_pence": gross, "adjustment_pence": adjusted, "normalised_pence": gross + adjusted}
    ).reset_index()
    cost = lines.groupby(["place", "service_line"], as_index=False)["normalised_pence"].sum().merge(summary, on="place")
    cost["grossed_pence"] = cost["normalised_pence"] * cost["share"]
    cost = cost.assign(direct_pence=cost["grossed_pence"] / 1.02, attribution_factor=1.02, method="activity")
    by_line = lines.groupby("service_line", as_index=False)["normalised_pence"].sum()
    people = tables["population_base"]["person_id"]
    return {
        "baseline_lines": lines,
        "baseline_adjustments": spend[spend["adjustment"].notna()],
        "ledger_control": _frame(
            "commissioner service_line spend_pence control_pence difference_share",
            *(("QMF", "all", 60_000_000, 60_000_000, 0.0), ("LBN", "all", 8_100_000, 8_100_000, 0.0)),
        ),
        "segment_cost": cost,
        "line_attribution": by_line.assign(
            direct_pence=by_line["normalised_pence"] / 1.02, attribution_factor=1.02, hosted=False
        ),
        "commissioner_case_costs": _frame(
            "reason_code kind commissioner service_line held_as people cost_pence ours_pence others_pence",
            ("RC19", "dispute", "QRV", "acute", "DISPUTED", 1, 1_001, 501, 500),
        ),
        "provider_activity": _frame(
            "place service_line provider_code local units cost_pence",
            ("Newham", "acute", "R1H", True, 360.0, 25_000_000),
        ),
        "unattributed_spend": _frame(
            "place service_line normalised_pence direct_pence unattributed_pence held_out_pence treatment",
            ("Newham", "acute", 24_000_000, 24_000_000 / 1.02, 24_000_000 - 24_000_000 / 1.02, 0.0, "gross_up"),
        ),
        "spend_per_head": _frame(
            "service_line pence previous_pence change_share",
            ("acute", 44_000_000, 42_000_000, 0.0476),
            ("community", 23_100_000, 22_000_000, 0.05),
        ),
        "activity_completion": _frame(
            "service_line months_since runout_months factor rows_recorded recorded_pence completed_pence added_pence",
            ("acute", 3, 3, 1.02, 30, 1_000, 1_020, 20),
            ("acute", 4, 3, 1.0, 330, 11_000, 11_000, 0),
        ),
        "price_uplift": _frame(
            "service_line price_year base_year years factor rows_priced cost_pence",
            ("acute", "2024/25", BASE, BASE, 1.0283, 360, 25_000_000),
        ),
        "part_complete": _frame(
            "boundary service_line rule stays whole_pence counted_pence other_pence",
            ("year", "acute", "days", 2, 1_000, 400, 600),
            ("commissioner", "acute", "days", 1, 400, 100, 300),
        ),
        "high_cost_care": _frame(
            "person_id place service_line provider_code cost_pence",
            ("p0000", "Newham", "acute", "R1H", 45_000),
            ("p0000", "Newham", "acute", "RRV", 15_000),
        ),
        "person_cost": pd.DataFrame({"person_id": people, "cost_pence": [60_000] * 5 + [2_000] * (len(people) - 5)}),
        "person_line_cost": pd.concat(
            [
                pd.DataFrame({"person_id": people, "service_line": "acute", "cost_pence": 1_500}),
                pd.DataFrame({"person_id": people[:5], "service_line": "community", "cost_pence": 58_500}),
                pd.DataFrame({"person_id": people[5:], "service_line": "community", "cost_pence": 500}),
            ]
        ),
    }


def _need(tables: Tables) -> Tables:
    cost = int(tables["person_cost"]["cost_pence"].sum())
    community = int(tables["person_line_cost"].query("service_line == 'community'")["cost_pence"].sum())
    weights = [
        (year, place, method, "core", 210.0, 210.0 * index, index, method == "published")
        for year in YEARS
        for place, index in (("Newham", 0.95), ("Hackney", 1.05))
        for method in ("published", "model")
    ]
    return {
        "cells": _frame(
            "stream sex age_band imd_tenth condition_band segment place fold people positives y yy excess_pence "
            "excess_squares",
            ("all", "F", "30-34", "01", "0", "AMW", "Newham", 0, 304, 304, cost - 10_000, 1e12, 4_000, 16e6),
            ("all", "M", "30-34", "01", "0", "AMW", "Newham", 1, 100, 90, 6_000, 1e12, 0, 0.0),
            ("community", "F", "30-34", "01", "0", "AMW", "Newham", 0, 404, 404, community, 1e12, 0, 0.0),
        ),
        "need_model_lines": _frame(
            "stream service_line cost_pence weighed", ("community", "community", community, True)
        ),
        "risk_diagnostics": _diagnostics(),
        "need_by_line": _frame(
            "financial_year service_line method stream share_of_spend place population weighted_people need_index",
            *(
                (year, line, "published", "core", share, place, 210.0, 210.0 * index, index)
                for year in YEARS
                for line, share in (("acute", 0.65), ("community", 0.35))
                for place, index in (("Newham", 0.95), ("Hackney", 1.05))
            ),
        ),
        "need_weights": _frame(
            "financial_year place method stream population weighted_people need_index used", *weights
        ),
    }


def _diagnostics() -> pd.DataFrame:
    """Reports of two need models: sound overall, and wrong only on a group that is too small to judge."""
    groups = {"segment: AMW": (0.98, 1_400.0), "segment: ACX": (0.7, 90.0), "place: Newham": (1.03, 1_300.0)}
    rows = [("calibration", "all", 1.002), ("calibrated", "all", 1.0)]
    rows += [("predictive_ratio", group, ratio) for group, (ratio, _) in groups.items()]
    rows += [("person_years", group, years) for group, (_, years) in groups.items()]
    told = [
        (stream, "wls", number, measure, group, value, measure)
        for stream in ("all", "community")
        for number, (measure, group, value) in enumerate(rows)
    ]
    return _frame("stream model position measure group value meaning", *told)


def _ledger(_: Tables) -> Tables:
    openings = {"Newham": 36_000_000, "Hackney": 31_000_000, "Peer": 50_000_000}
    shifts = {"Newham": -400_000, "Hackney": 300_000, "Peer": 100_000}
    moves, paces, carve_outs, choices = [], [], [], []
    for number, year in enumerate(YEARS):
        for place, opening in openings.items():
            start, growth = opening + number * 1_000_000, 1_000_000
            allocation = start + growth + shifts[place]
            target = allocation + 200_000 * {"Newham": -1, "Hackney": 1, "Peer": 0}[place]
            paces.append(_pace(year, place, start + growth, target, allocation))
            if place == "Peer":
                continue
            steps = {"baseline": start, "cost_uplift": growth, "pace_of_change": shifts[place]}
            steps |= {
                "choice_carve_out": -900_000,
                "other_carve_outs": -100_000,
                "risk_pool": -150_000,
                "incentive": -800_000,
            }
            moves += [(year, step, place, amount) for step, amount in steps.items()]
            carve_outs += [
                (year, place, "choice", "flows", 900_000, 9_000_000),
                (year, place, "low_volume", "history", 100_000, 9_000_000),
            ]
            choices += [(year, place, "RRV", 500_000, 500.0, 1_000.0), (year, place, "RJ1", 400_000, 300.0, 4_000 / 3)]
    ledger = _frame("financial_year step place amount_pence", *moves).assign(
        segment="AMW", service_line="acute", commissioner="QMF"
    )
    bridge = ledger[["financial_year", "place", "step", "amount_pence"]].assign(balance_pence=0, share_of_opening=0.0)
    ledger = _with_older_adults(ledger)
    ledger["assumptions"] = [[] if step == "baseline" else ["cost_uplift_factor"] for step in ledger["step"]]
    ledger["movement_id"] = [f"m{i}" for i in range(len(ledger))]
    pace = pd.DataFrame(paces)
    return {
        "budget_ledger": ledger,
        "growth_bridge": bridge,
        "demographic_growth": _demography(pace),
        "policy_moves": _moves(),
        "funding_gap": _gap(pace),
        "pace_of_change": pace,
        "budget_range": _ranges(pace),
        "carve_outs": _frame("financial_year place type method planned_pence base_pence", *carve_outs),
        "choice_by_provider": _frame(
            "financial_year place provider_code planned_pence planned_units unit_price_pence", *choices
        ).assign(service_line="acute"),
    } | _behind_carve_outs()


def _with_older_adults(ledger: pd.DataFrame) -> pd.DataFrame:
    """The same sums with a little of each place's as movements of older adults, as in the budget."""
    older = ledger["step"].map(OLDER_ADULTS)
    few = ledger[older.notna()].assign(segment="OA", amount_pence=older.dropna().astype("int64"))
    left = ledger["amount_pence"] - older.where(older.notna(), 0)
    return pd.concat([ledger.assign(amount_pence=left.astype("int64")), few], ignore_index=True)


def _behind_carve_outs() -> Tables:
    """Past years of choice, low-volume pairs, and one person above the threshold whose care elsewhere is carved out."""
    pairs = [
        (year, "QMF", "RX1", place, 3, 100_000.0, 200_000.0, 150_000_000, "up_to", True, "2024/25", 50_000_000, True)
        for year in YEARS
        for place in ("Newham", "Hackney")
    ]
    return {
        "choice_history": _frame(
            "financial_year place source outside_pence whole_pence share",
            *((BASE, place, "spend", 1_000, 10_000, 0.1) for place in ("Newham", "Hackney")),
        ),
        "choice_terms": _frame(
            "financial_year method planned_pence holder conflict_of_interest",
            *((year, "prime_provider", 1_800_000, "Trust", "It treats patients itself.") for year in YEARS),
        ),
        "low_volume_pairs": _frame(
            "financial_year commissioner provider_code place years place_mean_pence pair_mean_pence threshold_pence "
            "limit low_volume earlier_year earlier_threshold_pence earlier_low_volume",
            *pairs,
        ),
        "carve_out_claims": _frame(
            "financial_year place service_line provider_code type",
            *((year, "Newham", "acute", "RRV", "choice") for year in YEARS),
        ),
        "stop_loss_cost": _frame(
            "financial_year person_id place threshold_pence cost_pence counted_pence excess_pence",
            *((year, "p0000", "Newham", 40_000, 60_000, 45_000, 5_000) for year in YEARS),
        ),
    }


def _demography(pace: pd.DataFrame) -> pd.DataFrame:
    """As many people as before, and of the same mix."""
    places = pace.loc[pace["set_here"], ["financial_year", "place", "opening_pence"]]
    return places.assign(
        population_pence=0, case_mix_pence=0, amount_pence=0, population_growth=0.0, case_mix_growth=0.0
    )


def _moves() -> pd.DataFrame:
    """An investment and a saving that cancel out, so that nothing moves."""
    rows = [("investment", 50_000, "A new team"), ("savings", -50_000, "Fewer agency shifts")]
    return _frame("move_id amount_pence reason", *rows).assign(
        kind=["investment", "savings"],
        financial_year=YEARS[0],
        place="Newham",
        owner="finance",
        source="a board",
        status="approved",
    )


def _ranges(pace: pd.DataFrame) -> pd.DataFrame:
    rows = pace[["financial_year", "place", "allocation_pence"]].rename(
        columns={"place": "unit", "allocation_pence": "booked_pence"}
    )
    booked = rows["booked_pence"]
    percentiles = {"p10_pence": booked - 10_000, "p50_pence": booked, "p90_pence": booked + 10_000}
    facts = {"scale": "place", "measure": "allocation", "draws": 1000, "impossible_draws": 0}
    return rows.assign(**percentiles, **facts)


def _gap(pace: pd.DataFrame) -> pd.DataFrame:
    """What was allocated is what the same care costs."""
    ours = pace.loc[pace["set_here"], ["financial_year", "place", "allocation_pence", "target_pence"]]
    nothing = ("demographic", "nondemographic", "price", "efficiency", "investment", "savings", "savings_unproven")
    parts = {f"{name}_pence": 0 for name in (*nothing, "gap", "left")}
    same = {f"{name}_pence": ours["allocation_pence"] for name in ("baseline", "do_nothing", "planned")}
    return ours.assign(**parts, **same)


def _pace(year: str, place: str, opening: int, target: int, allocation: int) -> dict[str, object]:
    return {
        "financial_year": year,
        "place": place,
        "weighted_people": 200.0,
        "opening_pence": opening,
        "target_pence": target,
        "opening_dft": opening / target - 1,
        "taper": 1.0,
        "floor_pence": allocation - 10,
        "allocation_pence": allocation,
        "growth": allocation / opening - 1,
        "closing_dft": allocation / target - 1,
        "binding_rule": "raised",
        "set_here": place != "Peer",
    }


def _payment(tables: Tables) -> Tables:
    budget = _budget(tables["budget_ledger"])
    payment = budget.assign(wpap_pence=budget["incentive_pence"] + budget["core_pence"])
    years = payment.groupby(["financial_year", "place"])["wpap_pence"].sum().items()
    months = [
        (year, place, month, pence // 12 + (month <= pence % 12))
        for (year, place), pence in years
        for month in range(1, 13)
    ]
    scales = budget_by_scale(budget, "A small world", dict.fromkeys(("Newham", "Hackney"), "The east"), None)
    return {
        "integrated_budget": budget,
        "scoped_budgets": _scoped(budget),
        "budget_by_scale": scales,
        "contributions": contributions(budget, tables["budget_ledger"]),
        "risk_pool_cover": risk_pool_cover(scales, {}, 3.7),
        "segment_rates": payment[["financial_year", "place", "segment", "people", "wpap_pence"]],
        "monthly_profile": _frame("financial_year place month payment_pence", *months),
        **_simulation(budget),
        **_agreements(budget),
    }


def _simulation(budget: pd.DataFrame) -> Tables:
    """One trust with one line under one form, in a contract of its own, and where the first year's money goes."""
    first = budget[budget["financial_year"] == budget["financial_year"].min()]
    paid = first.groupby("commissioner", as_index=False)["allocation_pence"].sum()
    lines = "contract provider_code service_line form activity payment_pence cost_pence margin_pence"
    risk = "mean_of_worst_pence worst_pence sd_pence chance_of_loss chance_pool_exhausted within"
    return {
        "money_flow": paid.rename(columns={"allocation_pence": "amount_pence"}).assign(part="core", payee="R1H"),
        "payment_simulation": _frame(
            "provider_code form form_name activity payment_pence cost_pence margin_pence delta_vs_block_pence",
            ("R1H", "F01", "Block", 1.0, 500, 450, 50, 0),
        ),
        "service_line_margins": _frame(lines, ("east", "R1H", "acute", "F01", 1.0, 500, 450, 50)),
        "contract_simulation": _frame(
            "contract form activity party budget_pence cost_pence result_pence transfer_pence",
            ("east", "C2", 1.0, "R1H", 500, 450, 30, -20),
            ("east", "C2", 1.0, "RF4", 500, 510, 10, 20),
        ),
        "party_risk": _frame(
            f"contract party form agreed {risk}", ("east", "R1H", "C2", True, -9, -5, 3, 0.4, 0.1, True)
        ),
    }


def _agreements(budget: pd.DataFrame) -> Tables:
    """One contract of one trust for the first line of the budget, with two outcomes."""
    line = str(budget["service_line"].iloc[0])
    return {
        "contract_terms": _frame(
            "contract role party outcome_share outcome_maximum capacity_pence",
            ("east", "provider", "R1H", 0.025, 0.2, 100),
            ("east", "commissioner", "QMF", 0.025, 0.2, None),
        ),
        "contract_measures": _frame("contract measure weight", ("east", "response", 0.6), ("east", "recovery", 0.4)),
        "contract_plans": _frame("contract party service_line budget_pence", ("east", "R1H", line, 500)),
    }


def _scoped(budget: pd.DataFrame) -> pd.DataFrame:
    """Older adults as a budget of their own, and a hundred pence of the others in one for people with diabetes."""
    whole = budget.assign(budget=budget["segment"].map({"OA": "older", "AMW": "outside"}))
    few = whole[whole["segment"] == "AMW"].assign(
        budget="diabetes", allocation_pence=100, carve_out_pence=0, risk_pool_pence=0, incentive_pence=0, core_pence=100
    )
    less = (whole["budget"] == "outside") * 100
    rest = whole.assign(allocation_pence=whole["allocation_pence"] - less, core_pence=whole["core_pence"] - less)
    return pd.concat([few, rest], ignore_index=True)


def _budget(ledger: pd.DataFrame) -> pd.DataFrame:
    """Two segments a place and year: older adults with a little, adults with the rest."""
    keys = ["financial_year", "place"]
    wide = ledger.pivot_table(index=keys, columns="step", values="amount_pence", aggfunc="sum")
    parts = pd.DataFrame(
        {
            "allocation_pence": wide.drop(columns=list(MONEY_OUT)).sum(axis=1),
            "carve_out_pence": -wide["choice_carve_out"] - wide["other_carve_outs"],
            "risk_pool_pence": -wide["risk_pool"],
            "incentive_pence": -wide["incentive"],
            "core_pence": wide.sum(axis=1),
        }
    )
    older = {
        "allocation_pence": 100,
        "carve_out_pence": 10,
        "risk_pool_pence": 5,
        "incentive_pence": 5,
        "core_pence": 80,
    }
    rows = [parts.sub(older).assign(segment="AMW"), parts.assign(**older, segment="OA")]
    budget = pd.concat(rows).reset_index()
    return budget.assign(service_line="acute", commissioner="QMF", people=100.0, weighted_people=100.0)


def _earlier_run(tables: Tables) -> Tables:
    """An earlier run in which all was as it is now."""
    read_again = (
        "segment_summary segment_codelists segment_people baseline_lines provider_activity population "
        "population_reconciliation practice_weights need_weights pace_of_change"
    )
    return {f"{PREVIOUS}{name}": tables[name] for name in read_again.split()}


def _difference(_: Tables) -> Tables:
    """Two runs, and an assumption that lies between them."""
    rows = _frame(
        "cause_number cause kind explained financial_year step place difference_pence",
        *((1, "efficiency_factor", "assumption", True, year, "efficiency", "Newham", -1_000) for year in YEARS),
    )
    return {"run_diff": rows}


def _assumptions(_: Tables) -> Tables:
    """Uplift and efficiency of every budget year, each within its range."""
    rows = [
        (name, year, "all", "0.02", "0.01", "0.03", date(2025, 4, 1))
        for name in ("cost_uplift_factor", "efficiency_factor")
        for year in YEARS
    ]
    return {"assumption_ledger": _frame("name financial_year scope value low high effective_from", *rows)}


def _lineage(tables: Tables) -> Tables:
    return {"lineage_edges": _frame("output input kind stage", *((name, "spend", "table", "costs") for name in tables))}


def _shared(_: Tables) -> Tables:
    """A list of 33 of whom 3 are hidden beside 4 others, and what they are paid."""
    rows = [
        ("people", "snapshot", "practice:F84004", "all", "people", 35.0, 33.0, 37.0, 5.0, False),
        ("people", "snapshot", "practice:F84004", "segment:CCX", "people", None, 0.0, 9.0, 5.0, True),
        ("people", "snapshot", "practice:F84004", "segment:OA", "people", None, 0.0, 9.0, 5.0, False),
        ("people", "snapshot", "practice:F84004", "segment:AMW", "people", 25.0, 23.0, 27.0, 5.0, False),
        ("payment_pence", "2026/27", "place:Newham", "segment:CCX", "pence", None, 0.0, 900.0, 500.0, True),
    ]
    columns = "measure financial_year area part unit shown low high needed small"
    return {"disclosure_audit": _frame(columns, *rows)}
