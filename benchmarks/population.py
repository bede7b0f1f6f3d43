"""The population stage on a list of any size: time against a floor, and peak memory, each in a process of its own.

    python benchmarks/population.py [ROWS ...]          2,500,000 and 25,000,000 where none are given

The floor reads the same columns of the same file and counts distinct people. The list is drawn by the engine: nineteen
registrations in twenty are a person's only one, and there are duplicates, people who died, left, or join later, numbers
that fail their check, and people who live elsewhere. Nothing in it is anybody's.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from budget.contracts import table
from budget.engine import DuckEngine, Select
from budget.plan import Plan
from budget.population.stage import POPULATION
from budget.stage import Given

sys.path.insert(0, os.fspath(Path(__file__).parents[1]))
from tests.support.given import assume, plan_of

MEMORY = "2500MB"
PRACTICES, AREAS = 250, 1_500

_LIST = """
copy (
    select
        substr(sha256(cast(person as varchar)), 1, 20) as person_id,
        'P' || lpad(cast(hash(number) % {practices} as varchar), 5, '0') as practice_code,
        case hash(person + 1) % 2 when 0 then 'F' else 'M' end as sex,
        cast(date '1930-01-01' + cast(hash(person + 2) % 34800 as integer) as date) as date_of_birth,
        'E' || lpad(cast(1000000 + hash(person + 3) % {areas} as varchar), 8, '0') as lsoa_code,
        cast(date '2005-01-01' + cast(hash(number + 4) % 7500 as integer) as date) as registered_on,
        case when hash(number + 5) % 20 = 0
            then cast(date '2022-04-01' + cast(hash(number + 6) % 1400 as integer) as date) end as deregistered_on,
        case when hash(person + 7) % 90 = 0
            then cast(date '2023-04-01' + cast(hash(person + 8) % 1000 as integer) as date) end as died_on,
        cast(null as varchar) as died_precision,
        case hash(number + 9) % 150 when 0 then 'temporary' else 'regular' end as registration_type,
        case hash(number + 10) % 100 when 0 then 'fp69' when 1 then 'overseas' end as flags,
        cast(null as date) as fp69_on, cast(null as date) as recorded_on, cast(null as date) as extracted_on,
        hash(person + 11) % 5000 > 0 as identifier_valid
    from (
        select number, number - case when hash(number) % 20 = 0 then 1 else 0 end as person
        from range({rows}) as t(number)
    )
    {order}
) to '{file}' (format parquet, compression zstd, row_group_size 122880)
"""
_COLUMNS = (
    "practice_code", "sex", "date_of_birth", "lsoa_code", "registered_on", "deregistered_on", "died_on",
    "registration_type", "flags", "identifier_valid",
)  # fmt: skip


def main(sizes: list[int]) -> None:
    """Draw each list, measure, and print a Markdown table."""
    print("| rows | floor, s | reconciled, s | times the floor | with the person table, s | peak memory, GB |")
    print("|---:|---:|---:|---:|---:|---:|")
    for rows in sizes:
        folder = Path(tempfile.mkdtemp(prefix="capitation-bench-"))
        try:
            measured("draw", folder, rows)
            least, ours = measured("floor", folder, rows), measured("population", folder, rows)
            times = ours["reconciled"] / least["seconds"]
            print(
                f"| {rows:,} | {least['seconds']:.1f} | {ours['reconciled']:.1f} | {times:.1f} "
                f"| {ours['seconds']:.1f} | {ours['gigabytes']:.2f} |",
                flush=True,
            )
        finally:
            shutil.rmtree(folder)


def draw(folder: Path, rows: int) -> None:
    """Write the list, sorted by person as intake writes it, and the small tables beside it."""
    with duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(folder / "spill")}) as connection:
        file = folder / "registered_list.parquet"
        connection.execute(
            _LIST.format(
                practices=PRACTICES,
                areas=AREAS,
                rows=rows,
                file=file,
                order="order by person_id, practice_code, number",
            )
        )
    codes = [f"P{number:05d}" for number in range(PRACTICES)]
    practices = pd.DataFrame({"practice_code": codes, "practice_name": codes, "place": "Here", "icb_code": "QXX"})
    practices["place"] = [f"Place {number % 7}" for number in range(PRACTICES)]
    places = [f"Place {number % 7}" for number in range(AREAS)]
    areas = pd.DataFrame(
        {
            "lsoa_code": [f"E{1_000_000 + number:08d}" for number in range(AREAS)],
            "lad_code": [f"E0900000{number % 7}" for number in range(AREAS)],
            "place": places,
            "imd_decile": 5,
        }
    )
    projection = pd.DataFrame(
        [
            (f"E0900000{district}", year, sex, age, rows / 1_400, "estimate" if year == 2024 else "projection")
            for district in range(7)
            for year in (2024, 2025, 2026, 2027)
            for sex in "FM"
            for age in range(96)
        ],
        columns=["lad_code", "year", "sex", "age", "persons", "basis"],
    )
    for name, frame in (("practices", practices), ("areas", areas), ("population_projection", projection)):
        contract = table(name)
        whole = frame.assign(**{c: None for c in contract.names if c not in frame})[list(contract.names)]
        rows_of = pa.Table.from_pandas(whole, preserve_index=False).cast(contract.arrow_schema)
        pq.write_table(rows_of, folder / f"{name}.parquet")


def measured(part: str, folder: Path, rows: int) -> dict[str, float]:
    """Seconds and peak memory of one part, in a process of its own: what drew the list has memory that is not ours."""
    words = [sys.executable, __file__, "--part", part, str(folder), str(rows)]
    process = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(process.stdout.splitlines()[-1]))


def floor(folder: Path) -> dict[str, float]:
    """Read the columns that the stage reads, and count distinct people."""
    with DuckEngine({"registered_list": folder / "registered_list.parquet"}, folder / "spill-floor", MEMORY) as engine:
        read = ", ".join(f"max({column})" for column in _COLUMNS)
        engine.arrow(f"select count(distinct person_id), {read} from registered_list")
    return {}


def population(folder: Path) -> dict[str, float]:
    """Run the stage: every record judged, settled and reconciled; then write the person table."""
    began = time.perf_counter()
    names = ("registered_list", "practices", "areas", "population_projection")
    tables = {name: folder / f"{name}.parquet" for name in names}
    values = {
        "list_inflation_adjustment": "none", "list_scale_lo": 0.9, "list_scale_hi": 1.02, "fp69_months": 0,
        "population_variant": "principal",
    }  # fmt: skip
    with DuckEngine(tables, folder / "spill", MEMORY) as engine:
        written = POPULATION.run(Given(_plan(), assume(values), tables, engine))
        reconciled = time.perf_counter() - began
        for name, result in written.items():
            if isinstance(result, Select):
                engine.write(result, table(name), folder / f"out-{name}.parquet")
    return {"reconciled": reconciled}


def _plan() -> Plan:
    return plan_of("2025/26", ("2026/27", "2027/28")).model_copy(update={"snapshot_date": date(2025, 4, 1)})


def _one_part(part: str, folder: Path, rows: int) -> None:
    began = time.perf_counter()
    match part:
        case "draw":
            draw(folder, rows)
            found = {}
        case "floor":
            found = floor(folder)
        case _:
            found = population(folder)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    print(json.dumps(found | {"seconds": seconds, "gigabytes": peak}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        _one_part(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main([int(rows) for rows in sys.argv[1:]] or [2_500_000, 25_000_000])
