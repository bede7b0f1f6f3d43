"""OpenLineage events of a run: the run as parent, every stage, and every gate as a job of its own."""

from __future__ import annotations

import importlib.metadata
import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from budget.audit.lineage import facets
from budget.audit.lineage.datasets import Datasets
from budget.audit.lineage.happened import Done, Happened

NAMESPACE = "capitation"

Event = dict[str, Any]


def write_events(happened: Happened, path: Path) -> None:
    """Write the events of a run, one JSON object a line, in the order in which things happened."""
    lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events(happened))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def events(happened: Happened) -> Iterator[Event]:
    """The events of a run; the same run and record give the same events."""
    done = tuple(happened.done)
    whole = _Told(happened, Datasets(happened))
    ended = done[-1].ended_at if done else happened.started_at
    yield whole.event("START", happened.started_at, "run")
    for each in done:
        yield from whole.stage(each)
        yield from whole.gate(each)
    why = _sentences([check for each in done for check in happened.failures(each)])
    stopped = {"errorMessage": facets.error(why)} if happened.stopped_at else {}
    yield whole.event("FAIL" if happened.stopped_at else "COMPLETE", ended, "run", run=stopped)


class _Told:
    """Writes events about one run."""

    def __init__(self, happened: Happened, datasets: Datasets) -> None:
        self._happened, self._datasets = happened, datasets
        self._locality = happened.bundle.plan.locality
        self._run_id = _identifier(happened.bundle.run_id, "run")

    def stage(self, done: Done) -> Iterator[Event]:
        """A stage begins with what it reads, and ends with what it wrote."""
        name, inputs = done.stage.name, self._datasets.inputs(done)
        yield self.event("START", done.begun_at, name, inputs=inputs)
        if done.result is None:
            said = {"errorMessage": facets.error(_sentences(self._happened.refused))}
            yield self.event("FAIL", done.ended_at, name, run=said, inputs=inputs)
        else:
            yield self.event("COMPLETE", done.ended_at, name, inputs=inputs, outputs=self._datasets.outputs(done))

    def gate(self, done: Done) -> Iterator[Event]:
        """A gate reads tables and says what it found of them."""
        checks = self._happened.checks(done)
        by_table = groupby(sorted(checks, key=lambda check: check.table), key=lambda check: check.table)
        inputs = [self._datasets.judged(table, tuple(found)) for table, found in by_table]
        stopped = self._happened.failures(done)
        name, said = f"{done.stage.gate}.gate", {"errorMessage": facets.error(_sentences(stopped))} if stopped else {}
        yield self.event("START", done.ended_at, name)
        yield self.event("FAIL" if stopped else "COMPLETE", done.ended_at, name, run=said, inputs=inputs)

    def event(
        self,
        kind: str,
        at: datetime,
        job: str,
        *,
        run: dict[str, Any] | None = None,
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
    ) -> Event:
        """One event; ``job`` is ``run``, a stage, or a stage's gate."""
        whole = job == "run"
        of = {} if whole else {"parent": facets.parent(self._run_id, NAMESPACE, f"{self._locality}.run")}
        return {
            "eventType": kind,
            "eventTime": at.isoformat(timespec="milliseconds"),
            "producer": facets.PRODUCER,
            "schemaURL": facets.EVENT_SCHEMA,
            "run": {
                "runId": self._run_id if whole else _identifier(self._happened.bundle.run_id, job),
                "facets": {
                    **of,
                    **({"processing_engine": _engine(self._happened.bundle.engine_name)} if whole else {}),
                    **(run or {}),
                },
            },
            "job": {"namespace": NAMESPACE, "name": f"{self._locality}.{job}", "facets": self._job(job)},
            "inputs": list(inputs),
            "outputs": list(outputs),
        }

    def _job(self, job: str) -> dict[str, Any]:
        stage = next((stage for stage in self._happened.stages if stage.name == job), None)
        kind = "RUN" if job == "run" else "STAGE" if stage else "GATE"
        about = stage.about if stage else self._happened.bundle.plan.title if job == "run" else "Judges tables."
        said = {"jobType": facets.job_type(kind), "documentation": facets.job_about(about)}
        entries = self._happened.bundle.assumptions.entries
        owners = {entry.owner for (name, _), entry in entries.items() if stage and name in stage.assumes}
        return said | ({"ownership": facets.job_owners(sorted(owners))} if owners else {})


def _identifier(run_id: str, job: str) -> str:
    """A run's identifier as OpenLineage wants it: the same for the same run and job."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{facets.PRODUCER}/{run_id}/{job}"))


def _engine(name: str) -> facets.Facet:
    called, package = {"duckdb": ("DuckDB", "duckdb"), "spark": ("Spark", "pyspark")}[name]
    return facets.engine(called, importlib.metadata.version(package))


def _sentences(checks: Sequence[Any]) -> str:
    return "\n".join(f"{check.table}: {check.rule} [{check.check_id}]" for check in checks)
