"""Many localities in one flow run: a task run each, so many at a time as the machine bears.

    python -m flows.many_flow CONFIG ... [--out DIR] [--at-a-time N]

Every locality is a process of its own (``capitation run --direct``), so that one that fails, or needs all the memory
there is, takes no other with it. Runs share the store of ``out``: what was computed before a failure is kept. Only the
path of a run and how it ended come back; they are all that the server hears.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from prefect import Flow, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

from budget.kernel.errors import CapitationError
from flows.server import configured_url

TAG = "capitation-locality"
"""Of every task run, so that a server may limit how many run at once over all its flow runs."""

Outcome = dict[str, str]


class SomeFailed(CapitationError):
    """Not every locality has a complete run."""


def many_flow(at_a_time: int = 2) -> Flow[..., list[Outcome]]:
    """The flow, with how many localities run at once; each takes up to DuckDB's limit of memory."""
    # threads only wait for processes
    runner: Any = ThreadPoolTaskRunner(max_workers=at_a_time)

    @flow(name="many-localities", persist_result=False, task_runner=runner)
    def many(configs: list[str], out: str = "runs", engine: str = "duckdb") -> list[Outcome]:
        """Set the budgets of many localities, each in a task run of its own.

        Args:
            configs: localities, each by its YAML, its name, or a folder with a run.yaml.
            out: where run folders go.
            engine: what runs the stages that read rows of people, duckdb or spark.

        Raises:
            SomeFailed: a locality was stopped by a gate or failed; the others have run.
        """
        futures = [_one.submit(config, out, engine) for config in configs]
        wait(futures)
        failed = [config for config, future in zip(configs, futures, strict=True) if not future.state.is_completed()]
        if failed:
            raise SomeFailed(f"{len(failed)} of {len(configs)} localities have no complete run: {', '.join(failed)}.")
        return [future.result() for future in futures]

    return many


many = many_flow()
"""The flow as deployments name it: ``flows/many_flow.py:many``."""


@task(name="locality", tags=[TAG], task_run_name="{config}", cache_policy=NO_CACHE, persist_result=False)
def _one(config: str, out: str, engine: str) -> Outcome:
    command = [*command_of(), "run", config, "--direct", "--quiet", "--json", "--engine", engine, "--out", out]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    outcome = _outcome(done.stdout)
    get_run_logger().info("%s: %s", config, outcome.get("run", outcome["status"]))
    if done.returncode:
        raise SomeFailed(
            f"{config}: {outcome['status']}, exit status {done.returncode}; {outcome.get('run', 'no run')}"
        )
    return outcome


def command_of() -> tuple[str, ...]:
    """How the command line is started."""
    return (sys.executable, "-m", "flows.cli")


def _outcome(printed: str) -> Outcome:
    """How a run ended, and its folder; nothing else of what the command says goes to the server."""
    try:
        said = json.loads(printed)
    except json.JSONDecodeError:
        return {"status": "no answer"}
    return {name: str(said[name]) for name in ("status", "run_id", "run") if name in said}


def main(words: Sequence[str]) -> None:
    """Run the flow from the command line, on the server that is configured."""
    parser = argparse.ArgumentParser(prog="python -m flows.many_flow", description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+", metavar="CONFIG")
    parser.add_argument("--out", default="runs", metavar="DIR")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--at-a-time", type=int, default=2, metavar="N")
    asked = parser.parse_args(words)
    if not configured_url():
        parser.error("no Prefect server is configured: set PREFECT_API_URL to one that stands")
    try:
        outcomes = many_flow(asked.at_a_time)(asked.configs, asked.out, asked.engine)
    except SomeFailed as failed:
        sys.exit(str(failed))
    print(json.dumps(outcomes, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
