"""``capitation uncertainty``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Say how far budgets may lie off: P10 and P90 by place and in total, every range of the assumptions drawn."""
    from budget.audit.folder import Run
    from flows.files import out_file
    from flows.pipeline import Pipeline
    from flows.progress import progress
    from flows.ranging import range_budgets
    from flows.sides import Again

    out = out_file(arguments.out) if arguments.out else None
    run = Run.open(Path(arguments.run)).complete()
    with progress(quiet=arguments.quiet) as report:
        again = Again(Pipeline.of(), report)
        told = range_budgets(run, arguments.year, arguments.draws, arguments.seed, again)
    lines = list(told.lines())
    if out:
        told.write(out)
        lines += ["", f"Written to {out}"]
    return Answer("\n".join(lines), told.facts() | {"out": arguments.out})
