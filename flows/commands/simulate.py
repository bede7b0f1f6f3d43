"""``capitation simulate``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Put the activity of a run under every form, and say what each party gains, loses and may lose."""
    from budget.audit.folder import Run
    from flows.simulated import folder_for
    from flows.simulating import Wanted, simulate_run

    run = Run.open(Path(arguments.run)).complete()
    wanted = Wanted.of(arguments)
    target = folder_for(run, wanted, arguments.out)
    told = simulate_run(run, wanted)
    folder = told.write(target)
    lines = [*told.lines(), "", f"Tables and page in {folder}"]
    return Answer("\n".join(lines), told.facts() | {"out": str(folder)})
