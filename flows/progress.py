"""How a run goes on, on stderr: a bar on a terminal, a line a stage elsewhere, nothing when asked to be quiet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from budget.runner import StageResult
from budget.stage import Stage
from flows.pace import Pace
from flows.pipeline import Report, silent


@contextmanager
def progress(*, quiet: bool, pace: Pace | None = None) -> Iterator[Report]:
    """Who is told of every stage.

    Args:
        quiet: nobody is.
        pace: the stages that there will be and how long they took before; without it a clock turns, and no more.
    """
    if quiet:
        yield silent
    elif not sys.stderr.isatty():
        yield lambda stage, result: print(line(stage, result, pace), file=sys.stderr, flush=True)
    elif pace is None:
        yield from _clock()
    else:
        yield from _bar(pace)


def line(stage: Stage, result: StageResult, pace: Pace | None = None) -> str:
    """What there is to say of a stage that is done."""
    warned = sum(check.is_open for check in result.checks)
    asked = len(result.checks)
    checks = f"{asked} check{'' if asked == 1 else 's'}" + (f", {warned} warned" if warned else "")
    how = "unchanged, from the store" if result.reused else "computed"
    rows = sum(ref.rows for ref in result.tables)
    said = f"  {stage.name:<13} {result.seconds:6.1f} s  {how:<25}  {rows:>12,} rows  {checks}"
    left = pace.left_text(stage.name) if pace else ""
    return f"{said}; {left}" if left else said


def _clock() -> Iterator[Report]:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with console.status("running"):
        yield lambda stage, result: console.print(line(stage, result), markup=False)


def _bar(pace: Pace) -> Iterator[Report]:
    """A bar with the stage that is computed, how many there are, and about how long they will take."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_doing(pace, 0, ""), total=100)

        def report(stage: Stage, result: StageResult) -> None:
            console.print(line(stage, result), markup=False)
            doing = _doing(pace, pace.number(stage.name), pace.left_text(stage.name))
            bar.update(task, completed=pace.percent_done(stage.name), description=doing)

        yield report


def _doing(pace: Pace, done: int, left: str) -> str:
    """What is being done after so many stages."""
    if done == len(pace.stages):
        return "publishing"
    said = f"{pace.stages[done]}, stage {done + 1} of {len(pace.stages)}"
    return f"{said}; {left}" if left else said
