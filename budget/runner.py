"""The one runner of stages: looks in the store, reads, calls the pure function, writes, asks the gate."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import budget
from budget.assumptions.resolved import Assumptions
from budget.bundle import Bundle
from budget.contracts import table as contract_of
from budget.engine import Engine, Select
from budget.kernel.checks import CheckResult
from budget.kernel.disk import full_disk
from budget.kernel.errors import CapitationError, RunStopped, StoreError
from budget.kernel.hashing import hash_code, hash_files, hash_value
from budget.stage import EVERYTHING, Document, Gate, Given, Stage, Written
from budget.store import SAID, Stored, TableRef, record_result, write_json

logger = logging.getLogger(__name__)

_PACKAGE = Path(budget.__file__).parent
_SHARED_CODE = ("kernel", "contracts", "engine", "assumptions", "stage.py", "plan.py", "scope.py", "runner.py")


@dataclass(frozen=True)
class StageResult:
    """What one stage gave the run: where its tables lie, what its gate said, and whether it was computed anew.

    Attributes:
        seconds: the stage and its gate together.
        ended_at: when its gate had spoken, in ISO format.
        gate_seconds: the gate alone; next to nothing where its verdict was kept.
    """

    stage: str
    key: str
    tables: tuple[TableRef, ...]
    documents: tuple[TableRef, ...]
    checks: tuple[CheckResult, ...]
    reused: bool
    seconds: float
    ended_at: str = ""
    gate_seconds: float = 0.0


class GateStopped(RunStopped):
    """A gate stopped the run after its stage had written tables; ``result`` is what it wrote and what was asked."""

    def __init__(self, result: StageResult, failures: tuple[CheckResult, ...]) -> None:
        super().__init__(result.stage, failures, result.checks)
        self.result = result


def execute(stage: Stage, bundle: Bundle, before: tuple[StageResult, ...], gate: Gate) -> StageResult:
    """Run one stage, or take its result from the store, and ask its gate.

    Args:
        stage: the stage.
        bundle: plan, assumptions and store of the run.
        before: results of the stages before it.
        gate: who judges.

    Raises:
        RunStopped: the stage could not read its input.
        GateStopped: a check of severity ``fail`` failed, or one of severity ``warn`` that needs a waiver has none.
    """
    started = time.perf_counter()
    available, read = _tables(stage, bundle, before)
    earlier = tuple(check for result in before for check in result.checks)
    key = _key(stage, bundle, read, earlier)
    stored = bundle.store.find(stage.name, key)
    reused = stored is not None
    if stored is None:
        stored = _compute(stage, bundle, key, read, earlier)
    asked = time.perf_counter()
    checks = bundle.waivers.over(_judge(stage, bundle, stored, available, gate))
    ended = time.perf_counter()
    seconds, judging = ended - started, ended - asked
    logger.info("%s: %s in %.1f s", stage.name, "taken from the store" if reused else "done", seconds)
    ended_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    result = StageResult(stage.name, key, stored.tables, stored.documents, checks, reused, seconds, ended_at, judging)
    stopping = bundle.waivers.stopping(checks)
    if stopping:
        raise GateStopped(result, stopping)
    return result


def is_stored(stage: Stage, bundle: Bundle, before: tuple[StageResult, ...]) -> bool:
    """Whether the store holds what a stage would give, so that running it reads nothing and computes nothing."""
    _, read = _tables(stage, bundle, before)
    checks = tuple(check for result in before for check in result.checks)
    return bundle.store.find(stage.name, _key(stage, bundle, read, checks)) is not None


def _tables(
    stage: Stage, bundle: Bundle, before: tuple[StageResult, ...]
) -> tuple[dict[str, TableRef], dict[str, TableRef]]:
    """Every table there is before a stage, and those of them that it reads."""
    available = {**(bundle.previous.tables if bundle.previous else {})}
    available |= {ref.name: ref for result in before for ref in result.tables}
    read = {name: available[name] for name in (*stage.reads, *stage.may_read) if name in available}
    missing = [name for name in stage.reads if name not in read]
    if missing:
        raise CapitationError(f"{stage.name} lacks {', '.join(missing)}; no earlier stage wrote it.")
    return available, read


def _key(stage: Stage, bundle: Bundle, read: Mapping[str, TableRef], checks: tuple[CheckResult, ...]) -> str:
    """Hash of everything that a stage's result depends on."""
    room = Path(str(__import__(stage.run.__module__, fromlist=["_"]).__file__)).parent
    folders = [*(_PACKAGE / name for name in (*_SHARED_CODE, *stage.leans_on)), room]
    parts: dict[str, Any] = {
        "stage": stage.name,
        "code": hash_code(folders, _PACKAGE.parent),
        "tables": {name: ref.sha256 for name, ref in read.items()},
        "assumptions": _declared(stage, bundle).digest(),
        "plan": bundle.plan_facts,
        "inputs": bundle.input_hashes if not stage.reads and not stage.may_read else (),
    }
    if stage.of_people and bundle.cluster:
        # sums of floats may have other last digits there
        parts["engine"] = bundle.engine_name
    if stage.plan_files:
        parts["plan_files"] = {name: hash_files(getattr(bundle.plan, name)) for name in stage.plan_files}
    if stage.documents:
        parts |= {"run_id": bundle.run_id, "checks": [check.as_dict() for check in checks]}
    return hash_value(parts)


def _declared(stage: Stage, bundle: Bundle) -> Assumptions:
    return bundle.assumptions if stage.assumes == EVERYTHING else bundle.assumptions.only(stage.assumes)


def _compute(
    stage: Stage, bundle: Bundle, key: str, read: Mapping[str, TableRef], checks: tuple[CheckResult, ...]
) -> Stored:
    for ref in read.values():
        ref.check()
    paths = {name: ref.path for name, ref in read.items()}
    opened = bundle.engine_of_people if stage.of_people else bundle.engine
    with bundle.store.writing(stage.name, key) as folder, opened(paths) as engine:
        raw = {} if paths else bundle.raw_files
        waivers = tuple(waiver.model_dump() for waiver in bundle.waivers.held)
        given = Given(bundle.plan, _declared(stage, bundle), paths, engine, raw, bundle.run_id, checks, waivers)
        try:
            written = stage.run(given)
            record_result(folder, _write(stage, written, engine, folder))
            write_json(folder / SAID, _said(written, engine))
        except RunStopped as stop:
            raise RunStopped(stage.name, stop.failures) from None
        except Exception as error:
            full = full_disk(error)
            if not full:
                raise
            raise StoreError(
                f"{bundle.store.root}: there is no room for what {stage.name} computes ({full}).\n"
                "  mend: make room and run again; the stages before it are kept and are not computed again"
            ) from None
    stored = bundle.store.find(stage.name, key)
    if stored is None:
        raise CapitationError(f"{stage.name}: the result vanished from the store.")
    return stored


def _write(stage: Stage, written: Written, engine: Engine, folder: Path) -> dict[str, int]:
    undeclared = set(written) - set(stage.writes)
    if undeclared:
        raise CapitationError(f"{stage.name} wrote {', '.join(sorted(undeclared))}, which it does not declare.")
    rows: dict[str, int] = {}
    for name, result in written.items():
        match result:
            case Document():
                result.write(folder / "documents" / name)
            case Select():
                rows[name] = engine.write(result, contract_of(name), folder / "tables" / f"{name}.parquet")
            case pd.DataFrame():
                rows[name] = write_frame(name, result, folder / "tables" / f"{name}.parquet")
    return rows


def _said(written: Written, engine: Engine) -> dict[str, Any]:
    """The SELECTs behind a result, in order, and the one that each table was written from."""
    return {
        "said": [[said.name, said.sql] for said in engine.said],
        "written": {name: table.relation for name, table in written.items() if isinstance(table, Select)},
    }


def write_frame(name: str, frame: pd.DataFrame, path: Path) -> int:
    """Write a small table in the columns and types of its contract.

    Raises:
        CapitationError: a column is missing, or a value does not fit its type.
    """
    contract = contract_of(name)
    missing = [column for column in contract.names if column not in frame.columns]
    if missing:
        raise CapitationError(f"{name} lacks the column {', '.join(missing)}.")
    plain = frame[list(contract.names)].astype({c.name: "object" for c in contract.columns if c.category})
    try:
        table = pa.Table.from_pandas(plain, schema=contract.arrow_schema, preserve_index=False)
    except (ValueError, pa.ArrowTypeError) as error:
        raise CapitationError(f"{name} does not fit its contract: {error}") from None
    pq.write_table(table.replace_schema_metadata(None), path, compression="zstd")
    return len(table)


def _judge(
    stage: Stage, bundle: Bundle, stored: Stored, available: Mapping[str, TableRef], gate: Gate
) -> tuple[CheckResult, ...]:
    fingerprint = hash_value(
        [gate.fingerprint(stage.gate, bundle.plan), sorted(ref.sha256 for ref in available.values())]
    )
    checks = bundle.store.verdict(stage.name, stored.key, fingerprint)
    if checks is None:
        tables = {name: ref.path for name, ref in available.items()} | {ref.name: ref.path for ref in stored.tables}
        with bundle.engine(tables) as engine:
            checks = gate.judge(stage.gate, tables, engine, bundle.plan)
        bundle.store.keep_verdict(stage.name, stored.key, fingerprint, checks)
    return checks
