"""The budget run as a Prefect flow: one task a stage, the same stages and gates as a direct run.

Importing this module imports Prefect. Between tasks travel paths and hashes. Everything that Prefect
keeps (parameters, logs, states, artifacts) is aggregate: whoever can open the server may read it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from prefect import Flow, Task, flow, get_run_logger
from prefect.cache_policies import NO_CACHE
from prefect.logging.handlers import APILogHandler

from budget.audit.folder import Run
from budget.bundle import Bundle
from budget.kernel.errors import RunStopped
from budget.runner import execute
from budget.stage import Gate, Stage
from flows.artifacts import Meter, keep_checks, keep_summary, name_this_run, tell_of_waivers
from flows.failures import discreetly
from flows.pace import Pace
from flows.pipeline import Pipeline, Report, StoppedRun, settle, silent
from flows.progress import line
from flows.request import Request
from flows.travel import as_plain, from_plain

Plain = dict[str, Any]

_READS_RAW_FILES = "intake"
_OUR_LOGGERS = ("budget", "expectations", "flows")


def carry_out(request: Request, *, report: Report = silent, pipeline: Callable[[], Pipeline] = Pipeline.of) -> Run:
    """Run a request as a flow run of the Prefect server that is configured.

    Raises:
        StoppedRun: a gate stopped the run; the flow run is Failed.
        ConfigurationError: the request cannot be resolved.
    """
    outcome = budget_flow(report, pipeline)(
        config=str(request.config),
        scenarios=list(request.scenarios),
        overrides=dict(request.overrides),
        out=str(request.out),
        year=request.year,
        parent=str(request.parent) if request.parent else None,
        previous=str(request.previous) if request.previous else None,
        known_on=str(request.known_on) if request.known_on else None,
        engine=request.engine,
    )
    return Run.open(Path(outcome["folder"]))


def budget_flow(report: Report = silent, pipeline: Callable[[], Pipeline] = Pipeline.of) -> Flow[..., dict[str, str]]:
    """The flow, with someone who is told of every stage.

    Args:
        report: told of every stage when it is done; in the process of the flow run.
        pipeline: gives the stages and their gate.
    """

    @flow(name="set-budgets", persist_result=False)
    def set_budgets(
        config: str,
        scenarios: list[str] | None = None,
        overrides: dict[str, str] | None = None,
        out: str = "runs",
        year: str | None = None,
        parent: str | None = None,
        previous: str | None = None,
        known_on: str | None = None,
        engine: str = "duckdb",
    ) -> dict[str, str]:
        """Set a locality's budgets.

        Args:
            config: the locality's YAML, or a folder with a run.yaml.
            scenarios: scenarios laid over the assumption packs, in order.
            overrides: values by assumption (id, id@line or id@place).
            out: where the run folder goes.
            year: set budgets up to this year only, as 2027/28.
            parent: folder of an earlier run whose packs and scenarios are the base.
            previous: folder of an earlier run to compare segments with.
            known_on: take what was published by this day, as 2025-06-26.
            engine: what runs the stages that read rows of people, duckdb or spark.
        """
        asked = Request(
            Path(config),
            tuple(scenarios or ()),
            overrides or {},
            Path(out),
            year,
            Path(parent) if parent else None,
            Path(previous) if previous else None,
            date.fromisoformat(known_on) if known_on else None,
            engine,
        )
        with forwarded():
            run = run_stages(asked, pipeline(), report)
        return {"run_id": run.run_id, "folder": str(run.folder), "status": run.status}

    return set_budgets


set_budgets = budget_flow()
"""The flow as deployments name it: ``flows/budget_flow.py:set_budgets``."""


@contextmanager
def forwarded() -> Iterator[None]:
    """Send our own log lines to the server too, as long as there is a flow run that they belong to."""
    handler, loggers = APILogHandler(), [logging.getLogger(name) for name in _OUR_LOGGERS]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def run_stages(request: Request, pipeline: Pipeline, report: Report = silent) -> Run:
    """Run a request's stages as tasks of the flow run that this is called in, and publish.

    Raises:
        StoppedRun: a gate stopped the run.
        ConfigurationError: the request cannot be resolved.
    """
    bundle = request.bundle(pipeline.needed)
    pipeline.inspect(bundle)
    name_this_run(bundle.run_id)
    with bundle.store.in_use():
        run = _carried_out(bundle, pipeline, report)
    keep_summary(run)
    tell_of_waivers(run)
    return run


def _carried_out(bundle: Bundle, pipeline: Pipeline, report: Report) -> Run:
    started_at = datetime.now(UTC)
    pace = Pace.of((stage.name for stage in pipeline.stages), bundle.out, bundle.config)
    meter, done = Meter(), list[Plain]()
    try:
        for stage in pipeline.stages:
            done.append(stage_task(stage, bundle, pipeline.gate, pace)(done.copy()))
            report(stage, from_plain(done[-1]))
            meter.show(pace.percent_done(stage.name), pace.left_text(stage.name) or f"{stage.name} is done")
    except RunStopped as stop:
        raise StoppedRun(_published(bundle, pipeline, done, started_at, stop), stop) from None
    return _published(bundle, pipeline, done, started_at)


def _published(
    bundle: Bundle, pipeline: Pipeline, done: list[Plain], started_at: datetime, stop: RunStopped | None = None
) -> Run:
    """Publish what there is; a foreign error may quote rows that a gate set aside, and the server keeps messages."""
    results = [from_plain(plain) for plain in done]
    return discreetly(
        lambda: settle(bundle, pipeline.stages, results, driver="prefect", started_at=started_at, stop=stop),
        "publish",
        bundle.out,
    )


def stage_task(stage: Stage, bundle: Bundle, gate: Gate, pace: Pace | None = None) -> Task[[list[Plain]], Plain]:
    """One stage as a task. Only reading raw files is tried again: the other stages fail the same way twice."""

    def run_stage(before: list[Plain]) -> Plain:
        results = tuple(from_plain(plain) for plain in before)
        try:
            result = discreetly(lambda: execute(stage, bundle, results, gate), stage.name, bundle.out)
        except RunStopped as stop:
            keep_checks(stage.name, stop.checks)
            # a gate's no is no fault of the code: the server shows what failed, not where the code was
            raise stop.with_traceback(None) from None
        get_run_logger().info(line(stage, result, pace))
        keep_checks(stage.name, result.checks)
        return as_plain(result)

    reads_files = stage.name == _READS_RAW_FILES
    return Task(
        fn=run_stage,
        name=stage.name,
        description=stage.about,
        task_run_name=stage.name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=2 if reads_files else 0,
        retry_delay_seconds=[1, 10] if reads_files else None,
        retry_condition_fn=file_trouble if reads_files else None,
    )


def file_trouble(task: Any, task_run: Any, state: Any) -> bool:
    """Whether a task failed because a file or share could not be read just then."""
    return isinstance(state.result(raise_on_failure=False), OSError)
