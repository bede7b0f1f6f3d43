"""The Spark cluster of a run: the session that is running, or a master that the environment names."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from budget.kernel.errors import ConfigurationError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "CAPITATION_SPARK_MASTER"

_SECONDS_TO_ANSWER = 5.0
_SETTINGS = {
    "spark.app.name": "capitation",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # the plans of rules that are compiled to long CASEs do not fit into Spark's own gigabyte
    "spark.driver.memory": "2g",
    # what Spark logs of a failed cast quotes the value
    "spark.log.level": "OFF",
    "spark.executor.syncLogLevel.enabled": "true",
}


ENGINES = ("duckdb", "spark")
"""The engines of stages that read rows of people."""


def cluster_of(engine: str) -> Cluster | None:
    """The cluster that an engine's name asks for; none for DuckDB, which runs in this process.

    Raises:
        ConfigurationError: there is no such engine, or no cluster.
    """
    if engine not in ENGINES:
        raise ConfigurationError(f"--engine {engine}: there is no such engine; known: {', '.join(ENGINES)}.")
    return Cluster.find() if engine == "spark" else None


@dataclass(frozen=True)
class Cluster:
    """Where person-level work goes.

    Attributes:
        master: a master as Spark writes it (``spark://host:7077``); None for the session that is running.
    """

    master: str | None

    @classmethod
    def find(cls) -> Cluster:
        """The cluster of this process: the one that the environment names, else the session that is running.

        Raises:
            ConfigurationError: Spark is not installed, there is no cluster, or no master answers.
        """
        if find_spec("pyspark") is None:
            raise ConfigurationError(
                "--engine spark: pyspark is not installed.\n"
                "  mend: install the product with its extra `spark`, or leave --engine out"
            )
        master = os.environ.get(MASTER)
        if not master and _running() is None:
            raise ConfigurationError(
                f"--engine spark: there is no cluster; {MASTER} is not set, and no Spark session is running.\n"
                f"  mend: {MASTER}=spark://host:7077, or leave --engine out"
            )
        if master:
            _refuse_silence(master)
        return cls(master or None)

    def session(self, scratch: Path) -> SparkSession:
        """The session that is running, or a new one on the master; it lives as long as the process.

        Args:
            scratch: folder of this machine for what Spark leaves beside its work.

        Raises:
            ConfigurationError: a session on another master is running in this process.
        """
        from pyspark.sql import SparkSession

        running = _running()
        if running is not None:
            if self.master and running.sparkContext.master != self.master:
                raise ConfigurationError(
                    f"{MASTER} names {self.master}, and a Spark session on another master is running.\n"
                    "  mend: stop it, or leave the variable out to use it"
                )
            return running
        settings: dict[str, bool | float | int | str | None] = {**_SETTINGS}
        settings["spark.sql.warehouse.dir"] = str(scratch / "warehouse")
        return SparkSession.builder.master(str(self.master)).config(map=settings).getOrCreate()


def _running() -> SparkSession | None:
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    try:
        return SparkSession.active()
    except PySparkRuntimeError:
        return None


def _refuse_silence(master: str) -> None:
    """Spark itself would ask a master that is not there for a minute, and then fail with a trace."""
    scheme, _, addresses = master.partition("://")
    if scheme != "spark":
        return
    if not any(_answers(urlsplit(f"//{address}")) for address in addresses.split(",")):
        raise ConfigurationError(
            f"{MASTER}: no Spark master answers at {master}.\n  mend: start it, name another, or leave --engine out"
        )


def _answers(address: SplitResult) -> bool:
    host, port = address.hostname, address.port
    if not host or not port:
        return False
    try:
        with socket.create_connection((host, port), timeout=_SECONDS_TO_ANSWER):
            return True
    except OSError:
        return False
