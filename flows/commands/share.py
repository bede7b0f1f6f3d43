"""``capitation share``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from budget.kernel.errors import RunStopped
from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Write what others may have of a run: its main tables with small numbers hidden, and nothing that tells them."""
    from flows.sharing import share

    try:
        done = share(Path(arguments.run), Path(arguments.out))
    except RunStopped as stop:
        lines = ["Nothing is shared: a reader could work out small numbers.", ""]
        lines += [failure.sentence() for failure in stop.failures]
        failed = [check.as_dict() for check in stop.failures]
        return Answer("\n".join(lines), {"status": "stopped", "stage": stop.stage, "failures": failed}, status=1)
    return Answer("\n".join(done.lines()), done.facts())
