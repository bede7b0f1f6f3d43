"""Stages and their gate, wired: the same for direct runs and for Prefect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from budget.audit.folder import Run, publish
from budget.audit.lineage.happened import Happened
from budget.audit.manifest import Status
from budget.bundle import Bundle
from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped
from budget.runner import GateStopped, StageResult
from budget.stage import Gate, Stage
from expectations.thresholds import wants_data_docs
from flows.lineage import deliver, lineage_files
from flows.warm_up import warm_up

Report = Callable[[Stage, StageResult], None]
"""Told of every stage when it is done."""


def silent(stage: Stage, result: StageResult) -> None:
    """Report nothing."""


class StoppedRun(RunStopped):
    """A gate stopped the run, and what there is of it was published.

    Args:
        run: the run folder, marked ``stopped``.
        stop: what stopped it.
    """

    def __init__(self, run: Run, stop: RunStopped) -> None:
        super().__init__(stop.stage, stop.failures, stop.checks)
        self.run = run


@dataclass(frozen=True)
class Pipeline:
    """What a driver needs to run: stages in order, who judges them, which assumptions they need."""

    stages: tuple[Stage, ...]
    gate: Gate
    needed: tuple[str, ...] = ()

    @classmethod
    def of(cls) -> Pipeline:
        """The product's own stages, with their gates warming up while the first of them computes."""
        warm_up()
        from budget.pipeline import STAGES, needed_assumptions
        from expectations.gate import GreatExpectationsGate

        return cls(STAGES, GreatExpectationsGate(), needed_assumptions())

    def inspect(self, bundle: Bundle) -> tuple[CheckResult, ...]:
        """Let every stage look at the plan before anything is computed.

        Returns:
            What they have to say of the rules that the locality wrote.

        Raises:
            ConfigurationError: a stage cannot work by what the locality wrote, or a waiver is of no warning.
        """
        bundle.waivers.check(self.gate.severities())
        inputs = frozenset(bundle.raw_files)
        return tuple(
            check
            for stage in self.stages
            if stage.inspect is not None
            for check in stage.inspect(bundle.plan, bundle.assumptions.only(stage.assumes), inputs)
        )


def settle(
    bundle: Bundle,
    stages: Sequence[Stage],
    results: Sequence[StageResult],
    *,
    driver: str,
    started_at: datetime,
    stop: RunStopped | None = None,
) -> Run:
    """Publish the folder of a run that went through, or of one that a gate stopped.

    Args:
        stages: the pipeline, for the lineage.
        results: what each stage gave.
        driver: ``direct`` or ``prefect``.
        stop: what stopped the run, if something did.
    """
    refused = (stop.result,) if isinstance(stop, GateStopped) else ()
    done = (*results, *refused)
    unjudged: tuple[CheckResult, ...] = stop.checks if stop and not refused else ()
    status: Status = "stopped" if stop else "complete"
    checks = (*(check for result in done for check in result.checks), *unjudged)
    happened = Happened(bundle, stages, done, started_at, unjudged, stop.stage if stop else None)
    files = {"gates/report.html": gate_report(bundle, checks, done), **lineage_files(happened)}
    if wants_data_docs(bundle.plan.gates):
        files["gates/data_docs"] = data_docs(bundle, stages, done)
    run = publish(
        bundle,
        stages,
        done,
        status=status,
        driver=driver,
        started_at=started_at,
        failed_checks=unjudged,
        extra_files=files,
    )
    deliver(run)
    return run


def gate_report(
    bundle: Bundle, checks: Sequence[CheckResult], results: Sequence[StageResult]
) -> Callable[[Path], None]:
    """What writes the page on which every check of the run stands, and beside it whose records failed them."""

    def write(path: Path) -> None:
        from expectations.quarantine import write_quarantine
        from expectations.report import write_gate_report

        plan, tables = bundle.plan, {ref.name: ref.path for result in results for ref in result.tables}
        aside = write_quarantine(checks, tables, bundle.engine, plan, path.parent / "quarantine")
        write_gate_report(checks, path, title=plan.title, notice=plan.notice, waivers=bundle.waivers, aside=aside)

    return write


def data_docs(bundle: Bundle, stages: Sequence[Stage], results: Sequence[StageResult]) -> Callable[[Path], None]:
    """What writes the Data Docs of every gate that was asked, in a folder of their own."""

    def write(folder: Path) -> None:
        from expectations.client import describe
        from expectations.gate import GreatExpectationsGate

        gate, heard = GreatExpectationsGate(), []
        tables = {ref.name: ref.path for ref in (bundle.previous.tables.values() if bundle.previous else ())}
        for stage, result in zip(stages, results, strict=False):
            tables |= {ref.name: ref.path for ref in result.tables}
            with bundle.engine(tables) as engine:
                heard.append(gate.heard(stage.gate, tables, engine, bundle.plan))
        describe([one for one in heard if one["expectations"]], folder, bundle.plan.title)

    return write
