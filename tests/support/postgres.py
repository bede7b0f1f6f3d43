"""A PostgreSQL of Debian's packages for the length of some tests, in a folder of its own, on the loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

_SECONDS = 30


def programs() -> Path | None:
    """Where the newest PostgreSQL of this machine has its programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres(programs: Path) -> Iterator[str]:
    """Start one; the address of its database as Prefect takes it."""
    home = Path(mkdtemp(prefix="postgres-"))
    # PostgreSQL does not run as root
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(home, user)
    data, port = home / "data", free_port()
    server = None
    try:
        initdb = [programs / "initdb", "-D", data, "-U", "prefect", "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(initdb, user=user, cwd=home, check=True, capture_output=True)
        settings = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "fsync=off")
        words = [word for setting in settings for word in ("-c", setting)]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *words], user=user, cwd=home, stderr=subprocess.DEVNULL
        )
        _wait(programs, port)
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
    finally:
        if server:
            server.terminate()
            server.wait(_SECONDS)
        shutil.rmtree(home, ignore_errors=True)


def may_run() -> bool:
    """Whether there is a user that it may run as."""
    return os.getuid() != 0 or any(entry.pw_name == "postgres" for entry in pwd.getpwall())


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(programs: Path, port: int) -> None:
    deadline = time.monotonic() + _SECONDS
    ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL does not answer")
        time.sleep(0.1)
