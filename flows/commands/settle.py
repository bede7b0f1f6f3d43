"""``capitation settle``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Settle a quarter or the year: list changes, shares of gain and loss, pools, statements, the shadow year."""
    from budget.audit.folder import Run
    from flows.settled import Told
    from flows.settling import settle_run

    run = Run.open(Path(arguments.run)).complete()
    after = Path(arguments.after) if arguments.after else None
    told = Told(settle_run(run, Path(arguments.actuals), arguments.quarter, after))
    beside = Path(arguments.out) if arguments.out else run.folder.parent
    beside.mkdir(parents=True, exist_ok=True)
    folder = told.write(beside / told.folder_name())
    lines = [*told.lines(), "", f"Settlement   {folder}", f"Page         {folder / 'settlement.html'}"]
    return Answer("\n".join(lines), told.facts() | {"out": str(folder)})
