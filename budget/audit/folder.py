"""The run folder: written under a temporary name, published by one rename, never changed after."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from budget import __version__
from budget.assumptions.layer import Kind, Layer
from budget.audit.lineage import edges
from budget.bundle import Bundle
from budget.contracts import output_tables
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, StoreError
from budget.kernel.hashing import hash_file, hash_value
from budget.kernel.pseudonyms import key_fingerprint
from budget.kernel.yaml import write_yaml
from budget.runner import StageResult, write_frame
from budget.stage import Stage
from budget.store import write_json

Status = Literal["complete", "stopped"]

_CONTRACTS = "contracts"
"""The folder of a run that keeps its contracts."""


@dataclass(frozen=True)
class Run:
    """A published run: its folder and what its manifest says."""

    run_id: str
    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Read a run folder.

        Raises:
            ConfigurationError: the folder is not a run.
        """
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            raise ConfigurationError(f"{folder}: this is not a run folder (no readable manifest.json).") from None
        return cls(manifest["run_id"], folder.resolve(), manifest)

    @property
    def status(self) -> Status:
        """``complete`` or ``stopped``."""
        status: Status = self.manifest["status"]
        return status

    def layers(self, kind: Kind) -> tuple[Path, ...]:
        """The packs or the scenarios of the run, in order, as they were when it was made.

        Raises:
            ConfigurationError: the run keeps none, or one of them is not as the run left it.
        """
        kept = [fact for fact in self.manifest.get("layers", []) if fact["kind"] == kind]
        if kind == "pack" and not kept:
            raise ConfigurationError(f"{self.folder}: the run keeps no assumption packs; start a new run.")
        for fact in kept:
            path = self.folder / fact["file"]
            if not path.is_file() or hash_file(path) != fact["sha256"]:
                raise ConfigurationError(f"{path}: the {kind} is not as the run left it; start a new run.")
        return tuple(self.folder / fact["file"] for fact in kept)

    def contracts(self) -> Path | None:
        """The folder with the contracts of the run, as they were when it was made; None where it has none.

        Raises:
            ConfigurationError: one of them is not as the run left it.
        """
        kept = self.manifest.get("contracts", [])
        for fact in kept:
            path = self.folder / fact["file"]
            if not path.is_file() or hash_file(path) != fact["sha256"]:
                raise ConfigurationError(f"{path}: the contract is not as the run left it; start a new run.")
        return self.folder / _CONTRACTS if kept else None

    def table(self, name: str) -> pd.DataFrame:
        """An output table as pandas."""
        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet")

    def complete(self) -> Run:
        """The run itself.

        Raises:
            ConfigurationError: a gate stopped it, so it has no budget.
        """
        if self.status != "complete":
            raise ConfigurationError(f"{self.folder}: a gate stopped this run, so it has no budget to look at.")
        return self


def publish(
    bundle: Bundle,
    stages: Sequence[Stage],
    results: Sequence[StageResult],
    *,
    status: Status,
    driver: str,
    started_at: datetime,
    failed_checks: Sequence[CheckResult] = (),
    extra_files: Mapping[str, Callable[[Path], None]] | None = None,
) -> Run:
    """Write the run folder and move it into place.

    A complete run that is already there is left alone: the same bundle gives the same tables. A stopped one is
    replaced. A run that stops where a complete one lies (its gates have changed) goes beside it.

    Args:
        stages: the pipeline, for the lineage.
        results: what each stage gave, in order; fewer than all where a gate stopped the run.
        failed_checks: checks of the gate that stopped the run.
        extra_files: further files by their place in the folder (``gates/report.html``), each with what writes it.

    Raises:
        StoreError: the folder could not be written.
    """
    target = bundle.out / bundle.run_id
    if (target / "manifest.json").is_file() and Run.open(target).status == "complete":
        if status == "complete":
            return Run.open(target)
        target = target.with_name(f"{bundle.run_id}-stopped")
    temporary = bundle.out / f".{bundle.run_id}-{uuid.uuid4().hex[:8]}.partial"
    checks = [*(check for result in results for check in result.checks), *failed_checks]
    try:
        temporary.mkdir(parents=True, mode=0o700)
        assumed = {name for name, _ in bundle.assumptions.entries}
        lineage = edges(stages, results, assumed, bundle.previous.tables if bundle.previous else ())
        tables = _copy_tables(results, checks, lineage, temporary, complete=status == "complete")
        _copy_documents(results, temporary)
        write_json(_made(temporary / "gates") / "results.json", [check.as_dict() for check in checks])
        for name, write in (extra_files or {}).items():
            write(temporary / name)
        write_yaml(temporary / "assumptions.yaml", bundle.assumptions.as_pack())
        _copy_layers(bundle, temporary)
        _copy_contracts(bundle, temporary)
        write_json(temporary / "manifest.json", _manifest(bundle, results, tables, checks, status, driver, started_at))
        _swap(temporary, target)
    except OSError as error:
        raise StoreError(
            f"{temporary}: the run folder could not be written ({error.strerror}); nothing was published."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Run.open(target)


def _copy_tables(
    results: Sequence[StageResult],
    checks: Sequence[CheckResult],
    lineage: pd.DataFrame,
    folder: Path,
    *,
    complete: bool,
) -> dict[str, dict[str, Any]]:
    """Copy the output tables; inputs and internal tables stay in the store, and a stopped run publishes no person."""
    place = _made(folder / "tables")
    kept: dict[str, dict[str, Any]] = {}
    for result in results:
        for ref in result.tables:
            if not _is_published(ref.name, complete=complete):
                continue
            shutil.copyfile(ref.path, place / ref.path.name)
            kept[ref.name] = {"sha256": ref.sha256, "rows": ref.rows, "stage": result.stage}
    own = {"dq_results": pd.DataFrame([_check_row(check) for check in checks]), "lineage_edges": lineage}
    for name, frame in own.items():
        if frame.empty:
            continue
        rows = write_frame(name, frame, place / f"{name}.parquet")
        kept[name] = {"sha256": hash_file(place / f"{name}.parquet"), "rows": rows, "stage": "publish"}
    return kept


def _is_published(name: str, *, complete: bool) -> bool:
    contract = output_tables().get(name)
    if contract is None or contract.internal:
        return False
    return complete or contract.disclosure != "person"


def _layers(bundle: Bundle) -> list[tuple[Layer, dict[str, str]]]:
    """The packs and scenarios with what the manifest says of each; files are numbered in order."""
    return [
        (layer, layer.identity | {"file": f"layers/{number:02d}-{layer.name}.yaml"})
        for number, layer in enumerate(bundle.assumptions.layers, 1)
    ]


def _copy_layers(bundle: Bundle, folder: Path) -> None:
    """Keep the packs and scenarios, so that the run can be made again when they have changed."""
    _made(folder / "layers")
    for layer, fact in _layers(bundle):
        shutil.copyfile(layer.path, folder / fact["file"])


def _copy_contracts(bundle: Bundle, folder: Path) -> None:
    """Keep the contracts, so that commands look at those that the run was made with."""
    for file in bundle.plan.contract_files:
        shutil.copyfile(file, _made(folder / _CONTRACTS) / file.name)


def _copy_documents(results: Sequence[StageResult], folder: Path) -> None:
    pack = _made(folder / "pack")
    for result in results:
        for ref in result.documents:
            shutil.copyfile(ref.path, pack / ref.path.name)


def _check_row(check: CheckResult) -> dict[str, Any]:
    return {name: value for name, value in check.as_dict().items() if name != "keys"}


def _manifest(
    bundle: Bundle,
    results: Sequence[StageResult],
    tables: dict[str, dict[str, Any]],
    checks: Sequence[CheckResult],
    status: Status,
    driver: str,
    started_at: datetime,
) -> dict[str, Any]:
    plan = bundle.plan
    return {
        "run_id": bundle.run_id,
        "status": status,
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
        "scenarios": list(bundle.scenarios),
        "overrides": dict(bundle.overrides),
        "assumptions_hash": bundle.assumptions.digest(),
        "known_on": str(plan.known_on) if plan.known_on else None,
        "layers": [fact for _, fact in _layers(bundle)],
        "contracts": [{"file": f"{_CONTRACTS}/{file.name}", "sha256": hash_file(file)} for file in plan.contract_files],
        "warnings": list(bundle.assumptions.warnings),
        "code_version": __version__,
        "code_hash": bundle.code,
        "driver": driver,
        "operator": getpass.getuser(),
        "started_at": started_at.isoformat(timespec="seconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": [{"table": f.table, "file": f.path.name, "sha256": f.sha256} for f in bundle.files],
        "stages": [
            {"stage": r.stage, "key": r.key, "reused": r.reused, "seconds": round(r.seconds, 3)} for r in results
        ],
        "tables": tables,
        "documents": {ref.path.name: ref.sha256 for r in results for ref in r.documents},
        "checks": _count(checks),
        "output_hash": hash_value({name: fact["sha256"] for name, fact in tables.items()}),
    }


def _previous(bundle: Bundle) -> dict[str, str] | None:
    earlier = bundle.previous
    if earlier is None:
        return None
    return {"run_id": earlier.run_id, "folder": str(earlier.folder), "output_hash": earlier.output_hash}


def _count(checks: Sequence[CheckResult]) -> dict[str, int]:
    counts = {"asked": len(checks), "passed": 0, "failed": 0, "warned": 0}
    for check in checks:
        kind = "passed" if check.outcome != "failed" else "failed" if check.severity == "fail" else "warned"
        counts[kind] += 1
    return counts


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _swap(temporary: Path, target: Path) -> None:
    """Move the finished folder into place; an earlier one of the same bundle goes out of the way first."""
    if target.exists():
        old = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}.old")
        os.replace(target, old)
        os.replace(temporary, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(temporary, target)
