"""``capitation check``: every check that the inputs can answer, whatever fails on the way, and how far they go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from budget.bundle import Bundle
from budget.contracts import input_tables
from budget.contracts import table as contract_of
from budget.engine import DuckEngine, Engine
from budget.intake.raw import RawTable
from budget.intake.readiness import Readiness
from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped
from budget.runner import GateStopped, execute
from budget.stage import Stage
from budget.store import TableRef
from flows.pipeline import Pipeline
from flows.request import Request


@dataclass(frozen=True)
class Checked:
    """What there is to say of a locality's inputs.

    Attributes:
        title: the locality, for people.
        notice: a sentence that every output shows; may be empty.
        stage: the stage that read them.
        checks: every check that was asked, in the order of the gates.
        failures: those that would stop a run, warnings without a waiver among them where waivers are required.
        readiness: what the inputs allow.
    """

    title: str
    notice: str
    stage: str
    checks: tuple[CheckResult, ...]
    failures: tuple[CheckResult, ...]
    readiness: Readiness


def look_at(request: Request, pipeline: Pipeline) -> Checked:
    """Read the inputs and ask every gate what it can ask of them alone; nothing is computed after, nothing published.

    A check that fails stops nothing: the gate of the inputs is asked to its end, and so are the later gates, of those
    of their checks that need no table but the inputs.

    Raises:
        ConfigurationError: the locality or an assumption is wrong or incomplete.
    """
    bundle = request.bundle(pipeline.needed)
    inspected = pipeline.inspect(bundle)
    reads, *later = pipeline.stages
    with bundle.store.in_use():
        tables, checks = _read(reads, bundle, pipeline)
        if tables:
            checks += _asked_of_inputs(later, tables, bundle, pipeline)
    checks = bundle.waivers.over((*checks, *inspected))
    plan, failures = bundle.plan, bundle.waivers.stopping(checks)
    readiness = Readiness.of(_held(bundle, tables), checks)
    return Checked(plan.title, plan.notice, reads.name, checks, failures, readiness)


def _read(stage: Stage, bundle: Bundle, pipeline: Pipeline) -> tuple[tuple[TableRef, ...], tuple[CheckResult, ...]]:
    """The tables that could be read, none where one could not, and what their own gate says."""
    try:
        result = execute(stage, bundle, (), pipeline.gate)
    except GateStopped as stop:
        result = stop.result
    except RunStopped as stop:
        return (), stop.checks
    return result.tables, result.checks


def _asked_of_inputs(
    stages: list[Stage], tables: tuple[TableRef, ...], bundle: Bundle, pipeline: Pipeline
) -> tuple[CheckResult, ...]:
    paths = {ref.name: ref.path for ref in tables}
    with bundle.engine(paths) as engine:
        asked = [check for stage in stages for check in pipeline.gate.judge(stage.gate, paths, engine, bundle.plan)]
    return tuple(check for check in asked if check.table in input_tables())


def _held(bundle: Bundle, tables: tuple[TableRef, ...]) -> dict[str, tuple[str, ...]]:
    """The columns of every table that hold anything; as its files name them where the tables could not be read."""
    files = bundle.raw_files
    if not tables:
        with DuckEngine() as engine:
            return {name: _named(engine, name, paths) for name, paths in files.items()}
    read = {ref.name: ref.path for ref in tables if ref.name in files}
    with bundle.engine(read) as engine:
        return {name: _filled(engine, name) for name in read}


def _named(engine: Engine, name: str, paths: tuple[Path, ...]) -> tuple[str, ...]:
    """The columns in the header of a table; none of one that cannot be opened."""
    try:
        return tuple(RawTable.open(engine, name, paths).types)
    except RunStopped:
        return ()


def _filled(engine: Engine, name: str) -> tuple[str, ...]:
    columns = contract_of(name).names
    counts = ", ".join(f"count({column}) as {column}" for column in columns)
    (filled,) = engine.arrow(f"select {counts} from {name}").to_pylist()
    return tuple(column for column in columns if filled[column])
