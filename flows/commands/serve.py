"""``capitation serve``."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from flows.answer import Answer
from flows.interruption import Interrupted


def command(arguments: Namespace) -> Answer:
    """Show runs on 127.0.0.1 until interrupted."""
    import uvicorn

    from budget.audit.folder import Run
    from flows.showcase import build_app

    run = Run.open(Path(arguments.run)) if arguments.run else None
    folder = run.folder.parent if run else Path(arguments.runs)
    app = build_app(folder)
    page = f"runs/{run.folder.name}/report" if run else ""
    print(
        f"http://127.0.0.1:{arguments.port}/{page} shows {folder.resolve()}; Ctrl-C ends it",
        file=sys.stderr,
        flush=True,
    )
    with suppress(Interrupted):
        uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")
    return Answer("", {"status": "ended"})
