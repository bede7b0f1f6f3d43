"""A run made again from its inputs in an empty store, and compared with what was published, byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from budget.audit.folder import Run
from budget.audit.seal import WAIVERS
from budget.audit.surroundings import surroundings
from budget.audit.verify import Finding
from budget.audit.waivers import Waivers
from budget.bundle import Bundle, prepare
from budget.engine.cluster import cluster_of
from budget.kernel.hashing import hash_file, hash_value
from budget.kernel.years import FinancialYear
from flows import direct
from flows.pipeline import Pipeline, Report, StoppedRun, silent
from flows.request import engine_of


@dataclass(frozen=True)
class Reproduced:
    """What came of making a run again.

    Attributes:
        tables: how many tables were compared; none where the inputs or rules are no longer those of the run.
        findings: what differs.
        notes: what has changed around the run since, which may be why.
    """

    tables: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What there is to say beside the findings."""
        if self.tables:
            differ = "the same bytes" if not self.findings else "and not everything is the same"
            yield f"Computed again from its inputs in an empty store: {self.tables} tables, {differ}."
        else:
            yield "Not computed again: what the run was made from is no longer what it was."
        yield from self.notes

    def as_dict(self) -> dict[str, Any]:
        """The outcome as plain values."""
        return {"tables": self.tables, "same": bool(self.tables) and not self.findings, "notes": list(self.notes)}


def reproduce(run: Run, pipeline: Pipeline, report: Report = silent) -> Reproduced:
    """Make a run again from its inputs, packs, values and waivers, as of its day, and compare every table.

    Args:
        run: the run; its folder should verify.
        pipeline: the stages and their gate.
        report: told of every stage.

    Raises:
        ConfigurationError: the locality's file is gone, or the packs do not fit together any more.
    """
    # workers of a cluster see the folder of the runs; one that only reads it may look on from elsewhere
    near = run.folder.parent if engine_of(run) == "spark" else None
    with tempfile.TemporaryDirectory(prefix=".reproduce-", suffix=".partial", dir=near) as empty:
        bundle = _bundle(run, pipeline, Path(empty))
        notes = tuple(_notes(run, bundle))
        changed = tuple(_other_origin(run, bundle))
        if changed:
            return Reproduced(0, changed, notes)
        again = _made(bundle, pipeline, report)
        return Reproduced(len(run.manifest["tables"]), tuple(_differences(run, again)), notes)


def _bundle(run: Run, pipeline: Pipeline, out: Path) -> Bundle:
    said = run.manifest
    waivers = Waivers.read(
        run.folder / WAIVERS,
        locality=said["locality"],
        budget_year=said["budget_years"][0],
        required=said["purpose"] == "annual",
        day=date.fromisoformat(said["day"]),
    )
    return prepare(
        Path(said["config"]),
        needed=pipeline.needed,
        scenarios=run.layers("scenario"),
        overrides=said["overrides"],
        out=out,
        last_year=FinancialYear.parse(said["budget_years"][-1]),
        packs=run.layers("pack"),
        previous=run.previous,
        known_on=run.known_on,
        waivers=waivers,
        cluster=cluster_of(engine_of(run)),
    )


def _other_origin(run: Run, bundle: Bundle) -> Iterator[Finding]:
    """Inputs, agreements and rules that are no longer those of the run."""
    recorded = {f"inputs: {item['table']}, {item['file']}": item["sha256"] for item in run.manifest["inputs"]}
    there = {f"inputs: {table}, {name}": sha256 for table, name, sha256 in bundle.input_hashes}
    yield from _unequal(recorded, there)
    agreed = {f"contracts: {name}": sha256 for name, sha256 in run.manifest["contracts"].items()}
    yield from _unequal(agreed, {f"contracts: {file.name}": hash_file(file) for file in bundle.plan.contract_files})
    plan_hash = hash_value(bundle.plan_facts)
    if plan_hash != run.manifest["plan_hash"]:
        yield Finding(bundle.config.name, f"years and rules with the hash {run.manifest['plan_hash']}", plan_hash)


def _made(bundle: Bundle, pipeline: Pipeline, report: Report) -> Run:
    try:
        return direct.run_stages(bundle, pipeline, report=report)
    except StoppedRun as stop:
        return stop.run


def _differences(run: Run, again: Run) -> Iterator[Finding]:
    if again.status != run.status:
        yield Finding("status", run.status, again.status)
    yield from _unequal(_tables(run), _tables(again))
    # workbook and page name the run, and another version of the code makes another run
    if again.run_id == run.run_id:
        yield from _unequal(_documents(run), _documents(again))


def _tables(run: Run) -> dict[str, str]:
    return {f"tables/{name}.parquet": fact["sha256"] for name, fact in run.manifest["tables"].items()}


def _documents(run: Run) -> dict[str, str]:
    return {f"pack/{name}": sha256 for name, sha256 in run.manifest["documents"].items()}


def _unequal(recorded: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Finding]:
    for name in dict.fromkeys([*recorded, *found]):
        if recorded.get(name) != found.get(name):
            yield Finding(name, recorded.get(name, "nothing"), found.get(name, "nothing"))


def _notes(run: Run, bundle: Bundle) -> Iterator[str]:
    said = run.manifest
    if bundle.code != said["code_hash"]:
        yield f"The code is not that of the run (version {said['code_version']}, {said['code_hash'][:12]})."
    now = surroundings()
    for name, version in said["packages"].items():
        if now["packages"].get(name) != version:
            yield f"{name} was {version}, and is {now['packages'].get(name)} now."
    limits = {file.name: hash_file(file) for file in bundle.plan.gate_files}
    if limits != said["gates"]:
        yield "The limits of the gates are not those of the run."
