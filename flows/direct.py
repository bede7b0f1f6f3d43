"""Runs in one process, gates included, without Prefect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from budget.audit.folder import Run
from budget.bundle import Bundle
from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped
from budget.runner import StageResult, execute
from flows.pipeline import Pipeline, Report, StoppedRun, settle, silent
from flows.request import Request


def run(
    config: str | Path,
    *,
    scenario: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    engine: str = "duckdb",
    out: str | Path = "runs",
    year: str | None = None,
    parent: str | Path | None = None,
    previous: str | Path | None = None,
    known_on: date | None = None,
    report: Report = silent,
) -> Run:
    """Set a locality's budgets.

    Args:
        config: the locality's YAML, or a folder with a ``run.yaml``.
        scenario: names of scenarios, laid over the assumption packs in order.
        overrides: values by assumption (``id``, ``id@line`` or ``id@place``), as text.
        engine: what runs the stages that read rows of people, ``duckdb`` or ``spark``.
        out: where the run folder goes.
        year: set budgets up to this year only, as ``2027/28``.
        parent: folder of an earlier run whose packs and scenarios are the base; see ``rerun``.
        previous: folder of an earlier run to compare segments with.
        known_on: take what was published by this day, in place of the locality's ``known_on``.
        report: told of every stage when it is done.

    Returns:
        The published run.

    Raises:
        StoppedRun: a gate stopped the run; its ``run`` is the folder, marked stopped.
        ConfigurationError: the locality, a scenario or an assumption is wrong or incomplete.
    """
    request = Request(
        Path(config),
        tuple(scenario),
        dict(overrides or {}),
        Path(out),
        year,
        Path(parent) if parent else None,
        Path(previous) if previous else None,
        known_on,
        engine,
    )
    return carry_out(request, Pipeline.of(), report=report)


def rerun(
    run_folder: str | Path,
    *,
    scenario: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    engine: str | None = None,
    out: str | Path | None = None,
    known_on: date | None = None,
    report: Report = silent,
) -> Run:
    """Set the budgets of an earlier run again with other assumptions; its inputs must be unchanged.

    Args:
        run_folder: the earlier run.
        scenario: scenarios laid over those of the earlier run.
        overrides: values that win over all, those of the earlier run included.
        engine: what runs the stages that read rows of people; that of the earlier run when not given.
        out: where the run folder goes; beside the earlier one when not given.
        known_on: take what was published by this day, in place of the earlier run's.
        report: told of every stage when it is done.

    Raises:
        StoppedRun: a gate stopped the run.
        ConfigurationError: the inputs or the plan have changed, or an assumption is wrong.
    """
    place = Path(out) if out else None
    request = Request.rerun(
        Path(run_folder), scenarios=scenario, overrides=overrides, out=place, known_on=known_on, engine=engine
    )
    return carry_out(request, Pipeline.of(), report=report)


def check(
    config: str | Path,
    *,
    scenario: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    out: str | Path = "runs",
    year: str | None = None,
    known_on: date | None = None,
) -> tuple[CheckResult, ...]:
    """Read the inputs and the rules, and ask every check that they can answer; nothing is computed after it.

    Raises:
        RunStopped: a check failed; its ``checks`` are all that were asked.
        ConfigurationError: the locality or an assumption is wrong or incomplete.
    """
    from flows.checking import look_at

    request = Request(Path(config), tuple(scenario), dict(overrides or {}), Path(out), year, known_on=known_on)
    found = look_at(request, Pipeline.of())
    if found.failures:
        raise RunStopped(found.stage, found.failures, found.checks)
    return found.checks


def carry_out(request: Request, pipeline: Pipeline, *, report: Report = silent) -> Run:
    """Run every stage in order and publish what there is, whether or not a gate stops the run.

    Raises:
        StoppedRun: a gate stopped the run.
        ConfigurationError: the request cannot be resolved.
    """
    return run_stages(request.bundle(pipeline.needed), pipeline, report=report)


def run_stages(bundle: Bundle, pipeline: Pipeline, *, report: Report = silent) -> Run:
    """Run every stage over a bundle and publish what there is, whether or not a gate stops the run.

    Raises:
        StoppedRun: a gate stopped the run.
        ConfigurationError: a stage cannot work by what the locality wrote.
    """
    pipeline.inspect(bundle)
    with bundle.store.in_use():
        return _run_stages(bundle, pipeline, report)


def _run_stages(bundle: Bundle, pipeline: Pipeline, report: Report) -> Run:
    started_at = datetime.now(UTC)
    results: list[StageResult] = []
    try:
        for stage in pipeline.stages:
            results.append(execute(stage, bundle, tuple(results), pipeline.gate))
            report(stage, results[-1])
    except RunStopped as stop:
        stopped = settle(bundle, pipeline.stages, results, driver="direct", started_at=started_at, stop=stop)
        raise StoppedRun(stopped, stop) from None
    return settle(bundle, pipeline.stages, results, driver="direct", started_at=started_at)
