"""Person tables from short rows, lent to an engine in the types of their contracts, and stages run over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from budget.contracts import table
from budget.engine import Engine, Select
from budget.kernel.years import FinancialYear
from budget.population.stage import POPULATION
from budget.segmentation.stage import SEGMENTATION
from budget.stage import Stage
from tests.support.given import Lent, assume, plan_of

Row = Mapping[str, Any]
Tables = Mapping[str, Iterable[Row]]

SNAPSHOT = date(2025, 4, 1)

_USUAL: Mapping[str, Row] = {
    "registered_list": {
        "practice_code": "P1",
        "sex": "F",
        "date_of_birth": date(1980, 6, 15),
        "lsoa_code": "E01000001",
        "registered_on": date(2019, 5, 1),
        "registration_type": "regular",
        "identifier_valid": True,
    },
    "activity": {"provider_code": "RXX", "units": 1.0},
    "conditions": {"recorded_on": date(2020, 1, 1)},
    "population_base": {
        "sex": "F",
        "place": "Here",
        "practice_code": "P1",
        "basis": "registered_resident",
        "responsible_commissioner": "QXX",
        "member_days": 365,
        "care_days": 365,
        "reason_codes": "",
    },
}


def arrow(name: str, rows: Iterable[Row]) -> pa.Table:
    """Rows as a table of its contract; columns that a row leaves out have their usual value, or none."""
    usual = _USUAL.get(name, {})
    schema = table(name).arrow_schema
    return pa.Table.from_pylist([{**usual, **row} for row in rows], schema=schema)


def practices(*codes: str, icb: str = "QXX", place: str = "Here", **facts: Any) -> list[Row]:
    """Practices of one ICB and place."""
    return [{"practice_code": code, "practice_name": code, "place": place, "icb_code": icb} | facts for code in codes]


def areas(*codes: str, place: str = "Here", lad_code: str = "E09000001") -> list[Row]:
    """Small areas of one place."""
    return [{"lsoa_code": code, "lad_code": lad_code, "place": place, "imd_decile": 3} for code in codes]


def projection(lad_code: str = "E09000001", step: int = 1) -> list[Row]:
    """Estimates of 2024 and a projection from 2025 on in which every age of a district has as many people.

    Args:
        lad_code: the district.
        step: years from one age to the next; 5 is one a band.
    """
    return [
        {
            "lad_code": lad_code,
            "year": year,
            "sex": sex,
            "age": age,
            "persons": 10.0,
            "basis": "estimate" if year == 2024 else "projection",
        }
        for year in (2024, 2025, 2026, 2027)
        for sex in ("F", "M")
        for age in range(0, 96, step)
    ]


def count(
    engine: Engine, tables: Tables, values: Mapping[str, object] | None = None, **settings: Any
) -> dict[str, pd.DataFrame]:
    """Run the population stage over a locality with two practices, P1 and P2, and two areas."""
    usual: dict[str, Iterable[Row]] = {
        "practices": practices("P1", "P2"),
        "areas": areas("E01000001", "E01000002"),
        "population_projection": projection(),
        "person_merges": [],
        "unregistered_residents": [],
        "published_list": [],
        "commissioner_cases": [],
    }
    assumed = {
        "list_inflation_adjustment": "none",
        "list_scale_lo": 0.90,
        "list_scale_hi": 1.02,
        "fp69_months": 0,
        "population_variant": "principal",
    } | dict(values or {})
    return run(POPULATION, engine, {**usual, **tables}, assumed, **settings)


def place(
    engine: Engine, tables: Tables, values: Mapping[str, object] | None = None, **settings: Any
) -> dict[str, pd.DataFrame]:
    """Run the segmentation stage over people who were counted, their lists as they are and without merges."""
    usual: dict[str, Iterable[Row]] = {"population_counts": [], "conditions": [], "activity": [], "person_merges": []}
    usual |= lists_as_they_are(tables)
    assumed = {
        "older_precedence": "complex_first",
        "unreg_segment_mode": "separate",
        "list_inflation_adjustment": "none",
        "population_variant": "principal",
    } | dict(values or {})
    return run(SEGMENTATION, engine, {**usual, **tables}, assumed, **settings)


def lists_as_they_are(tables: Tables) -> dict[str, list[Row]]:
    """What the population stage says beside the people: one variant of the growth, and lists as they are."""
    people = arrow("population_base", tables["population_base"]).to_pylist()
    bands = {(p["place"], p["sex"], None if p["age"] is None else min(p["age"], 95) // 5 * 5) for p in people}
    columns = ("place", "sex", "age_from")
    unweighed = {"adjustment": "none", "people": 1.0, "adjusted_people": 1.0}
    return {
        "list_inflation": [dict(zip(columns, band, strict=True)) | unweighed for band in bands],
        "population_growth_variants": [{"variant": "principal"} | row for row in tables["population_growth"]],
    }


def run(
    stage: Stage,
    engine: Engine,
    tables: Tables,
    values: Mapping[str, object],
    *,
    snapshot: date = SNAPSHOT,
    rules: Path | None = None,
    scheme: Path | None = None,
    purpose: str = "example",
    base_year: str = "2025/26",
    activity_year: str | None = None,
) -> dict[str, pd.DataFrame]:
    """Run a stage over rows, or over tables that the engine has; selections are read through their contracts."""
    lent = {name: arrow(name, rows) for name, rows in tables.items()}
    for name, rows in lent.items():
        if name not in engine.tables:
            engine.lend(name, rows)
    start = FinancialYear.parse(base_year).start
    plan = plan_of(base_year, (str(FinancialYear(start + 1)), str(FinancialYear(start + 2))))
    changes: dict[str, Any] = {"snapshot_date": snapshot, "purpose": purpose}
    changes |= {"activity_year": FinancialYear.parse(activity_year)} if activity_year else {}
    changes |= {"population_rules": rules} if rules else {}
    changes |= {"segmentation": scheme} if scheme else {}
    frames = {name: rows.to_pandas(date_as_object=True) for name, rows in lent.items()}
    given = Lent(plan.model_copy(update=changes), assume(values), tables={}, engine=engine, frames=frames)
    return {name: _read(engine, name, result) for name, result in stage.run(given).items()}


def by_rule(counted: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str, str | None], int]:
    """Records that are not counted, by outcome, rule and who pays."""
    found = counted["population_exceptions"].astype(object)
    rows = found.where(found.notna(), None).to_dict("records")
    return {(row["outcome"], row["reason_code"], row["commissioner"]): row["records"] for row in rows}


def _read(engine: Engine, name: str, result: Any) -> pd.DataFrame:
    if isinstance(result, Select):
        columns = ", ".join(f"cast({column.name} as {column.sql}) as {column.name}" for column in table(name).columns)
        return engine.frame(f"select {columns} from {result.relation} order by {', '.join(result.order_by)}")
    return result
