"""``prefect server start`` that ends with the command it serves; run as ``python -m flows.server_process``."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

_SECONDS_TO_STOP = 10.0


def main() -> None:
    """Serve until asked to stop, or until the other end of standard input is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["prefect", "server", "start"]
    runpy.run_module("prefect", run_name="__main__")


def _end_with_parent() -> None:
    """Standard input stays silent; it ends when the command that holds the pipe has ended, even if killed."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_SECONDS_TO_STOP)
    os._exit(1)


if __name__ == "__main__":
    main()
