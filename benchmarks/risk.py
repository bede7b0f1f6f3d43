"""A risk model on cells against fits on person rows, as Markdown tables: CPU seconds and peak memory.

    python benchmarks/risk.py [PEOPLE ...] [--times N]      2,000,000 and 20,000,000, three times, where not said

Every route reads the same Parquet file and fits quasi-Poisson with a log link, with robust errors where the library has
them. Each runs in a process of its own with one thread, and so does the drawing of people, so that no peak is
inherited; seconds are of the processor, user and system, without imports; the median of the runs is shown. glum and
scikit-learn are measured where they are installed (they are no part of the product); routes that would not fit the
memory of a common machine are left out above a number of people. The floor reads and decodes the columns that the
passes over people read, in batches; an engine that is asked for no more than their greatest values would answer from
the statistics of the file.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

import budget.need
from budget.engine import DuckEngine
from budget.need.glm import fit
from budget.need.risk.challengers import expected_by
from budget.need.risk.estimators import estimators
from budget.need.risk.passes import capped_cells, lived_cells, misses

CAP = 2_500_000
DAYS = 365
RESPONSE = f"y_{CAP}"
TERMS = ("sex:age_band", "imd_tenth", "condition_band", "segment")
READ = (
    "person_id", "sex", "age", "imd_decile", "long_term_conditions", "segment", "place", "practice_code", "care_days",
    "cost_pence",
)  # fmt: skip
SQL = Path(budget.need.__file__).parent / "sql"

_PEOPLE = """
copy (
    select
        substr(sha256(cast(n as varchar)), 1, 20) as person_id,
        case when hash(n) % 2 = 0 then 'F' else 'M' end as sex,
        cast(age as smallint) as age,
        cast(1 + hash(n + 2) % 10 as tinyint) as imd_decile,
        cast(conditions as smallint) as long_term_conditions,
        'S' || case when conditions = 0 then hash(n + 3) % 2 else hash(n + 3) % 6 end as segment,
        'Place ' || hash(n + 4) % 7 as place,
        'P' || lpad(cast(hash(n + 4) % 263 as varchar), 5, '0') as practice_code,
        cast('E' || hash(n + 5) % 1500 as varchar) as lsoa_code,
        cast(365 as smallint) as member_days,
        cast(365 as smallint) as care_days,
        case when hash(n + 6) % 100 < 70 + conditions * 5
            then cast(8000 * exp(0.018 * age + 0.4 * conditions + 1.4 * sqrt(-2 * ln(u1)) * cos(6.283185 * u2))
                as bigint)
            else 0 end as cost_pence
    from (
        select
            n,
            hash(n + 1) % 95 as age,
            cast(least(floor(-ln((1 + hash(n + 7) % 1000000) / 1000001.0) * (hash(n + 1) % 95) / 45), 7) as integer)
                as conditions,
            (1 + hash(n + 8) % 1000000) / 1000001.0 as u1,
            (hash(n + 9) % 1000000) / 1000000.0 as u2
        from range({people}) as drawn(n)
    ) as person
) to '{file}' (format parquet, compression zstd, row_group_size 122880)
"""


# routes


def floor(folder: Path) -> dict[str, Any]:
    """Read the columns, every value of them."""
    read = pq.ParquetFile(folder / "people.parquet").iter_batches(columns=list(READ), use_threads=False)
    return {"people": sum(batch.num_rows for batch in read)}


def cells_and_scoring(folder: Path) -> dict[str, Any]:
    """The product: one pass to cells, own scoring, robust errors."""
    with engine_on(folder) as engine:
        cells = capped_cells(engine, [CAP], by=("segment",))
    model = fit(cells, RESPONSE, TERMS, "poisson")
    return {"cells": len(cells), "coefficients": len(model.bse_robust)}


def a_years_cost(folder: Path) -> dict[str, Any]:
    """What pays: least squares on cost a year, with robust errors and errors by practice."""
    with engine_on(folder) as engine:
        cells = lived_cells(engine, CAP, DAYS, by=("segment", "practice_code"))
    model = fit(cells, "y", TERMS, exposure="e", cluster="practice_code")
    for kind in ("HC1", "clustered"):
        model.errors(kind)
    return {}


def cells_and_statsmodels(folder: Path) -> dict[str, Any]:
    """The same cells, statsmodels with frequency weights (its coefficients are right, its robust errors are not)."""
    import statsmodels.api as sm

    with engine_on(folder) as engine:
        cells = capped_cells(engine, [CAP], by=("segment",))
    design = fit(cells, RESPONSE, TERMS, "gaussian").design.matrix(cells)
    people = cells["people"].to_numpy(dtype=float)
    model = sm.GLM(cells[RESPONSE] / people, design, family=sm.families.Poisson(), freq_weights=people)
    model.fit(cov_type="HC0", rtol=1e-10, atol=0)
    return {}


def statsmodels_on_rows(folder: Path) -> dict[str, Any]:
    """Every person a row."""
    import statsmodels.api as sm

    design, cost = rows(folder)
    sm.GLM(cost, design, family=sm.families.Poisson()).fit(cov_type="HC0", rtol=1e-10, atol=0)
    return {}


def glum_on_rows(folder: Path) -> dict[str, Any]:
    """Every person a row, categories as they are, cost divided by its mean (as its line search needs)."""
    from glum import GeneralizedLinearRegressor

    levels, cost = words(folder)
    model = GeneralizedLinearRegressor(family="poisson", alpha=0, drop_first=True)
    model.fit(levels, cost / cost.mean())
    model.covariance_matrix(levels, cost / cost.mean(), robust=True)
    return {}


def sklearn_on_rows(folder: Path) -> dict[str, Any]:
    """Every person a row, no errors."""
    from sklearn.linear_model import PoissonRegressor

    design, cost = rows(folder)
    PoissonRegressor(alpha=0, solver="newton-cholesky", tol=1e-8).fit(design[:, 1:], cost / cost.mean())
    return {}


def misses_pass(folder: Path) -> dict[str, Any]:
    """The one more pass for absolute misses (CPM), cells and predictions being there."""
    with engine_on(folder) as engine:
        cells = capped_cells(engine, [CAP])
        expected = fit(cells, RESPONSE, TERMS).predict(cells)
        began = cpu_seconds()
        misses(engine, cells, expected, CAP, DAYS)
        return {"seconds": cpu_seconds() - began}


def cross_validation(folder: Path) -> dict[str, Any]:
    """Five estimators, five folds, cells being there."""
    with engine_on(folder) as engine:
        cells = capped_cells(engine, [CAP], by=("segment", "fold"))
    known = estimators(RESPONSE, TERMS)
    chosen = {name: known[name] for name in ("wls", "poisson_log", "poisson_sqrt", "tweedie_log", "two_part")}
    began = cpu_seconds()
    expected_by(cells, RESPONSE, TERMS, chosen)
    return {"seconds": cpu_seconds() - began}


ROUTES: dict[str, tuple[Callable[[Path], dict[str, Any]], int, str | None]] = {
    "read the columns (floor)": (floor, 10**9, None),
    "cells and own scoring": (cells_and_scoring, 10**9, None),
    "a year's cost, least squares, errors by practice": (a_years_cost, 10**9, "scipy.sparse"),
    "cells and statsmodels": (cells_and_statsmodels, 10**9, None),
    "statsmodels on person rows": (statsmodels_on_rows, 2_000_000, None),
    "glum on person rows": (glum_on_rows, 20_000_000, "glum"),
    "scikit-learn on person rows, no errors": (sklearn_on_rows, 2_000_000, "sklearn"),
    "absolute misses, one more pass": (misses_pass, 10**9, None),
    "five estimators out of five folds": (cross_validation, 10**9, None),
}
"""Route, the most people that it is run on, and the library that it needs besides the product, or imports late."""


# what they read


def engine_on(folder: Path) -> DuckEngine:
    """An engine of one thread that sees people as the product's passes do."""
    engine = DuckEngine({"people": folder / "people.parquet"}, spill=folder / "spill", memory_limit="4GB", threads=1)
    text = (SQL / "need_people.sql").read_text(encoding="utf-8")
    engine.view("need_people", text.replace("population\njoin {costs} using (person_id)", "people"))
    engine.step("cell_labels", (SQL / "cell_labels.sql").read_text(encoding="utf-8"))
    return engine


def words(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Every person's levels as categories, and cost."""
    with engine_on(folder) as engine:
        people = engine.arrow(
            "select cast(cell // 66 as smallint) as who, cast(cell // 6 % 11 as tinyint) as tenth,"
            " cast(cell % 6 as tinyint) as conditions, cast(substr(segment, 2, 1) as tinyint) as segment,"
            " cast(least(cost_pence, {cap}) as double) as cost from need_people",
            cap=CAP,
        ).to_pandas()
    levels = ("who", "tenth", "conditions", "segment")
    return pd.DataFrame({name: people[name].astype("category") for name in levels}), people["cost"].to_numpy()


def rows(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The dense design of every person, intercept first, and cost; made column by column."""
    levels, cost = words(folder)
    columns = [
        (levels[name].cat.codes.to_numpy(), code) for name in levels for code in range(1, levels[name].nunique())
    ]
    design = np.ones((len(cost), 1 + len(columns)))
    for number, (codes, code) in enumerate(columns, start=1):
        design[:, number] = codes == code
    return design, cost


# measuring


def cpu_seconds() -> float:
    """User and system time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def one_part(name: str, folder: Path) -> None:
    """Run one route and print what it took."""
    logging.disable(logging.WARNING)
    for library in filter(None, ("statsmodels.api" if "statsmodels" in name else None, ROUTES[name][2])):
        __import__(library)
    began = cpu_seconds()
    found = ROUTES[name][0](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    print(json.dumps({"seconds": cpu_seconds() - began, "gigabytes": peak} | found))


def in_its_own(*words_of: str) -> str:
    """The output of this script in a process of its own, with one thread."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    process = subprocess.run(
        [sys.executable, __file__, *words_of], stdout=subprocess.PIPE, text=True, check=True, env=os.environ | one
    )
    return process.stdout


def draw(folder: Path, people: int) -> None:
    """Write the people."""
    with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "spill")}) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(_PEOPLE.format(people=people, file=folder / "people.parquet"))


def measured(name: str, folder: Path, times: int) -> dict[str, Any]:
    """The median of some runs."""
    runs = [json.loads(in_its_own("--part", name, str(folder)).splitlines()[-1]) for _ in range(times)]
    middle = {kind: statistics.median(run[kind] for run in runs) for kind in ("seconds", "gigabytes")}
    return runs[0] | middle


def main(sizes: list[int], times: int) -> None:
    """Draw, measure and print."""
    for people in sizes:
        folder = Path(tempfile.mkdtemp(prefix="capitation-bench-"))
        try:
            in_its_own("--draw", str(people), str(folder))
            show(people, {name: measured(name, folder, times) for name in ROUTES if runs_on(name, people)})
        finally:
            shutil.rmtree(folder)


def runs_on(name: str, people: int) -> bool:
    """Whether a route is run on so many people."""
    _, most, library = ROUTES[name]
    return people <= most and (library is None or find_spec(library) is not None)


def show(people: int, found: dict[str, dict[str, Any]]) -> None:
    """One table."""
    ours, least = found["cells and own scoring"], found["read the columns (floor)"]
    print(f"\n{people:,} people, {ours['cells']:,} cells, {ours['coefficients']} coefficients\n")
    print("| route | CPU, s | times the floor | times ours | peak memory, GB | memory over ours |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, run in found.items():
        print(
            f"| {name} | {run['seconds']:.2f} | {run['seconds'] / least['seconds']:.1f} |"
            f" {run['seconds'] / ours['seconds']:.1f} | {run['gigabytes']:.2f} |"
            f" {run['gigabytes'] / ours['gigabytes']:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).parents[1]))
    reader = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    reader.add_argument("people", nargs="*", type=int)
    reader.add_argument("--times", type=int, default=3)
    reader.add_argument("--part", nargs=2)
    reader.add_argument("--draw", nargs=2)
    given = reader.parse_args()
    if given.part:
        one_part(given.part[0], Path(given.part[1]))
    elif given.draw:
        draw(Path(given.draw[1]), int(given.draw[0]))
    else:
        main(given.people or [2_000_000, 20_000_000], given.times)
