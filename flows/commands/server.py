"""``capitation server``."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Become the Prefect server of schedules, with its pages, until interrupted."""
    from flows.server import standing_settings

    home = Path(arguments.home).resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = standing_settings(home, arguments.port)
    url = settings["PREFECT_UI_API_URL"]
    said = f"{url.removesuffix('/api')} shows schedules and runs; elsewhere: export PREFECT_API_URL={url}"
    print(said, file=sys.stderr, flush=True)
    os.execve(sys.executable, [sys.executable, "-m", "prefect", "server", "start"], os.environ | settings)
