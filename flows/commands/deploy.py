"""``capitation deploy``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Hand deployments, their work pool and the notifications to the Prefect server that is configured."""
    from flows.deploying import deploy

    done = deploy(Path(arguments.file), arguments.notify)
    lines = [f"  {name}" for name in done.deployments]
    lines += [f"Notified of {', '.join(done.automations)}." if done.automations else "Nobody is notified (--notify)."]
    lines += [f"Start a worker where the runs are to be: prefect worker start --pool {done.pool}"]
    facts = {"status": "done", "deployments": done.deployments, "automations": done.automations, "pool": done.pool}
    return Answer("\n".join(["Deployed", *lines]), facts)
