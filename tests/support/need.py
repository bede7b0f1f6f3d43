"""A small locality for the need stage: people with cost, practices with weights and indices, the values of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from budget.engine import DuckEngine, Engine
from budget.kernel.yaml import read_yaml, write_yaml
from budget.need.layouts import stream_names
from budget.need.modelled import Modelled, Wanted, model_need
from budget.need.risk.passes import lived_cells, show_people
from budget.need.settings import ModelSettings
from budget.need.stage import weigh_need
from tests.support.given import REPOSITORY, Lent, given
from tests.support.risk import draw_people, for_the_engine

Tables = dict[str, pd.DataFrame]

YEARS = ("2025/26", "2026/27")
DAYS = 365
CAP = 1_500_000
LINES = {"acute_nonelective": 0.5, "community": 0.3, "primary_medical_care": 0.2}
"""Service lines and their shares of spend."""
PERSON_TABLES = ("population", "person_cost", "person_line_cost")
OF_STREAMS: Mapping[str, tuple[str, ...]] = {
    "community": ("community",),
    "general_acute": ("acute_elective", "acute_nonelective"),
    "primary_medical": ("primary_medical_care",),
}
"""Lines on which persons have cost, by stream."""
CONFIG = REPOSITORY / "config" / "need"
CURVES = REPOSITORY / "data" / "england" / "nhs_cost_age_sex_imd_2014_15.csv.gz"

VALUES: Mapping[str, object] = {
    "need_weighting": "segment_cost",
    "need_stream": "core",
    "need_estimator": "wls",
    "need_coefficients": "fitted",
    "need_caps": [5_000, 10_000],
    "risk_score_growth_cap": 0.03,
    "need_adjustments": "none",
    "health_inequality_share": 0,
    "stop_loss_threshold": CAP // 100,
    "list_inflation_adjustment": "none",
}


@cache
def _everyone(count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    population, cost = for_the_engine(draw_people(count, seed=count))
    chance = np.random.default_rng(count)
    population["practice_code"] = population["practice_code"].mask(chance.random(count) < 0.005, None)
    population["sex"] = population["sex"].mask(chance.random(count) < 0.003, "U")
    return population, cost


def people(count: int = 3_000) -> Tables:
    """People of four places with cost; some on no list, of no known sex, age or area, or here for no day of a year."""
    population, cost = _everyone(count)
    return {"population": population.copy(), "person_cost": cost.copy()}


def locality(count: int = 3_000) -> Tables:
    """Every table that the need stage may read, but for peers, frozen coefficients and ways of counting."""
    tables = people(count)
    population = tables["population"]
    return tables | _segments(population, tables["person_cost"]) | _practices(population) | _areas(population)


def person_line_cost(tables: Tables) -> pd.DataFrame:
    """What each person cost on four lines of three streams, together the person's cost; many have no care on a line.

    The more conditions somebody has, the more of the cost is community care.
    """
    population, cost = tables["population"], tables["person_cost"]["cost_pence"].to_numpy()
    chance = np.random.default_rng(11)
    lines = [line for of_stream in OF_STREAMS.values() for line in of_stream]
    share = chance.gamma(0.5, 1.0, (len(cost), len(lines))) * (chance.random((len(cost), len(lines))) < 0.6)
    share[:, 0] *= 1 + population["long_term_conditions"].to_numpy()
    share[:, -1] += 0.01
    until = np.floor(cost[:, None] * np.cumsum(share, axis=1) / share.sum(axis=1)[:, None])
    until[:, -1] = cost
    spent = pd.DataFrame(np.diff(until, axis=1, prepend=0).astype("int64"), tables["person_cost"]["person_id"], lines)
    long = spent.rename_axis(columns="service_line").stack().rename("cost_pence").reset_index()
    return long[long["cost_pence"] > 0].reset_index(drop=True)


def _segments(population: pd.DataFrame, cost: pd.DataFrame) -> Tables:
    rows = population.merge(cost, on="person_id").groupby(["place", "segment"], as_index=False)
    sums = rows.agg(people=("person_id", "size"), cost=("cost_pence", "sum")).astype({"people": float})
    lines = [
        sums.assign(service_line=line, grossed_pence=sums["cost"] * share).drop(columns="cost")
        for line, share in LINES.items()
    ]
    years = [
        sums.assign(financial_year=year, people=sums["people"] * 1.01**number).drop(columns="cost")
        for number, year in enumerate(("2024/25", *YEARS))
    ]
    return {"segment_cost": pd.concat(lines, ignore_index=True), "segment_people": pd.concat(years, ignore_index=True)}


def _practices(population: pd.DataFrame) -> Tables:
    chance = np.random.default_rng(8)
    lists = population.dropna(subset=["practice_code"]).groupby(["practice_code", "place"], as_index=False).size()
    codes, sizes = lists["practice_code"], lists["size"].astype(float)
    many = len(codes)
    weights = [
        pd.DataFrame(
            {
                "practice_code": codes,
                "financial_year": year,
                "stream": stream,
                "population": sizes,
                "weighted_population": sizes * chance.uniform(0.6, 1.4, many),
            }
        )
        for year in YEARS
        for stream in stream_names()
    ]
    adjustments = {
        "market_forces_factor": chance.uniform(0.93, 1.14, many),
        "emergency_ambulance_index": chance.uniform(0.991, 1.009, many),
        "remoteness_index": np.where(chance.random(many) < 0.2, 1.02, 1.0),
    }
    workload = {
        "share_new": chance.uniform(0.02, 0.2, many),
        "share_nursing_home": chance.uniform(0, 0.02, many),
        "long_standing_illness": chance.uniform(80, 120, many),
        "mortality_under_65": chance.uniform(80, 120, many),
        "distance_km": chance.uniform(0.5, 5, many),
        "density": chance.uniform(5, 90, many),
        "staff_market_forces_factor": chance.uniform(0.95, 1.1, many),
    }
    return {
        "practices": lists[["practice_code", "place"]],
        "published_weights": pd.concat(weights, ignore_index=True),
        "practice_adjustments": pd.DataFrame({"practice_code": codes, **adjustments}),
        "practice_workload": pd.DataFrame({"practice_code": codes, **workload}),
        "cost_curves": pd.read_csv(CURVES),
    }


def _areas(population: pd.DataFrame) -> Tables:
    chance = np.random.default_rng(9)
    areas = sorted(population["lsoa_code"].dropna().unique())
    drawn = {name: chance.normal(size=len(areas)) for name in ("beds", "air")}
    wide = pd.DataFrame({"lsoa_code": areas, **drawn})
    return {"area_covariates": wide.melt("lsoa_code", var_name="covariate", value_name="value")}


def weigh(tables: Tables, values: Mapping[str, object] | None = None, need: Path = CONFIG) -> Tables:
    """What the need stage writes."""
    with DuckEngine() as engine:
        return dict(weigh_need(as_given(tables, values, need, engine)))  # type: ignore[arg-type]


def as_given(
    tables: Tables, values: Mapping[str, object] | None = None, need: Path = CONFIG, engine: Engine | None = None
) -> Lent:
    """Tables and values as the need stage is given them; with an engine, person tables are tables of it."""
    seen = given(tables, {**VALUES, **(values or {})}, budget_years=YEARS)
    for name in PERSON_TABLES:
        if engine and name in tables:
            engine.lend(name, tables[name])
    return replace(seen, plan=seen.plan.model_copy(update={"need": need}), engine=engine)  # type: ignore[type-var]


def need_folder(folder: Path, **changes: object) -> Path:
    """A folder of need settings, the shipped ones but for the model's terms and some others."""
    for name in ("streams.yaml", "carr_hill.yaml"):
        (folder / name).write_text((CONFIG / name).read_text(encoding="utf-8"), encoding="utf-8")
    write_yaml(folder / "model.yaml", _written() | changes)
    return folder


def settings(**changes: object) -> ModelSettings:
    """Settings of the model with every covariate that the cells know, but for some."""
    return ModelSettings.model_validate(_written() | changes)


def term(*covariates: str, role: str = "need") -> dict[str, object]:
    """A term as the settings write it."""
    return {"covariates": list(covariates), "role": role, "why": "a test"}


def area(covariate: str, role: str) -> dict[str, object]:
    """A covariate of areas as the settings write it."""
    return {"covariate": covariate, "role": role, "why": "a test"}


def _written() -> dict[str, Any]:
    terms = [term("sex", "age_band"), term("imd_tenth"), term("condition_band"), term("segment")]
    return dict(read_yaml(CONFIG / "model.yaml")) | {"terms": terms}


def wanted(chosen: ModelSettings | None = None, **changes: Any) -> Wanted:
    """What a run wants of its model."""
    usual: dict[str, Any] = {"estimator": "wls", "cap": CAP, "caps": (500_000, 1_000_000), "days": DAYS}
    return Wanted(chosen or settings(), **(usual | changes))


def modelled(tables: Tables, want: Wanted) -> Modelled:
    """The need model of some people."""
    with DuckEngine() as engine:
        for name in PERSON_TABLES:
            if name in tables:
                engine.lend(name, tables[name])
        return model_need(engine, want)


CALM: Mapping[str, object] = {"challengers": []}
"""No challengers, for tests that do not look at them."""


def run(tables: Tables, **changes: object) -> Modelled:
    """The need model of some people under some settings; without challengers and other caps."""
    named = {name: changes.pop(name) for name in ("estimator", "frozen", "area_covariates") if name in changes}
    return modelled(tables, wanted(settings(**{**CALM, **changes}), caps=(), **named))


def by_level(found: Modelled) -> pd.DataFrame:
    """The table of coefficients by term and level."""
    return found.tables["risk_model"].set_index(["term", "level"])


def lived_by_practice(tables: Tables) -> pd.DataFrame:
    """Cells for cost a year by practice, those on no list together."""
    with DuckEngine() as engine:
        for name in ("population", "person_cost"):
            engine.lend(name, tables[name])
        show_people(engine)
        cells = lived_cells(engine, CAP, DAYS, by=("segment", "practice_code", "place"))
    return cells.assign(practice_code=cells["practice_code"].fillna("none"))


def without_persons_cost(tables: Tables) -> Tables:
    """A locality without a model, for tests that do not ask for one."""
    return {name: table for name, table in tables.items() if name != "person_cost"}


def index(found: pd.DataFrame, method: str, stream: str = "all", year: str = YEARS[0]) -> dict[str, float]:
    """Need indices of places."""
    rows = found[(found["method"] == method) & (found["stream"] == stream) & (found["financial_year"] == year)]
    return rows.set_index("place")["need_index"].to_dict()
