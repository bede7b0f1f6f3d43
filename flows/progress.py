"""A line a stage on stderr while a run goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from budget.runner import StageResult
from budget.stage import Stage
from flows.pipeline import Report, silent


@contextmanager
def progress(*, quiet: bool) -> Iterator[Report]:
    """Who is told of every stage; on a terminal a clock turns until the next one is done."""
    if quiet:
        yield silent
    elif not sys.stderr.isatty():
        yield _print_line
    else:
        from rich.console import Console

        console = Console(stderr=True, highlight=False)
        with console.status("running"):
            yield lambda stage, result: console.print(line(stage, result), markup=False)


def line(stage: Stage, result: StageResult) -> str:
    """What there is to say of a stage that is done."""
    warned = sum(check.is_open for check in result.checks)
    asked = len(result.checks)
    checks = f"{asked} check{'' if asked == 1 else 's'}" + (f", {warned} warned" if warned else "")
    how = "unchanged, from the store" if result.reused else "computed"
    return f"  {stage.name:<13} {result.seconds:6.1f} s  {how:<25}  {checks}"


def _print_line(stage: Stage, result: StageResult) -> None:
    print(line(stage, result), file=sys.stderr, flush=True)
