"""Many localities in one flow run: a task run each, so many at a time as the machine bears.

Every locality is a process of its own (``capitation run --direct``), so that one that fails, or needs all the memory
there is, takes no other with it. Runs share the store of ``out``: what was computed before a failure is kept. The
server hears how a run ended and its folder; the rest of what the command says is for who is told in this process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prefect import Flow, Task, flow, get_run_logger
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

from budget.kernel.errors import CapitationError

TAG = "capitation-locality"
"""Of every task run, so that a server may limit how many run at once over all its flow runs."""

_NO_ANSWER = 3


@dataclass(frozen=True)
class Outcome:
    """How the run of a locality ended.

    Attributes:
        locality: as it was named.
        exit_status: of the command; that of an internal error where it was killed.
        seconds: how long it took.
        said: the facts that the command printed; only a status where it printed none.
    """

    locality: str
    exit_status: int
    seconds: float
    said: Mapping[str, Any]

    def known(self) -> dict[str, str]:
        """What the server may know: the status, the run and its folder."""
        return {name: str(self.said[name]) for name in ("status", "run_id", "run") if name in self.said}


Told = Callable[[Outcome], None]


class SomeFailed(CapitationError):
    """Not every locality has a complete run."""


def many_flow(at_a_time: int = 2, report: Told = lambda _: None) -> Flow[..., list[dict[str, str]]]:
    """The flow, with someone who is told of every locality.

    Args:
        at_a_time: how many localities run at once; each takes up to DuckDB's limit of memory.
        report: told of every locality when its run has ended; in the process of the flow run.
    """
    # threads only wait for processes
    runner: Any = ThreadPoolTaskRunner(max_workers=at_a_time)

    @flow(name="many-localities", persist_result=False, task_runner=runner)
    def many(configs: list[str], out: str = "runs", engine: str = "duckdb") -> list[dict[str, str]]:
        """Set the budgets of many localities, each in a task run of its own.

        Args:
            configs: localities, each by its YAML, its name, or a folder with a run.yaml.
            out: where run folders go.
            engine: what runs the stages that read rows of people, duckdb or spark.

        Raises:
            SomeFailed: a locality was stopped by a gate or failed; the others have run.
        """
        runs = _Runs(report)
        locality = _task(runs)
        try:
            futures = [locality.submit(config, out, engine) for config in configs]
            wait(futures)
        finally:
            runs.end()
        failed = [config for config, future in zip(configs, futures, strict=True) if not future.state.is_completed()]
        if failed:
            raise SomeFailed(f"{len(failed)} of {len(configs)} localities have no complete run: {', '.join(failed)}.")
        return [future.result() for future in futures]

    return many


many = many_flow()
"""The flow as deployments name it: ``flows/many_flow.py:many``."""


@dataclass
class _Runs:
    """The processes of a flow run; those that still run are ended with it."""

    report: Told
    going_on: list[subprocess.Popen[str]] = field(default_factory=list)

    def carry_out(self, config: str, out: str, engine: str) -> Outcome:
        """Run a locality, and wait for it."""
        words = [*command_of(), "run", config, "--direct", "--quiet", "--json", "--engine", engine, "--out", out]
        started = time.monotonic()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            self.going_on.append(process)
            printed, _ = process.communicate()
            self.going_on.remove(process)
        status = process.returncode if process.returncode >= 0 else _NO_ANSWER
        outcome = Outcome(config, status, time.monotonic() - started, _facts(printed))
        self.report(outcome)
        return outcome

    def end(self) -> None:
        """End what still runs, kindly: it stops what it has started."""
        for process in self.going_on:
            process.terminate()


def _task(runs: _Runs) -> Task[[str, str, str], dict[str, str]]:
    """The run of one locality as a task."""

    def run_locality(config: str, out: str, engine: str) -> dict[str, str]:
        outcome = runs.carry_out(config, out, engine)
        known = outcome.known()
        get_run_logger().info("%s: %s", config, known.get("run", known["status"]))
        if outcome.exit_status:
            ended = f"{known['status']}, exit status {outcome.exit_status}; {known.get('run', 'no run')}"
            raise SomeFailed(f"{config}: {ended}")
        return known

    return Task(
        fn=run_locality,
        name="locality",
        tags=[TAG],
        task_run_name="{config}",
        cache_policy=NO_CACHE,
        persist_result=False,
    )


def command_of() -> tuple[str, ...]:
    """How the command line is started."""
    return (sys.executable, "-m", "flows.cli")


def _facts(printed: str) -> dict[str, Any]:
    """The object that a run prints."""
    try:
        facts: dict[str, Any] = json.loads(printed)
    except json.JSONDecodeError:
        return {"status": "no answer"}
    return facts
