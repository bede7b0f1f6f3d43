"""``capitation sensitivity``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Say what every assumption moves that states a range: at its low and at its high, by place and in total."""
    from budget.audit.folder import Run
    from flows.files import out_file
    from flows.pipeline import Pipeline
    from flows.progress import progress
    from flows.sensing import sense
    from flows.sides import Again

    out = out_file(arguments.out) if arguments.out else None
    run = Run.open(Path(arguments.run)).complete()
    with progress(quiet=arguments.quiet) as report:
        sensed = sense(run, arguments.year, Again(Pipeline.of(), report))
    lines = list(sensed.lines())
    if out:
        sensed.write(out)
        lines += ["", f"Written to {out}"]
    return Answer("\n".join(lines), sensed.facts() | {"out": arguments.out})
