"""The one runner of stages: what it reuses, what it runs again, and what it refuses."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from budget.bundle import Bundle, InputFile
from budget.engine import Engine, Select
from budget.kernel.checks import CheckResult, Severity
from budget.kernel.errors import CapitationError, RunStopped, StoreError
from budget.kernel.hashing import hash_file
from budget.plan import Plan
from budget.runner import GateStopped, StageResult, execute, write_frame
from budget.stage import Document, Given, Stage, Written
from budget.store import Store
from tests.support.given import assume, plan_of

pytestmark = pytest.mark.integration

FAILED = CheckResult("second", "X01", "fail", "failed", "carve_outs", "there must be more")


@dataclass
class Asked:
    """A gate that says what it is told to, and remembers what it was asked."""

    checks: tuple[CheckResult, ...] = ()
    stamp: str = "one"
    gates: list[str] = field(default_factory=list)

    def fingerprint(self, gate: str, plan: Plan) -> str:
        return self.stamp

    def severities(self) -> Mapping[str, Severity]:
        return {"X01": "fail"}

    def judge(self, gate: str, tables: Mapping[str, Path], engine: Engine, plan: Plan) -> tuple[CheckResult, ...]:
        self.gates.append(gate)
        assert all(engine.has(name) for name in tables)
        return self.checks


def first(given: Given) -> Written:
    """Lines of the input, doubled by nothing: the place of every line and a constant quality."""
    logging.getLogger("ran").info("first")
    rows = [line.split(",") for line in given.files["spend"][0].read_text().split()]
    frame = pd.DataFrame(rows, columns=["place", "segment"])
    return {"segment_summary": frame.assign(people=1.0, share=given.assumptions.number("choice_share"))}


def second(given: Given) -> Written:
    """Reads what the first wrote, by the engine."""
    logging.getLogger("ran").info("second")
    given.engine.step(
        "segment_people", "select '2025/26' as financial_year, place, segment, people from segment_summary"
    )
    return {
        "segment_people": Select("segment_people", ("place", "segment")),
        "note.txt": Document(lambda path: _write(path, f"{len(given.frame('segment_summary'))} rows")),
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text)


FIRST = Stage("first", "First.", (), (), ("choice_share",), ("segment_summary",), "first", first)
SECOND = Stage(
    name="second",
    about="Second.",
    reads=("segment_summary",),
    may_read=("areas",),
    assumes=("risk_pool_share",),
    writes=("segment_people", "note.txt"),
    gate="second",
    run=second,
)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    spend = tmp_path / "spend.csv"
    spend.write_text("Newham,OA\nHackney,U5\n")
    for name in ("scheme.yaml", "rules.yaml", "gates.yaml", "model.yaml", "streams.yaml", "carr_hill.yaml"):
        (tmp_path / name).write_text("{}\n")
    paths = {"segmentation": tmp_path / "scheme.yaml", "population_rules": tmp_path / "rules.yaml", "need": tmp_path}
    return Bundle(
        plan=plan_of().model_copy(update=paths | {"gates": tmp_path / "gates.yaml", "person_id": "pseudonym"}),
        config=tmp_path / "run.yaml",
        assumptions=assume({"choice_share": "0.13", "risk_pool_share": "0.005", "ips_share": "0.025"}),
        files=(InputFile("spend", spend, hash_file(spend)),),
        store=Store(tmp_path / "store"),
        out=tmp_path,
        code="code",
    )


@pytest.fixture
def ran(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="ran")
    return caplog


def both(bundle: Bundle, gate: Asked | None = None) -> tuple[StageResult, StageResult]:
    asked = gate or Asked()
    one = execute(FIRST, bundle, (), asked)
    return one, execute(SECOND, bundle, (one,), asked)


def assumed(bundle: Bundle, **values: str) -> Bundle:
    known = {"choice_share": "0.13", "risk_pool_share": "0.005", "ips_share": "0.025"} | values
    return replace(bundle, assumptions=assume(known))


def names(ran: pytest.LogCaptureFixture) -> list[str]:
    found = [record.getMessage() for record in ran.records if record.name == "ran"]
    ran.clear()
    return found


def test_stages_write_what_they_declare_by_contract(bundle: Bundle) -> None:
    one, two = both(bundle)
    assert [ref.name for ref in one.tables] == ["segment_summary"]
    assert [(ref.name, ref.rows) for ref in two.tables] == [("segment_people", 2)]
    assert two.documents[0].path.read_text() == "2 rows"
    assert pq.read_table(two.tables[0].path)["place"].to_pylist() == ["Hackney", "Newham"]
    assert not one.reused


def test_what_was_done_is_not_done_again(bundle: Bundle, ran: pytest.LogCaptureFixture) -> None:
    before = both(bundle)
    assert names(ran) == ["first", "second"]
    after = both(bundle)
    assert names(ran) == []
    assert [result.reused for result in after] == [True, True]
    assert [ref.sha256 for result in after for ref in result.tables] == [
        ref.sha256 for result in before for ref in result.tables
    ]


@pytest.mark.parametrize(
    ("changed", "runs"),
    [
        ({"risk_pool_share": "0.01"}, ["second"]),
        ({"ips_share": "0.03"}, []),
        ({"choice_share": "0.2"}, ["first", "second"]),
    ],
)
def test_a_changed_assumption_reruns_the_stages_that_declare_it(
    bundle: Bundle, ran: pytest.LogCaptureFixture, changed: dict[str, str], runs: list[str]
) -> None:
    both(bundle)
    names(ran)
    both(assumed(bundle, **changed))
    assert names(ran) == runs


def test_a_stage_sees_only_what_it_declares(bundle: Bundle) -> None:
    def curious(given: Given) -> Written:
        given.assumptions.number("ips_share")
        return {}

    with pytest.raises(CapitationError, match="ips_share has no value"):
        execute(replace(FIRST, run=curious), bundle, (), Asked())


def test_a_changed_input_with_the_same_result_stops_there(bundle: Bundle, ran: pytest.LogCaptureFixture) -> None:
    both(bundle)
    names(ran)
    spend = bundle.files[0].path
    spend.write_text("Newham,OA\n\nHackney,U5\n")
    both(replace(bundle, files=(InputFile("spend", spend, hash_file(spend)),)))
    assert names(ran) == ["first"]


def test_a_changed_file_of_the_plan_reruns_the_stage_that_reads_it_alone(
    bundle: Bundle, ran: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "one.yaml").write_text("years: 1\n")
    with_contracts = replace(bundle, plan=bundle.plan.model_copy(update={"contracts": contracts}))
    reads_them = replace(SECOND, plan_files=("contract_files",))

    def run() -> str:
        fresh = replace(with_contracts)
        execute(reads_them, fresh, (execute(FIRST, fresh, (), Asked()),), Asked())
        return fresh.run_id

    before = run()
    assert names(ran) == ["first", "second"]
    assert run() == before
    assert names(ran) == []
    (contracts / "one.yaml").write_text("years: 2\n")
    assert run() != before
    assert names(ran) == ["second"]


def test_a_changed_setting_of_the_plan_reruns(bundle: Bundle, ran: pytest.LogCaptureFixture) -> None:
    both(bundle)
    names(ran)
    both(replace(bundle, plan=bundle.plan.model_copy(update={"icb_code": "QYY"})))
    assert names(ran) == ["first", "second"]
    bundle.plan.segmentation.write_text("{a: 1}\n")
    both(replace(bundle))
    assert names(ran) == ["first", "second"]


def test_a_table_that_was_not_declared_is_refused_and_nothing_is_kept(bundle: Bundle) -> None:
    with pytest.raises(CapitationError, match="first wrote segment_summary, which it does not declare"):
        execute(replace(FIRST, writes=("segments",)), bundle, (), Asked())
    assert not list((bundle.store.root / "first").iterdir())


def test_a_table_that_nobody_wrote_is_named(bundle: Bundle) -> None:
    with pytest.raises(CapitationError, match="second lacks segment_summary; no earlier stage wrote it"):
        execute(SECOND, bundle, (), Asked())


def test_a_stored_table_that_was_changed_is_not_read(bundle: Bundle) -> None:
    one = execute(FIRST, bundle, (), Asked())
    path = one.tables[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(StoreError, match="segment_summary is missing or was changed"):
        execute(SECOND, bundle, (one,), Asked())


def test_a_killed_stage_runs_again(bundle: Bundle, ran: pytest.LogCaptureFixture) -> None:
    def killed(given: Given) -> Written:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(replace(FIRST, run=killed), bundle, (), Asked())
    execute(FIRST, bundle, (), Asked())
    assert names(ran) == ["first"]


def test_a_stage_that_cannot_read_its_input_stops_the_run_without_a_result(bundle: Bundle) -> None:
    def refuses(given: Given) -> Written:
        raise RunStopped("wherever", (FAILED,))

    with pytest.raises(RunStopped) as stop:
        execute(replace(FIRST, run=refuses), bundle, (), Asked())
    assert (stop.value.stage, stop.value.failures) == ("first", (FAILED,))
    assert not list((bundle.store.root / "first").iterdir())


class TestGate:
    def test_it_is_asked_once_for_the_same_tables_and_checks(self, bundle: Bundle) -> None:
        gate = Asked()
        both(bundle, gate)
        both(bundle, gate)
        assert gate.gates == ["first", "second"]
        gate.stamp = "other thresholds"
        both(bundle, gate)
        assert gate.gates == ["first", "second"] * 2

    def test_it_stops_a_run_and_the_result_says_what_was_asked(self, bundle: Bundle) -> None:
        passed = replace(FAILED, check_id="X02", outcome="passed")
        one = execute(FIRST, bundle, (), Asked())
        with pytest.raises(GateStopped) as stop:
            execute(SECOND, bundle, (one,), Asked(checks=(passed, FAILED)))
        assert stop.value.failures == (FAILED,)
        assert stop.value.result.checks == (passed, FAILED)
        assert [ref.name for ref in stop.value.result.tables] == ["segment_people"]

    def test_a_remembered_no_is_still_a_no(self, bundle: Bundle, ran: pytest.LogCaptureFixture) -> None:
        gate = Asked(checks=(FAILED,))
        for _ in range(2):
            with pytest.raises(GateStopped):
                execute(FIRST, bundle, (), gate)
        assert gate.gates == ["first"]
        assert names(ran) == ["first"]


class TestWriteFrame:
    FRAME = pd.DataFrame({"place": ["Newham"], "segment": ["OA"], "people": [1.5], "share": [1.0], "more": [1]})

    def test_the_contract_decides_columns_and_types(self, tmp_path: Path) -> None:
        write_frame("segment_summary", self.FRAME, tmp_path / "a.parquet")
        assert pq.read_schema(tmp_path / "a.parquet").names == ["place", "segment", "people", "share"]

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"share": ["much"]}, "segment_summary does not fit its contract"),
            ({"share": [None]}, "segment_summary does not fit its contract"),
            ({"place": [None]}, "segment_summary does not fit its contract"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, tmp_path: Path, change: dict[str, list[object]], fault: str) -> None:
        with pytest.raises(CapitationError, match=fault):
            write_frame("segment_summary", self.FRAME.assign(**change), tmp_path / "a.parquet")

    def test_pence_are_not_cut(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"financial_year": ["2026/27"], "place": ["a"], "month": [1], "payment_pence": [1.5]})
        with pytest.raises(CapitationError, match="monthly_profile does not fit its contract"):
            write_frame("monthly_profile", frame, tmp_path / "a.parquet")

    def test_a_missing_column_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CapitationError, match="segment_summary lacks the column people"):
            write_frame("segment_summary", self.FRAME.drop(columns="people"), tmp_path / "a.parquet")
