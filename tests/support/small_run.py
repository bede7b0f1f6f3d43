"""A run folder of a small locality, made by hand: two places, twelve practices and counts of every size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from budget.kernel.hashing import hash_file

PLACES = {"Eastfield": "E", "Westfield": "W"}
SEGMENTS = {"AMW": "mostly_well", "ACX": "complex_needs", "CCX": "complex_needs", "OA": "older_adults"}
YEARS = ("2026/27", "2027/28")
_MEANS = {"AMW": 300.0, "ACX": 12.0, "CCX": 0.3, "OA": 3.0}
_COSTS = {"AMW": 110_000, "ACX": 900_000, "CCX": 1_100_000, "OA": 300_000, "UNREG": 90_000}
_STATEMENT = {"joins": 9, "births": 3, "deaths": 2, "leavers": 7, "excluded": 1, "duplicates": 2, "quarantined": 1}
_LESS = ("deaths", "leavers", "excluded", "duplicates", "quarantined")


def small_run(folder: Path, config: Path, **rules: object) -> Path:
    """Write the run.

    Args:
        config: the locality that its manifest names; the gate takes its limits from there.
        rules: values of ``min_cell``, ``count_rounding`` and ``dominance_share`` other than 5, 5 and 0.1; a run without
            one where it is None.
    """
    tables = folder / "tables"
    tables.mkdir(parents=True)
    for name, frame in _tables({"min_cell": 5, "count_rounding": 5, "dominance_share": 0.1} | rules).items():
        frame.to_parquet(tables / f"{name}.parquet", index=False)
    files = sorted((folder / "tables").glob("*.parquet"))
    said = {"run_id": folder.name, "status": "complete", "title": "Twofields", "notice": "Nobody lives here."}
    said |= {"tables": {file.stem: {"sha256": hash_file(file)} for file in files}}
    said |= {"snapshot_date": "2025-04-01", "config": str(config)}
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def _tables(rules: dict[str, object]) -> dict[str, pd.DataFrame]:
    detail = _people()
    budget = _budget(detail)
    named = SEGMENTS | {"UNREG": "unregistered"}
    known = {name: str(value) for name, value in rules.items() if value is not None}
    ledger = pd.DataFrame({"name": list(known), "value": list(known.values())})
    return {
        "assumption_ledger": ledger,
        "segments": pd.DataFrame({"segment": list(named), "broad_group": list(named.values())}),
        "segment_detail": detail,
        "population_reconciliation": _lists(detail),
        "integrated_budget": budget,
        "budget_by_scale": _scales(budget),
        "pace_of_change": budget.groupby(["financial_year", "place"], as_index=False)[["allocation_pence"]].sum(),
        **_persons(detail),
    }


def _people() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    rows = [
        (place, f"{letter}{number:02d}", segment, float(chance.poisson(_MEANS[segment])))
        for place, letter in PLACES.items()
        for number in range(6)
        for segment in SEGMENTS
    ]
    rows += [(place, None, "UNREG", 31.25) for place in PLACES]
    frame = pd.DataFrame(rows, columns=["place", "practice_code", "segment", "people"])
    return frame[frame["people"] > 0].assign(sex="F", age_from=20)


def _lists(detail: pd.DataFrame) -> pd.DataFrame:
    chance = np.random.default_rng(8)
    closing = detail.groupby("practice_code", as_index=False)["people"].sum().rename(columns={"people": "closing"})
    moves = {item: chance.poisson(mean, len(closing)) for item, mean in _STATEMENT.items()}
    lists = closing.assign(closing=closing["closing"].astype("int64"), **moves)
    gone = sum(lists[item] for item in _LESS)
    return lists.assign(opening=lists["closing"] - lists["joins"] - lists["births"] + gone)


def _budget(detail: pd.DataFrame) -> pd.DataFrame:
    people = detail.groupby(["place", "segment"], as_index=False)["people"].sum()
    blocks = []
    for number, year in enumerate(YEARS):
        block = people.assign(financial_year=year, people=people["people"] * 1.01**number)
        whole = (block["people"] * block["segment"].map(_COSTS)).round().astype("int64")
        out, pool, earned = ((whole * share).astype("int64") for share in (0.05, 0.005, 0.025))
        core = whole - out - pool - earned
        block = block.assign(allocation_pence=whole, carve_out_pence=out, risk_pool_pence=pool)
        block = block.assign(incentive_pence=earned, core_pence=core, weighted_people=block["people"])
        blocks.append(block.assign(service_line="community", commissioner="QXX"))
    return pd.concat(blocks, ignore_index=True)


def _scales(budget: pd.DataFrame) -> pd.DataFrame:
    figures = [c for c in budget if c.endswith("_pence")] + ["people", "weighted_people"]
    places = budget.groupby(["financial_year", "place"], as_index=False)[figures].sum()
    whole = budget.groupby("financial_year", as_index=False)[figures].sum()
    return pd.concat(
        [
            whole.assign(scale="footprint", place=None, unit="Twofields"),
            places.assign(scale="place", unit=places["place"]),
            places.assign(scale="practice_group", unit="no_group"),
        ],
        ignore_index=True,
    )


def _persons(detail: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """People with complex needs in Eastfield, one of whom costs almost all that they cost together."""
    cost = detail.groupby(["place", "segment"], as_index=False)["people"].sum()
    cost["direct_pence"] = cost["people"] * cost["segment"].map(_COSTS)
    east = cost[(cost["place"] == "Eastfield") & (cost["segment"] == "ACX")].iloc[0]
    dear = {"person_id": "0a", "place": "Eastfield", "cost_pence": int(east["direct_pence"] * 0.95)}
    return {
        "segment_cost": cost,
        "population": pd.DataFrame([{"person_id": "0a", "segment": "ACX"}]),
        "high_cost_care": pd.DataFrame([dear]),
    }
