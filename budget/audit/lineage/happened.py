"""A run as it happened: what its events and its picture are made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from budget.audit.lineage.amounts import ReadFile, rows_of_files
from budget.audit.lineage.columns import Traced
from budget.audit.lineage.traced import traced_of
from budget.bundle import Bundle
from budget.kernel.checks import CheckResult
from budget.runner import StageResult
from budget.stage import Stage
from budget.store import TableRef


@dataclass(frozen=True)
class Done:
    """A stage that was begun: what it gave, and when.

    Attributes:
        stage: the stage.
        result: what it gave; None where it stopped the run before it gave anything.
        begun_at: when it began.
        ended_at: when it ended.
    """

    stage: Stage
    result: StageResult | None
    begun_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Happened:
    """A run, complete or stopped.

    Attributes:
        bundle: what it was given.
        stages: the pipeline.
        results: what each stage gave, in order; fewer than all where a gate stopped the run.
        started_at: when it began.
        refused: checks of a stage that stopped the run before it gave anything.
        stopped_at: the stage that stopped the run; None where it is complete.
    """

    bundle: Bundle
    stages: Sequence[Stage]
    results: Sequence[StageResult]
    started_at: datetime
    refused: tuple[CheckResult, ...] = ()
    stopped_at: str | None = None

    @cached_property
    def tables(self) -> dict[str, TableRef]:
        """Every table that a stage wrote, and those of an earlier run that stages could read."""
        earlier = dict(self.bundle.previous.tables) if self.bundle.previous else {}
        return earlier | {ref.name: ref for result in self.results for ref in result.tables}

    @cached_property
    def files(self) -> dict[str, ReadFile]:
        """The input files, by identifier."""
        return rows_of_files(self.bundle.files, self.tables)

    @property
    def done(self) -> Iterator[Done]:
        """The stages that were begun; times are the run's start and the seconds of its record."""
        given = {result.stage: result for result in self.results}
        begins = self.started_at
        for stage in self.stages:
            result = given.get(stage.name)
            if result is None and stage.name != self.stopped_at:
                return
            ends = begins + timedelta(seconds=round(result.seconds, 3) if result else 0)
            yield Done(stage, result, begins, ends)
            begins = ends

    def checks(self, done: Done) -> tuple[CheckResult, ...]:
        """What the gate of a stage found."""
        return done.result.checks if done.result else self.refused

    def failures(self, done: Done) -> tuple[CheckResult, ...]:
        """The checks that stopped the run at a stage; warnings that nobody answered for, where no check failed."""
        if done.stage.name != self.stopped_at:
            return ()
        checks = self.checks(done)
        return tuple(check for check in checks if check.stops) or tuple(check for check in checks if check.is_open)

    def reads(self, stage: Stage) -> tuple[TableRef, ...]:
        """The tables that a stage read."""
        return tuple(self.tables[name] for name in (*stage.reads, *stage.may_read) if name in self.tables)

    def columns(self, done: Done) -> dict[str, Traced]:
        """Where the columns of a stage's tables come from, as far as its SQL tells."""
        if done.result is None:
            return {}
        return traced_of(self.bundle.store, done.result, {ref.name for ref in self.reads(done.stage)})
