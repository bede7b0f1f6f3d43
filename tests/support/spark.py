"""A Spark cluster of this machine: a master and workers on loopback, from the installed package."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HAS_SPARK = find_spec("pyspark") is not None
HAS_JAVA = bool(shutil.which("java") or os.environ.get("JAVA_HOME"))

_LOOPBACK = "127.0.0.1"
_SECONDS_TO_START = 90.0
# the quick compiler and the plain collector, as others would not pay for themselves in two minutes
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# few rows need no plan that is made anew while it runs
_DEFAULTS = f"""\
spark.sql.shuffle.partitions 2
spark.sql.adaptive.enabled false
spark.executor.memory 1g
spark.executor.extraJavaOptions {_QUICK} -XX:+ExitOnOutOfMemoryError
spark.driver.extraJavaOptions {_QUICK} -XX:+ExitOnOutOfMemoryError
"""


@dataclass
class Standalone:
    """A cluster that runs.

    Attributes:
        master: its address, as Spark writes it.
        environment: what the process of a session needs: the loopback address, and settings for few rows.
        workers: its workers, each the head of a process group that holds its executors.
    """

    master: str
    environment: dict[str, str]
    workers: list[subprocess.Popen[bytes]]

    def kill_a_worker(self) -> None:
        """End a worker and its executors with no warning, as a machine that fails does."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextmanager
def standalone(folder: Path, workers: int = 2) -> Iterator[Standalone]:
    """A master and workers with one core each; they end with the block."""
    port = _free_port()
    master = f"spark://{_LOOPBACK}:{port}"
    (folder / "conf").mkdir(parents=True)
    (folder / "conf/spark-defaults.conf").write_text(_DEFAULTS, encoding="utf-8")
    environment = {"SPARK_LOCAL_IP": _LOOPBACK, "SPARK_CONF_DIR": str(folder / "conf")}
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *words: str) -> None:
        started.append(_daemon(folder, environment, f"{kind}.{kind.title()}", [*words, "--webui-port", "0"]))

    try:
        start("master", "--host", _LOOPBACK, "--port", str(port))
        size = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work"))
        for _ in range(workers):
            start("worker", master, "--host", _LOOPBACK, *size)
        _wait_for(folder / "master.Master.log", "Registering worker", workers, started)
        yield Standalone(master, environment, started[1:])
    finally:
        for process in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _daemon(folder: Path, environment: dict[str, str], name: str, words: list[str]) -> subprocess.Popen[bytes]:
    import pyspark

    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *words]
    daemon = {"SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": _QUICK}
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command, env=os.environ | environment | daemon, stdout=log, stderr=log, start_new_session=True
        )


def _wait_for(log: Path, sentence: str, times: int, started: list[subprocess.Popen[bytes]]) -> None:
    patience = time.monotonic() + _SECONDS_TO_START
    while log.read_text(encoding="utf-8").count(sentence) < times:
        if time.monotonic() > patience or any(process.poll() is not None for process in started):
            raise AssertionError(f"Spark did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_LOOPBACK, 0))
        return int(listener.getsockname()[1])
