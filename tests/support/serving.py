"""The page of runs, served for as long as somebody looks at it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from flows.showcase import build_app


@contextmanager
def served(runs: Path) -> Iterator[str]:
    """The address at which a folder of runs is served, on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(build_app(runs), log_level="warning"))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            while not server.started:
                assert serving.is_alive(), "the page of runs could not be served"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            serving.join()
