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


def count(engine: Engine, tables: Tables, **settings: Any) -> dict[str, pd.DataFrame]:
    """Run the population stage over a locality with two practices, P1 and P2, and two areas."""
    usual: dict[str, Iterable[Row]] = {
        "practices": practices("P1", "P2"),
        "areas": areas("E01000001", "E01000002"),
        "population_projection": projection(),
        "person_merges": [],
        "unregistered_residents": [],
        "published_list": [],
    }
    return run(POPULATION, engine, {**usual, **tables}, {}, **settings)


def place(engine: Engine, tables: Tables, values: Mapping[str, object] | None = None) -> dict[str, pd.DataFrame]:
    """Run the segmentation stage over people who were counted."""
    usual: dict[str, Iterable[Row]] = {"population_counts": [], "conditions": [], "activity": [], "person_merges": []}
    assumed = {"older_precedence": "complex_first", "unreg_segment_mode": "separate"} | dict(values or {})
    return run(SEGMENTATION, engine, {**usual, **tables}, assumed)


def run(
    stage: Stage,
    engine: Engine,
    tables: Tables,
    values: Mapping[str, object],
    *,
    snapshot: date = SNAPSHOT,
    rules: Path | None = None,
    scheme: Path | None = None,
) -> dict[str, pd.DataFrame]:
    """Run a stage over rows, or over tables that the engine has; selections are read through their contracts."""
    lent = {name: arrow(name, rows) for name, rows in tables.items()}
    for name, rows in lent.items():
        if name not in engine.tables:
            engine.lend(name, rows)
    plan = plan_of("2025/26", ("2026/27", "2027/28"))
    changes: dict[str, Any] = {"snapshot_date": snapshot}
    changes |= {"population_rules": rules} if rules else {}
    changes |= {"segmentation": scheme} if scheme else {}
    frames = {name: rows.to_pandas(date_as_object=True) for name, rows in lent.items()}
    given = Lent(plan.model_copy(update=changes), assume(values), tables={}, engine=engine, frames=frames)
    return {name: _read(engine, name, result) for name, result in stage.run(given).items()}


def _read(engine: Engine, name: str, result: Any) -> pd.DataFrame:
    if isinstance(result, Select):
        columns = ", ".join(f"cast({column.name} as {column.sql}) as {column.name}" for column in table(name).columns)
        return engine.frame(f"select {columns} from {result.relation} order by {', '.join(result.order_by)}")
    return result
