"""The person-level steps on DuckDB and on Spark: the same tables, cell by cell.

Integers, text, dates and truth values are equal; floats agree to 1e-12 of their size. Intake is not replayed: it reads
raw files, which stays with DuckDB; only its one SELECT over typed rows is. Spark is a master and two workers of this
machine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import budget
from budget.audit.explain import Explainer, Slice
from budget.audit.folder import Run
from budget.audit.verify import verify
from budget.bundle import Bundle, prepare
from budget.contracts import Column, Table
from budget.costs.stage import attribute_costs
from budget.engine import DuckEngine, Select
from budget.engine.cluster import MASTER, Cluster
from budget.engine.spark import SparkEngine
from budget.engine.statement import Statement
from budget.kernel.errors import CapitationError
from budget.need.modelled import model_need
from budget.need.risk import passes
from budget.pipeline import STAGES, needed_assumptions
from budget.population.rules import CommissionerRules
from budget.runner import StageResult, execute
from flows import direct
from flows.explained import Told
from flows.pipeline import Pipeline
from flows.request import Request
from tests.flows.localities import whole_sample
from tests.integration import test_costs_care as care
from tests.integration import test_costs_stage as costs
from tests.integration import test_population_records as records
from tests.support import need
from tests.support.given import given, plan_of
from tests.support.people import arrow, count, place
from tests.support.runs import LenientGate
from tests.support.spark import HAS_JAVA, HAS_SPARK, Standalone, standalone

pytestmark = [
    pytest.mark.integration,
    pytest.mark.spark,
    pytest.mark.skipif(not HAS_SPARK, reason="pyspark is not installed (requirements-spark.lock)"),
    pytest.mark.skipif(not HAS_JAVA, reason="Spark needs Java, 17 or later"),
]

NEED_SQL = Path(budget.__file__).parent / "need" / "sql"
REPLAYED = ("population", "segmentation", "costs", "need")
PEOPLE = 3_000
FLOATS_AGREE_TO = 1e-12
WHOLE = Pipeline(STAGES, LenientGate(), needed_assumptions())
"""Every stage, whatever a gate would say of a sample."""

Tables = Mapping[str, "pd.DataFrame | pa.Table"]


@pytest.fixture(scope="module")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    with standalone(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def session(spark_cluster: Standalone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The session that a run opens when the environment names a master."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**spark_cluster.environment, MASTER: spark_cluster.master}.items():
            patch.setenv(name, value)
        session = Cluster.find().session(tmp_path_factory.mktemp("scratch"))
        yield session
        session.stop()


@pytest.fixture(scope="module")
def locality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole_sample(tmp_path_factory.mktemp("east_london"), people=PEOPLE)


@pytest.fixture(scope="module")
def intake(locality: Path) -> StageResult:
    return execute(STAGES[0], bundle_of(locality, "runs"), (), LenientGate())


def bundle_of(locality: Path, out: str, cluster: Cluster | None = None) -> Bundle:
    return prepare(locality, needed=needed_assumptions(), out=locality / out, cluster=cluster)


@pytest.fixture(scope="module")
def bundles(session: Any, locality: Path) -> tuple[Bundle, Bundle]:
    """The same question to DuckDB and to Spark, with one store."""
    return bundle_of(locality, "runs"), bundle_of(locality, "runs", Cluster.find())


@pytest.fixture(scope="module")
def written(bundles: tuple[Bundle, Bundle], intake: StageResult) -> list[dict[str, StageResult]]:
    """What the replayed stages wrote, on DuckDB and on Spark, each from its own tables."""
    return [replay(bundle, intake, REPLAYED) for bundle in bundles]


@pytest.fixture(scope="module")
def runs(bundles: tuple[Bundle, Bundle], written: list[dict[str, StageResult]]) -> list[Run]:
    """Whole runs, published and sealed; their stages of people are found in the store."""
    return [direct.run_stages(bundle, WHOLE) for bundle in bundles]


class TestEastLondon:
    """The stages over a sample, as a run with ``--engine spark`` executes them."""

    @pytest.mark.parametrize("stage", REPLAYED)
    def test_a_stage_writes_the_same_tables(self, written: list[dict[str, StageResult]], stage: str) -> None:
        on_duck, on_spark = (tables_of(results[stage]) for results in written)
        for name, table in on_duck.items():
            assert table.schema.types == on_spark[name].schema.types, name
        assert_same(on_duck, on_spark)

    def test_tables_without_fractions_are_the_same_bytes(self, written: list[dict[str, StageResult]]) -> None:
        """Written in the same order by the same writer."""
        on_duck, on_spark = (results["segmentation"].tables for results in written)
        assert {ref.name: ref.sha256 for ref in on_duck}["population"] in {ref.sha256 for ref in on_spark}

    def test_results_of_each_engine_are_kept_apart(self, written: list[dict[str, StageResult]]) -> None:
        on_duck, on_spark = written
        assert all(on_duck[stage].key != on_spark[stage].key for stage in REPLAYED)

    def test_the_sample_is_large_enough_to_tell(self, written: list[dict[str, StageResult]]) -> None:
        on_duck, on_spark = written
        assert set(on_duck) == set(on_spark) == set(REPLAYED)
        assert len(tables_of(on_duck["population"])["population_base"]) > PEOPLE / 2
        assert len(tables_of(on_spark["costs"])["person_cost"]) > PEOPLE / 2


class TestAWholeRun:
    """From the inputs to the seal."""

    def test_every_table_is_the_same(self, runs: list[Run]) -> None:
        on_duck, on_spark = (
            {name: pq.read_table(run.folder / "tables" / f"{name}.parquet") for name in sorted(run.manifest["tables"])}
            for run in runs
        )
        assert {"population", "integrated_budget", "monthly_profile", "assumption_ledger"} <= set(on_duck)
        assert_same(on_duck, on_spark)

    def test_it_is_sealed_under_a_name_of_its_own(self, runs: list[Run]) -> None:
        on_duck, on_spark = runs
        assert (on_duck.manifest["engine"], on_spark.manifest["engine"]) == ("duckdb", "spark")
        assert on_duck.run_id != on_spark.run_id
        assert [verify(run.folder).findings for run in runs] == [(), ()]
        assert found_in_the_store(on_spark) >= {"intake", *REPLAYED}

    def test_its_budget_is_explained_as_the_other(self, runs: list[Run]) -> None:
        found = [Explainer.of(run) for run in runs]
        asked = [Slice.of(one.records, None, segment=None, place="Newham") for one in found]
        told = [Told.of(one, slice_).explanation for one, slice_ in zip(found, asked, strict=True)]
        assert all(one.adds_up for one in told)
        on_duck, on_spark = ({k: v for k, v in one.budget.items() if k.endswith("_pence")} for one in told)
        assert on_duck == on_spark

    def test_a_rerun_of_it_takes_its_engine_and_its_people(self, runs: list[Run]) -> None:
        asked = Request.rerun(runs[1].folder, overrides={"efficiency_factor": "0.025"})
        again = direct.carry_out(asked, WHOLE)
        assert (again.manifest["engine"], again.manifest["parent_run_id"]) == ("spark", runs[1].run_id)
        assert found_in_the_store(again) >= {"intake", *REPLAYED}
        budgets = [run.table("integrated_budget")["allocation_pence"].sum() for run in (runs[1], again)]
        assert budgets[1] < budgets[0]


def found_in_the_store(run: Run) -> set[str]:
    return {stage["stage"] for stage in run.manifest["stages"] if stage["reused"]}


def replay(bundle: Bundle, intake: StageResult, stages: Collection[str]) -> dict[str, StageResult]:
    """What some stages give, by stage."""
    results = [intake]
    for stage in STAGES:
        if stage.name in stages:
            results.append(execute(stage, bundle, tuple(results), LenientGate()))
    return {result.stage: result for result in results[1:]}


def tables_of(result: StageResult) -> dict[str, pa.Table]:
    return {ref.name: pq.read_table(ref.path) for ref in result.tables}


@pytest.fixture(scope="module")
def counted(session: Any) -> list[dict[str, pd.DataFrame]]:
    """What the population stage makes of awkward records and of another year's care, on DuckDB and on Spark."""
    with DuckEngine() as duck, SparkEngine(session) as spark:
        return [count(engine, awkward_locality(), activity_year="2024/25") for engine in (duck, spark)]


class TestAwkwardRecords:
    """Few records, each at the edge of a rule: nulls, ties, days on a boundary, identifiers that were replaced."""

    def test_everyone_is_counted_alike(self, counted: list[dict[str, pd.DataFrame]]) -> None:
        people = counted[0]["population_base"]
        assert len(people) > 20
        assert (people["care_days"] != people["member_days"]).any()
        assert_same(*counted)

    def test_estimates_of_residents_are_spread_alike(self, session: Any) -> None:
        bands = [
            {"lad_code": district, "sex": sex, "age_from": first, "age_to": last, "people": people, "evidence": "-"}
            for district in ("E09000001", "E09000002")
            for sex in ("F", "M")
            for first, last, people in ((0, 6, 0.1), (7, 9, 100 / 3), (10, 95, 25.0))
        ]
        areas = [
            *records.areas("E01000001", lad_code="E09000001"),
            *records.areas("E01000002", lad_code="E09000002"),
        ]
        projection = [*records.projection(), *records.projection("E09000002", step=5)]
        tables = {
            "registered_list": [{"person_id": "p"}],
            "unregistered_residents": bands,
            "areas": areas,
            "population_projection": projection,
        }
        with DuckEngine() as duck, SparkEngine(session) as spark:
            assert_same(*(count(engine, tables) for engine in (duck, spark)))

    @pytest.mark.parametrize("mode", ["separate", "by_age"])
    def test_everyone_is_placed_alike(self, session: Any, counted: list[dict[str, pd.DataFrame]], mode: str) -> None:
        found = []
        for engine, tables in zip((DuckEngine(), SparkEngine(session)), counted, strict=True):
            with engine:
                values = {"unreg_segment_mode": mode}
                found.append(place(engine, awkward_care(tables), values))
        assert found[0]["population"]["segment"].nunique() > 2
        assert_same(*found)

    def test_everyone_costs_alike(self, session: Any) -> None:
        found = []
        for engine in (DuckEngine(), SparkEngine(session)):
            with engine:
                values = costs.VALUES | {"unattributed_spend_rule": "gross_up"}
                engine.lend("commissioner_shares", shares())
                written = attribute_costs(given(costs.tables(), values, engine=engine))
                found.append({name: rows_of(engine, table) for name, table in written.items()})
        assert_same(*found)

    def test_prices_stays_and_months_alike(self, session: Any) -> None:
        found = []
        for engine in (DuckEngine(), SparkEngine(session)):
            with engine:
                values = costs.VALUES | care.UPLIFT | {"part_complete_rule": "days", "runout_months": 3}
                values |= {"need_weighting@line:community": "model"}
                usual = given(awkward_costs(), values, engine=engine)
                plan = usual.plan.model_copy(update={"contract_starts_on": date(2025, 4, 1)})
                written = attribute_costs(replace(usual, plan=plan))
                found.append({name: rows_of(engine, table) for name, table in written.items()})
        assert {"price_uplift", "part_complete", "activity_completion", "person_line_cost"} <= set(found[0])
        assert_same(*found)

    def test_identifiers_that_were_replaced_again_and_again(self, session: Any) -> None:
        chain = [(f"p{n}", f"p{n + 1}") for n in range(6)]
        merges = pd.DataFrame([*chain, ("p3", "q1"), ("q1", "q2"), ("x", "y")], columns=["person_id", "replaced_by"])
        statement = Statement.read(Path(budget.__file__).parent / "intake/sql/survivors.sql")
        found = []
        for engine in (DuckEngine(), SparkEngine(session)):
            with engine:
                engine.lend("merges", merges)
                engine.step("survivors", statement)
                found.append({"survivors": engine.frame("select * from survivors order by person_id, replaced_by")})
        assert_same(*found)


def awkward_locality() -> dict[str, Any]:
    """Every record of the method's examples and of the edges beside them, each case with people of its own."""
    listed, merges = list(records.RECORDS), list(records.MERGES)
    for number, (case, *_) in enumerate(records.TestSeveralRegistrations.CASES.values()):
        listed += [record | {"person_id": f"s{number}{record['person_id']}"} for record in case]
        merges.append({"person_id": f"s{number}q", "replaced_by": f"s{number}p"})
    for number, (facts, *_) in enumerate(records.TestDates.CASES.values()):
        listed.append({"person_id": f"d{number}"} | facts)
    for number, facts in enumerate(EDGES):
        listed.append({"person_id": f"e{number}"} | facts)
    published = [{"practice_code": code, "sex": "F", "age": 44, "patients": 7} for code in ("P1", "P2", "PX")]
    return records.LOCALITY | {
        "registered_list": listed,
        "person_merges": merges,
        "published_list": published,
        "practice_commissioners": TERMS,
        "commissioner_cases": cases(),
        "activity": stays_of({record["person_id"] for record in listed} - {None}),
    }


def stays_of(people: set[str]) -> list[dict[str, Any]]:
    """A stay of everyone, so that everyone's commissioners are told."""
    days = {"activity_date": date(2025, 3, 1), "ended_on": date(2025, 4, 9), "service_line": "acute_nonelective"}
    return [days | {"person_id": person} for person in sorted(people)]


EDGES: list[dict[str, Any]] = [
    {"person_id": None, "identifier_valid": False},
    {"person_id": None, "identifier_valid": False},
    {"lsoa_code": None, "sex": "U"},
    {"lsoa_code": None, "date_of_birth": None, "sex": "I"},
    {"flags": "fp69", "fp69_on": date(2025, 3, 1)},
    {"flags": "fp69;no_fixed_abode", "fp69_on": date(2024, 4, 1), "recorded_on": date(2025, 1, 1)},
    {"died_on": date(2025, 4, 1), "died_precision": "month"},
    {"died_on": date(2024, 1, 1), "died_precision": "year"},
    {"practice_code": "P2", "registered_on": date(2024, 9, 30)},
    {"practice_code": "V81998"},
    {"practice_code": "V81999", "lsoa_code": records.OUTSIDE},
    {"date_of_birth": date(1920, 2, 29)},
    {"date_of_birth": date(2025, 4, 2), "registered_on": date(2025, 4, 2)},
]
"""Records of one person each: nothing known, half-known deaths, practices that change hands, the ends of life."""
TERMS: list[dict[str, Any]] = [
    {"practice_code": "P1", "icb_code": "QXX", "effective_from": date(2000, 1, 1)},
    {
        "practice_code": "P2",
        "icb_code": "QYY",
        "effective_from": date(2000, 1, 1),
        "effective_to": date(2024, 9, 30),
    },
    {"practice_code": "P2", "icb_code": "QXX", "effective_from": date(2024, 10, 1)},
    {"practice_code": "PX", "icb_code": "QYY", "effective_from": date(2000, 1, 1)},
]


def cases() -> list[dict[str, Any]]:
    """A case of every kind that the rules know, for people on our list, under an old identifier, and unknown to us."""
    kinds = [rule.kind for rule in CommissionerRules.read(plan_of().population_rules).cases]
    people = ["p01", "p03", "p16_old", "s0p", "stranger"]
    return [
        {
            "person_id": person,
            "kind": kind,
            "commissioner": (None, "QXX", "QYY")[(number + other) % 3],
            "begins_on": (date(2019, 6, 1), date(2024, 9, 30), date(2025, 4, 1))[other % 3],
            "ends_on": (None, date(2025, 6, 30))[number % 2],
            "service_line": (None, "community")[other % 2],
        }
        for number, kind in enumerate(kinds)
        for other, person in enumerate(people)
    ]


def awkward_care(counted: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Conditions on and after the snapshot, admissions at both ends of a year, some under a replaced identifier."""
    people = counted["population_base"]["person_id"].tolist()
    conditions = ["diabetes", "asthma", "chd", "copd", "dementia", "homeless"]
    days = [date(2024, 3, 31), date(2024, 4, 1), date(2025, 3, 31), date(2025, 4, 1)]
    return {name: rows(table) for name, table in counted.items()} | {
        "person_merges": [*records.MERGES, {"person_id": "nobody", "replaced_by": "noone"}],
        "conditions": [
            {"person_id": person, "condition": name, "recorded_on": days[1 + (number + part) % 3]}
            for number, person in enumerate([*people, "p16_old"])
            for part, name in enumerate(conditions[: number % 5])
        ],
        "activity": [
            {
                "person_id": person,
                "activity_date": days[number % 4],
                "service_line": "acute_nonelective",
                "emergency": (None, True, True, False)[number % 4],
            }
            for number, person in enumerate([*people, *people, "p16_old", "stranger"])
        ],
    }


def awkward_costs() -> dict[str, Any]:
    """Prices of earlier years and departments, stays over both ends of the year, recent months, patient-level costs."""
    columns = "person_id service_line activity_date ended_on provider_code units currency_code department cost_pence"
    year = (date(2024, 4, 1), date(2025, 3, 31))
    rows = [
        ("p1", "community", year[0], None, "RX1", 1.5, "C1", None, None),
        ("p2", "community", year[1], None, "RX1", 2.5, "C2", "IP", None),
        ("p2", "community", year[1], None, "RX1", 2.5, "C2", "DC", None),
        ("p1", "community", date(2024, 3, 30), date(2024, 4, 2), "RX1", 1.0, None, None, 1_001),
        ("p3", "community", date(2025, 3, 25), date(2025, 4, 9), "RY1", 1.0, None, None, 77),
        ("p4", "community", date(2023, 1, 1), date(2023, 2, 1), "RY1", 1.0, None, None, 5),
        ("p2", "acute_elective", year[0], None, "RY1", 1.0, None, None, None),
    ]
    prices = [("2022/23", "C1", None, 333), ("2023/24", "C2", "IP", 77), ("2023/24", "C2", None, 999)]
    written = {
        "activity": [dict(zip(columns.split(), row, strict=True)) for row in rows],
        "prices": [dict(zip(care.PRICES.split(), row, strict=True)) for row in prices],
        "completion_factors": [
            {"service_line": "community", "months_since": n, "factor": 1 + 1 / n} for n in range(3, 10)
        ],
        "patient_costs": [{"person_id": "p2", "service_line": "acute_elective", "cost_pence": 70_001}],
        "commissioner_terms": [
            {"person_id": "p1", "commissioner": "QYY", "begins_on": date(2000, 1, 1), "ends_on": date(2024, 4, 1)},
            {"person_id": "p1", "commissioner": "QXX", "begins_on": date(2024, 4, 2)},
            {"person_id": "p4", "commissioner": "QYY", "begins_on": date(2000, 1, 1)},
        ],
    }
    return costs.tables() | {name: arrow(name, records) for name, records in written.items()}


def shares() -> pa.Table:
    """Care that another commissioner pays, or half of it, and a case that changes nothing."""
    terms = {"begins_on": date(2024, 4, 1), "reason_code": "RC", "kind": "case"}
    return arrow(
        "commissioner_shares",
        [
            terms | {"person_id": "p1", "rank": 1, "payer": "QYY", "our_percent": 50},
            terms | {"person_id": "p1", "rank": 2, "payer": "QYY", "our_percent": 0},
            terms | {"person_id": "p2", "rank": 2, "payer": "QYY", "our_percent": 0, "service_line": "acute_elective"},
            terms | {"person_id": "p3", "rank": 3, "ends_on": date(2024, 4, 1)},
        ],
    )


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, missing values as None and whole numbers as integers."""
    return [{name: plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def rows_of(engine: Any, table: pd.DataFrame | Select) -> pd.DataFrame:
    if isinstance(table, Select):
        return engine.frame(f"select * from {table.relation} order by {', '.join(table.order_by)}")
    return table


def assert_same(on_duck: Tables, on_spark: Tables) -> None:
    """Fail with the table, the column and the number of cells that differ."""
    assert list(on_duck) == list(on_spark)
    for name, table in on_duck.items():
        left, right = cells(table), cells(on_spark[name])
        assert list(left) == list(right), f"{name}: other columns"
        for column, values in left.items():
            others = right[column]
            assert len(values) == len(others), f"{name}: {len(values)} rows and {len(others)}"
            differ = sum(not same(a, b) for a, b in zip(values, others, strict=True))
            assert not differ, f"{name}.{column}: {differ} of {len(values)} cells differ"


def cells(table: pd.DataFrame | pa.Table) -> dict[str, list[Any]]:
    if isinstance(table, pa.Table):
        return table.to_pydict()
    return {str(name): [None if pd.isna(value) else value for value in table[name].tolist()] for name in table.columns}


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=FLOATS_AGREE_TO, abs_tol=0.0)
    return type(a) is type(b) and a == b


@pytest.fixture(scope="module")
def in_need(session: Any) -> Iterator[list[Any]]:
    """DuckDB and Spark with the same people and cost, some without a list, an area, an age, or a day of the year."""
    tables = need.people(2_000)
    with DuckEngine() as duck, SparkEngine(session) as spark:
        for engine in (duck, spark):
            engine.lend("population", tables["population"])
            engine.lend("person_cost", tables["person_cost"])
            engine.lend("person_line_cost", need.person_line_cost(tables))
            passes.show_people(engine)
        yield [duck, spark]


class TestNeed:
    """Every pass of the need stage over people."""

    PASSES: dict[str, Any] = {
        "people_by_age": lambda engine: engine.frame(Statement.read(NEED_SQL / "people_by_age.sql")),
        "capped_cells": lambda engine: passes.capped_cells(engine, [50_000, need.CAP]),
        "lived_cells": lambda engine: passes.lived_cells(engine, need.CAP, need.DAYS),
        "lived by practice": lambda engine: passes.lived_cells(
            engine, need.CAP, need.DAYS, by=("segment", "practice_code")
        ),
        "lived in areas": lambda engine: passes.lived_cells(
            engine, need.CAP, need.DAYS, by=("segment",), in_areas=True
        ),
        "area_people": lambda engine: passes.area_people(engine, need.DAYS),
        "area_levels": lambda engine: passes.area_levels(engine, "sex:age_band", need.CAP, need.DAYS),
    }

    @pytest.mark.parametrize("name", PASSES)
    def test_a_pass_is_the_same(self, in_need: list[Any], name: str) -> None:
        on_duck, on_spark = (self.PASSES[name](engine) for engine in in_need)
        assert len(on_duck) > 20
        assert_same({name: on_duck}, {name: on_spark})

    @pytest.mark.parametrize("by", ["practice_code", "place"])
    def test_misses_are_the_same(self, in_need: list[Any], by: str) -> None:
        found = []
        for engine in in_need:
            counted = passes.capped_cells(engine, [need.CAP])
            # any prediction that depends on what a prediction may depend on
            expected = 1_000.0 * (counted["cell"] % 97) + 10.0 * counted["fold"] + 1 / 3
            found.append({"misses": passes.misses(engine, counted, expected, need.CAP, need.DAYS, 0.9, by)})
        assert found[0]["misses"]["missed_pence"].gt(0).any()
        assert_same(*found)

    def test_the_model_is_the_same(self, in_need: list[Any]) -> None:
        """Sums are the same, so whatever is made of them is."""
        found = [model_need(engine, need.wanted()) for engine in in_need]
        assert found[0].per_head.to_dict() == pytest.approx(found[1].per_head.to_dict(), rel=FLOATS_AGREE_TO)
        for name in ("cells", "risk_caps", "risk_challengers"):
            assert_same({name: found[0].tables[name]}, {name: found[1].tables[name]})

    @pytest.mark.parametrize("stream", ["general_acute", "primary_medical"])
    def test_what_people_cost_on_the_lines_of_a_stream_is_the_same(self, in_need: list[Any], stream: str) -> None:
        lines, statement = need.OF_STREAMS[stream], Statement.read(NEED_SQL / "line_cost.sql")
        found = []
        for engine in in_need:
            passes.show_people(engine, lines)
            cells = passes.capped_cells(engine, [need.CAP])
            found.append({"cells": cells, "lines": engine.frame(statement)})
            passes.show_people(engine)
        spent = found[0]["lines"].set_index("service_line")["cost_pence"]
        assert found[0]["cells"]["y"].sum() == spent.loc[list(lines)].sum() > 0
        assert_same(*found)


class TestTheComparison:
    """It would see a difference."""

    TABLE = pd.DataFrame({"count": [1, 2], "rate": [0.1, None], "code": ["a", None]})

    def test_what_is_the_same_passes(self) -> None:
        assert_same({"t": self.TABLE}, {"t": self.TABLE.assign(rate=[0.1 * (1 + 1e-13), None])})

    @pytest.mark.parametrize(
        "other",
        [
            {"count": [1, 3]},
            {"count": ["1", "2"]},
            {"rate": [0.1 * (1 + 1e-11), None]},
            {"rate": [0.1, 0.0]},
            {"rate": [None, 0.1]},
            {"code": ["a", ""]},
            {"more": [1, 1]},
        ],
    )
    def test_what_is_not_fails(self, other: dict[str, Any]) -> None:
        with pytest.raises(AssertionError, match=f"t.*{'columns' if 'more' in other else min(other)}"):
            assert_same({"t": self.TABLE}, {"t": self.TABLE.assign(**other)})

    def test_a_missing_row_fails(self) -> None:
        with pytest.raises(AssertionError, match="2 rows and 1"):
            assert_same({"t": self.TABLE}, {"t": self.TABLE.head(1)})


class TestTheEngineItself:
    """The parts of ``Engine`` that stages lean on, and the refusals of what is not there."""

    FEW = Table(
        name="few",
        about="A few rows",
        disclosure="aggregate",
        columns=(Column("name", "string", "Name", nullable=True), Column("number", "int64", "Number", nullable=True)),
    )
    NUMBERS = pd.DataFrame({"number": [3, 1, None, 2], "name": ["c", "a", None, "a"]})

    @pytest.fixture
    def engine(self, session: Any) -> Iterator[SparkEngine]:
        with SparkEngine(session) as engine:
            engine.lend("numbers", self.NUMBERS)
            yield engine

    def test_steps_may_be_named_again_and_absent_tables_are_empty(self, engine: SparkEngine) -> None:
        engine.step("kept", "select * from numbers where number < {most}", most=3)
        engine.step("kept", "select * from kept where number < {most}", most=2)
        assert engine.scalar("select cast(number as integer) from kept") == 1
        assert engine.scalar("select number from kept where number > 5") is None
        assert engine.has("kept")
        assert not engine.has("few")
        engine.or_empty(self.FEW)
        assert engine.arrow("select * from few").to_pydict() == {"name": [], "number": []}

    def test_rows_of_steps_are_files_that_go_with_the_engine(self, session: Any, tmp_path: Path) -> None:
        with SparkEngine(session, spill=tmp_path) as engine:
            engine.lend("numbers", self.NUMBERS)
            engine.step("kept", "select name, number from numbers where number > {least}", least=1)
            for _ in range(10):  # each reads the one before it twice: a plan that held them all would read a thousand
                engine.step("kept", "select name, a.number from kept as a join kept as b using (name)")
            assert engine.arrow("select * from kept order by all").to_pydict() == {"name": ["a", "c"], "number": [2, 3]}
            (folder,) = tmp_path.iterdir()
            assert folder.stat().st_mode & 0o077 == 0
        assert list(tmp_path.iterdir()) == []

    def test_engines_on_one_session_do_not_see_each_other(self, session: Any, engine: SparkEngine) -> None:
        with SparkEngine(session) as other:
            assert not other.has("numbers")

    def test_a_table_of_the_cluster_is_not_taken_for_one_that_is_absent(self, session: Any) -> None:
        session.sql("create table few using parquet as select 'stranger' as name, 1 as number")
        try:
            with SparkEngine(session) as engine:
                engine.or_empty(self.FEW)
                assert engine.scalar("select count(*) from few") == 0
        finally:
            session.sql("drop table few")

    def test_a_file_is_in_order_with_nulls_last(self, engine: SparkEngine, tmp_path: Path) -> None:
        assert engine.write(Select("numbers", ("name", "number")), self.FEW, tmp_path / "few.parquet") == 4
        table = pq.read_table(tmp_path / "few.parquet")
        assert table.to_pydict() == {"name": ["a", "a", "c", None], "number": [1, 2, 3, None]}
        assert table.schema.field("number").type == pa.int64()
        assert [path.name for path in tmp_path.iterdir()] == ["few.parquet"]
        engine.view("none", "select * from numbers where number > {most}", most=5)
        assert engine.write(Select("none", ("name",)), self.FEW, tmp_path / "none.parquet") == 0

    @pytest.mark.parametrize(
        "query",
        [
            "select sum(number / 3 order by name, number) as total from numbers",
            "select sum(number order by name) as total from numbers where number > 5",
            "select name, sum(number order by number) as total from numbers group by all order by all",
            "select cast(sum(cast(number as hugeint) * 9000000000) as double) as total from numbers",
            "select number, name from numbers order by number desc, name",
            "select least(number, 2) as low, greatest(null, number) as high from numbers order by all",
            "select number from (select name, number from numbers union all by name select number, name from numbers)"
            " as twice order by all",
            "select substr('FMIU', cast(number as integer) - 1, 2) as first, substr('FMIU', -2, 1) as last,"
            " substr(name, 1, 1) as part, strpos('FcMa', name) as place from numbers order by all",
            "select max(number) over (w rows between 1 preceding and current row) as high, lag(name) over w as before"
            " from numbers window w as (partition by name is null order by number) order by all",
            "select count(*) as people from numbers where hash(name) in (select hash(name) from numbers"
            " group by hash(name) having count(*) > 1)",
            "select concat_ws(';', name, null, 'x') as joined, cast(number as integer) // 2 as half from numbers"
            " order by all",
        ],
    )
    def test_the_engines_agree_on(self, engine: SparkEngine, query: str) -> None:
        with DuckEngine() as duck:
            duck.lend("numbers", self.NUMBERS)
            assert_same({"query": duck.frame(query)}, {"query": engine.frame(query)})

    def test_a_step_may_unite_by_name(self, engine: SparkEngine) -> None:
        united = "select name, number from numbers union all by name select number, name from numbers where number < 2"
        engine.step("united", united)
        found = engine.frame("select name, number from united order by all")
        assert found["name"].tolist()[:3] == ["a", "a", "a"]
        assert found["number"].tolist()[:3] == [1, 1, 2]

    def test_a_key_is_refused(self, engine: SparkEngine) -> None:
        with pytest.raises(CapitationError, match="intake, which needs it, runs on DuckDB"):
            engine.variable("pseudonym_key", "secret")

    def test_a_value_that_does_not_fit_is_an_error_not_a_null(self, engine: SparkEngine) -> None:
        with pytest.raises(Exception, match="CAST_OVERFLOW|OVERFLOW"):
            engine.scalar("select cast(70000 as smallint)")


class TestAWorkerFails:
    """Asked last: the cluster has one worker less afterwards."""

    def test_a_worker_killed_in_mid_run_changes_nothing(
        self,
        spark_cluster: Standalone,
        written: list[dict[str, StageResult]],
        locality: Path,
        intake: StageResult,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked, whole = SparkEngine.arrow, len(spark_cluster.workers)

        def arrow(engine: SparkEngine, *words: Any, **values: Any) -> pa.Table:
            """Answer the first question of a stage, so that there are rows to lose; then lose a worker."""
            table = asked(engine, *words, **values)
            if len(spark_cluster.workers) == whole:
                spark_cluster.kill_a_worker()
            return table

        monkeypatch.setattr(SparkEngine, "arrow", arrow)
        bundle = bundle_of(locality, "killed", Cluster.find())
        found = replay(bundle, intake, ("population",))
        assert len(spark_cluster.workers) == whole - 1
        for stage, result in found.items():
            assert {r.name: r.sha256 for r in result.tables} == {r.name: r.sha256 for r in written[1][stage].tables}
