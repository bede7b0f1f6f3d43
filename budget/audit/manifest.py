"""What a run says of itself: its manifest, and the log of its stages."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd

from budget import __version__
from budget.assumptions.catalogue import as_text
from budget.assumptions.layer import Layer
from budget.audit.surroundings import surroundings
from budget.bundle import Bundle
from budget.kernel.checks import CheckResult, tally
from budget.kernel.hashing import hash_file, hash_value
from budget.kernel.pseudonyms import key_fingerprint
from budget.runner import StageResult

Status = Literal["complete", "stopped"]

_REGISTER = "input_register"


@dataclass(frozen=True)
class Account:
    """A run that is over, before it is written down.

    Attributes:
        bundle: what it was made from.
        results: what each stage gave, in order.
        refused: checks of a stage that could not read its input, beside those of the results.
        status: ``complete`` or ``stopped``.
        driver: ``direct`` or ``prefect``.
        started_at: when it began.
    """

    bundle: Bundle
    results: tuple[StageResult, ...]
    refused: tuple[CheckResult, ...]
    status: Status
    driver: str
    started_at: datetime

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """Every check that was asked."""
        return (*(check for result in self.results for check in result.checks), *self.refused)

    def events(self) -> Iterator[dict[str, Any]]:
        """What the log of the run says, a line an event."""
        yield {
            "event": "started",
            "at": self.started_at.isoformat(timespec="milliseconds"),
            "run_id": self.bundle.run_id,
            "driver": self.driver,
            "operator": getpass.getuser(),
        }
        for result in self.results:
            yield from _stage_events(result)
        if self.refused:
            yield {"event": "refused", "stage": self.refused[0].gate, **tally(self.refused)}
        yield {"event": "published", "at": _now(), "status": self.status}

    def manifest(self, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """What the manifest says, but for the files of the folder and the log.

        Args:
            tables: hash, rows and stage of every published table.
        """
        bundle, plan = self.bundle, self.bundle.plan
        return {
            "run_id": bundle.run_id,
            "status": self.status,
            "purpose": plan.purpose,
            "locality": plan.locality,
            "title": plan.title,
            "notice": plan.notice,
            "base_year": str(plan.base_year),
            "budget_years": [str(year) for year in plan.budget_years],
            "snapshot_date": str(plan.snapshot_date),
            "config": str(bundle.config),
            "plan_hash": hash_value(bundle.plan_facts),
            "out": str(bundle.out),
            "parent_run_id": bundle.parent,
            "previous_run": _previous(bundle),
            "pseudonym_key": key_fingerprint(plan.person_id),
            "person_id": plan.person_id,
            "population_rules": {"file": str(plan.population_rules), "sha256": hash_file(plan.population_rules)},
            "scenarios": list(bundle.scenarios),
            "overrides": dict(bundle.overrides),
            "assumptions_hash": bundle.assumptions.digest(),
            "known_on": str(plan.known_on) if plan.known_on else None,
            "layers": [fact for _, fact in kept_layers(bundle)],
            "warnings": list(bundle.assumptions.warnings),
            "code_version": __version__,
            "code_hash": bundle.code,
            **surroundings(),
            "seeds": _seeds(bundle),
            "gates": {file.name: hash_file(file) for file in plan.gate_files},
            "contracts": {file.name: hash_file(file) for file in plan.contract_files},
            "day": str(bundle.waivers.day),
            "waivers_hash": bundle.waivers.digest(),
            "waivers": [standing.as_dict() for standing in bundle.waivers.standings(self.checks)],
            "driver": self.driver,
            "engine": bundle.engine_name,
            "operator": getpass.getuser(),
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "inputs": self._inputs(),
            "stages": [_stage_fact(result) for result in self.results],
            "tables": dict(tables),
            "documents": {ref.path.name: ref.sha256 for r in self.results for ref in r.documents},
            "checks": tally(self.checks),
            "output_hash": hash_value({name: fact["sha256"] for name, fact in tables.items()}),
        }

    def _inputs(self) -> list[dict[str, Any]]:
        """Every input file with its hash, and what the register counted in it where it was read."""
        counted = self._counted()
        unread = {"rows": None, "control_total": None, "unit": None}
        return [
            {"table": file.table, "file": file.path.name, "sha256": file.sha256}
            | counted.get((file.table, file.path.name), unread)
            for file in self.bundle.files
        ]

    def _counted(self) -> dict[tuple[str, str], dict[str, Any]]:
        paths = [ref.path for result in self.results for ref in result.tables if ref.name == _REGISTER]
        if not paths:
            return {}
        register = pd.read_parquet(paths[0]).astype(object)
        rows = register.where(register.notna(), None).to_dict("records")
        return {
            (row["name"], row["file"]): {"rows": row["rows"], "control_total": _total(row), "unit": row["unit"]}
            for row in rows
        }


def kept_layers(bundle: Bundle) -> list[tuple[Layer, dict[str, str]]]:
    """The packs and scenarios with what the manifest says of each; files are numbered in order."""
    return [
        (layer, layer.identity | {"file": f"layers/{number:02d}-{layer.name}.yaml"})
        for number, layer in enumerate(bundle.assumptions.layers, 1)
    ]


def _stage_events(result: StageResult) -> Iterator[dict[str, Any]]:
    yield {
        "event": "stage",
        "at": result.ended_at,
        "stage": result.stage,
        "key": result.key,
        "reused": result.reused,
        "rows": sum(ref.rows for ref in result.tables),
        "seconds": round(result.seconds, 3),
    }
    yield {"event": "gate", "at": result.ended_at, "gate": result.stage, **tally(result.checks)}


def _total(row: Mapping[str, Any]) -> float | int | None:
    """A control total; pence are whole."""
    total = row["control_total"]
    return round(total) if row["unit"] == "pence" and total is not None else total


def _seeds(bundle: Bundle) -> dict[str, str]:
    """Every assumption that draws start from."""
    return {
        name: as_text(entry.value) for (name, _), entry in bundle.assumptions.entries.items() if name.endswith("_seed")
    }


def _previous(bundle: Bundle) -> dict[str, str] | None:
    earlier = bundle.previous
    if earlier is None:
        return None
    return {"run_id": earlier.run_id, "folder": str(earlier.folder), "output_hash": earlier.output_hash}


def _stage_fact(result: StageResult) -> dict[str, Any]:
    times = {"seconds": round(result.seconds, 3), "gate_seconds": round(result.gate_seconds, 3)}
    return {"stage": result.stage, "key": result.key, "reused": result.reused, **times}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
