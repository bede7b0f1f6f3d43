"""Time of placing people in segments, against merely reading the columns that it needs, as a Markdown table.

    python benchmarks/segmentation.py [PEOPLE] [SCHEME]     2,500,000 people and london6 when not said

People, conditions and activity are drawn by DuckDB into a scratch folder, as many a head as in the synthetic localities
(0.6 conditions, 3.2 rows of activity), with identifiers as long as pseudonyms are.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from budget.contracts import table
from budget.engine import DuckEngine, Engine
from budget.segmentation.placing import place_people
from budget.segmentation.resolved import Resolved, resolve

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.given import REPOSITORY, assume, plan_of

CHOICES = {"older_precedence": "complex_first", "unreg_segment_mode": "separate"}
PERSON = "sha256(cast({number} as varchar))"
TABLES = {
    "population_base": f"""
        select {PERSON.format(number="n")} as person_id, cast(n * 7919 % 96 as smallint) as age,
            case when n % 2 = 0 then 'F' else 'M' end as sex,
            'Place ' || n % 7 as place, 'F' || n % 263 as practice_code, 'E' || n % 5000 as lsoa_code,
            cast(1 + n % 10 as tinyint) as imd_decile, 'registered_resident' as basis,
            'QXX' as responsible_commissioner, cast(365 as smallint) as member_days,
            cast(365 as smallint) as care_days, '' as reason_codes
        from range({{people}}) as drawn(n)""",
    "conditions": f"""
        select {PERSON.format(number="n * 3 % {people}")} as person_id,
            list_value({{codelists}})[1 + n * 31 % {{many}}] as condition,
            date '2012-01-01' + cast(n % 4800 as integer) as recorded_on
        from range(cast({{people}} * 0.6 as bigint)) as drawn(n)""",
    "activity": f"""
        select {PERSON.format(number="n * 5 % {people}")} as person_id,
            case when n % 40 = 0 then 'acute_nonelective' when n % 5 = 0 then 'mental_health' else 'prescribing' end
                as service_line,
            date '2024-04-01' + cast(n % 365 as integer) as activity_date, n % 40 = 0 as emergency
        from range(cast({{people}} * 3.2 as bigint)) as drawn(n)""",
    "population_counts": """
        select '' as place, 'registered' as basis, 'F' as sex, cast(1 as smallint) as age,
            0.0 as people, 0.0 as low, 0.0 as high
        where false""",
}
READ = {
    "conditions": ("person_id", "condition", "recorded_on"),
    "activity": ("person_id", "service_line", "activity_date", "emergency"),
}


def main(people: int, scheme: str) -> None:
    """Draw, measure and print."""
    plan = plan_of("2025/26", ("2026/27",)).model_copy(
        update={"segmentation": REPOSITORY / f"config/segmentation/{scheme}.yaml"}
    )
    resolved = resolve(plan, assume(CHOICES))
    with tempfile.TemporaryDirectory(prefix="capitation-bench-") as folder:
        files = draw(Path(folder), people, resolved)
        floor = best(files, Path(folder), read)
        placed = best(files, Path(folder), lambda engine: place_people(engine, plan, resolved))
    print("| people | scheme | reading, s | placing, s | ratio |")
    print("|---:|---|---:|---:|---:|")
    print(f"| {people:,} | {scheme} | {floor:.1f} | {placed:.1f} | {placed / floor:.1f} |")


def draw(folder: Path, people: int, resolved: Resolved) -> dict[str, Path]:
    """Write the tables that placing reads; Parquet by name."""
    codelists = [codelist.codelist for codelist in resolved.codelists]
    files = {name: folder / f"{name}.parquet" for name in TABLES}
    with DuckEngine(spill=folder, memory_limit="4GB") as engine:
        for name, select in TABLES.items():
            text = select.format(people=people, codelists=", ".join(f"'{c}'" for c in codelists), many=len(codelists))
            drawn = engine.view(f"drawn_{name}", text)
            rows = f"select *{_the_rest(engine, drawn, name)} from {drawn}"
            engine.scalar(f"copy ({rows}) to '{files[name]}' (format parquet, compression zstd)")
    return files


def _the_rest(engine: Engine, drawn: str, name: str) -> str:
    """Columns of the contract that placing carries along without looking at them, empty."""
    there = set(engine.frame(f"select * from {drawn} limit 0").columns)
    left = (column for column in table(name).columns if column.name not in there)
    return "".join(f", cast(null as {column.sql}) as {column.name}" for column in left)


def read(engine: Engine) -> None:
    """The floor: every column that placing reads, once; people are kept, as placing keeps them."""
    engine.step("people", "select * from population_base")
    for name, columns in READ.items():
        engine.scalar(f"select {', '.join(f'max({column})' for column in columns)} from {name}")


def best(files: dict[str, Path], spill: Path, work: Callable[[Engine], None], times: int = 2) -> float:
    """Seconds of the fastest of some runs, each with an engine of its own."""
    seconds = []
    for _ in range(times):
        with DuckEngine(files, spill=spill, memory_limit="4GB") as engine:
            began = time.perf_counter()
            work(engine)
            seconds.append(time.perf_counter() - began)
    return min(seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_500_000, sys.argv[2] if len(sys.argv) > 2 else "london6")
