"""``capitation serve``."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from flows.answer import Answer
from flows.interruption import Interrupted


def command(arguments: Namespace) -> Answer:
    """Show runs until interrupted: on this machine, or elsewhere to those who have the token that is printed once."""
    import uvicorn

    from budget.audit.folder import Run
    from flows.access import is_local, new_token
    from flows.showcase import build_app

    run = Run.open(Path(arguments.run)) if arguments.run else None
    folder = run.folder.parent if run else Path(arguments.runs)
    token = None if is_local(arguments.host) else new_token()
    page = f"runs/{run.folder.name}/report" if run else ""
    asked = f"?token={token}" if token else ""
    print(
        f"http://{arguments.host}:{arguments.port}/{page}{asked} shows {folder.resolve()}; Ctrl-C ends it",
        file=sys.stderr,
        flush=True,
    )
    with suppress(Interrupted):
        # no log of addresses, one of which holds the token
        uvicorn.run(
            build_app(folder, token), host=arguments.host, port=arguments.port, log_level="warning", access_log=False
        )
    return Answer("", {"status": "ended"})
