"""Which cluster an engine's name asks for, and what is said where there is none."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from budget.engine import cluster
from budget.engine.cluster import MASTER, Cluster, cluster_of
from budget.kernel.errors import ConfigurationError

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark is there, and no session of it is running."""
    monkeypatch.delenv(MASTER, raising=False)
    monkeypatch.setattr(cluster, "find_spec", lambda name: name)
    monkeypatch.setattr(cluster, "_running", lambda: None)


def test_duckdb_needs_none() -> None:
    assert cluster_of("duckdb") is None


def test_no_other_engine_is_known() -> None:
    with pytest.raises(ConfigurationError, match="--engine dask: there is no such engine; known: duckdb, spark"):
        cluster_of("dask")


def test_spark_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="pyspark is not installed(.|\n)*extra `spark`"):
        cluster_of("spark")


def test_without_a_master_and_a_session_there_is_none() -> None:
    with pytest.raises(ConfigurationError, match=f"{MASTER}=spark://host:7077"):
        cluster_of("spark")


def test_a_running_session_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_running", lambda: "a session")
    assert cluster_of("spark") == Cluster(None)


def test_work_never_goes_to_a_session_on_another_master(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    running = SimpleNamespace(sparkContext=SimpleNamespace(master="spark://there:7077"))
    monkeypatch.setattr(cluster, "_running", lambda: running)
    pytest.importorskip("pyspark", reason="needs pyspark (requirements-spark.lock)")
    for named in ("spark://there:7077", None):
        assert Cluster(named).session(tmp_path) is running
    with pytest.raises(ConfigurationError, match="names spark://here:7077, and a Spark session on another master"):
        Cluster("spark://here:7077").session(tmp_path)


@pytest.mark.parametrize("master", ["spark://127.0.0.1:{port}", "spark://127.0.0.1:1,127.0.0.1:{port}", "local[2]"])
def test_a_master_that_answers_is_the_cluster(monkeypatch: pytest.MonkeyPatch, master: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        named = master.format(port=server.getsockname()[1])
        monkeypatch.setenv(MASTER, named)
        assert cluster_of("spark") == Cluster(named)


@pytest.mark.parametrize("master", ["spark://127.0.0.1:{port}", "spark://127.0.0.1", "spark://"])
def test_a_master_that_does_not_answer_is_told_at_once(monkeypatch: pytest.MonkeyPatch, master: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv(MASTER, master.format(port=port))
    with pytest.raises(ConfigurationError, match="no Spark master answers"):
        cluster_of("spark")
