"""The run folder: written under a temporary name, published by one rename, never changed after."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from budget.assumptions.layer import Kind
from budget.audit.lineage import edges
from budget.audit.manifest import Account, Status, kept_layers
from budget.audit.seal import MANIFEST, WAIVERS, lock, read_manifest, seal
from budget.bundle import Bundle
from budget.contracts import output_tables
from budget.kernel.checks import CheckResult
from budget.kernel.errors import ConfigurationError, StoreError
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import write_yaml
from budget.report.plots import write_plots
from budget.runner import StageResult, write_frame
from budget.stage import Stage
from budget.store import TableRef, write_json

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
        manifest = read_manifest(folder)
        if "status" not in manifest:  # a settlement or a simulation, which lie beside their run
            raise ConfigurationError(f"{folder}: this is no run, but was made from one.")
        return cls(manifest["run_id"], folder.resolve(), manifest)

    @property
    def status(self) -> Status:
        """``complete`` or ``stopped``."""
        status: Status = self.manifest["status"]
        return status

    @property
    def known_on(self) -> date | None:
        """The day as of which it knew its assumptions; None where it took whatever was there."""
        day = self.manifest["known_on"]
        return date.fromisoformat(day) if day else None

    @property
    def previous(self) -> Path | None:
        """The folder of the run that its segments were compared with."""
        earlier = self.manifest.get("previous_run")
        return Path(earlier["folder"]) if earlier else None

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
        kept: dict[str, str] = self.manifest.get("contracts", {})
        for name, sha256 in kept.items():
            path = self.folder / _CONTRACTS / name
            if not path.is_file() or hash_file(path) != sha256:
                raise ConfigurationError(f"{path}: the contract is not as the run left it; start a new run.")
        return self.folder / _CONTRACTS if kept else None

    def table(self, name: str) -> pd.DataFrame:
        """An output table as pandas."""
        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet")

    def intact(self) -> Run:
        """The run itself, every table of it as it was published.

        Raises:
            ConfigurationError: a table is missing or was changed.
        """
        for name, fact in self.manifest["tables"].items():
            path = self.folder / "tables" / f"{name}.parquet"
            if not path.is_file() or hash_file(path) != fact["sha256"]:
                raise ConfigurationError(f"{path}: the table is not as the run left it; `capitation verify` says more.")
        return self

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
    """Write the run folder, seal it and move it into place.

    A complete run that is already there is left alone: the same bundle gives the same tables. A stopped one is
    replaced. A run that stops where a complete one lies goes beside it.

    Args:
        stages: the pipeline, for the lineage.
        results: what each stage gave, in order; fewer than all where a gate stopped the run.
        failed_checks: checks of the gate that stopped the run.
        extra_files: further files by their place in the folder (``gates/report.html``), each with what writes it.

    Raises:
        StoreError: the folder could not be written, or a stored table is not as its stage left it.
    """
    target = bundle.out / bundle.run_id
    if _is_complete(target):
        if status == "complete":
            return Run.open(target)
        target = target.with_name(f"{bundle.run_id}-stopped")
    temporary = bundle.out / f".{bundle.run_id}-{uuid.uuid4().hex[:8]}.partial"
    account = Account(bundle, tuple(results), tuple(failed_checks), status, driver, started_at)
    try:
        temporary.mkdir(parents=True, mode=0o700)
        _fill(temporary, account, stages, extra_files or {})
        lock(temporary)
        _swap(temporary, target)
    except OSError as error:
        raise StoreError(
            f"{temporary}: the run folder could not be written ({error.strerror}); nothing was published."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Run.open(target)


def _fill(
    folder: Path, account: Account, stages: Sequence[Stage], extra_files: Mapping[str, Callable[[Path], None]]
) -> None:
    """Write every file of the folder; the manifest, which names the hashes of the others, last."""
    bundle = account.bundle
    tables = _copy_tables(account, stages, folder)
    _copy_documents(account.results, folder)
    write_json(_made(folder / "gates") / "results.json", [check.as_dict() for check in account.checks])
    for name, write in extra_files.items():
        write(folder / name)
    write_yaml(folder / "assumptions.yaml", bundle.assumptions.as_pack())
    write_yaml(folder / WAIVERS, bundle.waivers.as_written())
    _copy_layers(bundle, folder)
    _copy_contracts(bundle, folder)
    seal(folder, account.manifest(tables), account.events())


def _copy_tables(account: Account, stages: Sequence[Stage], folder: Path) -> dict[str, dict[str, Any]]:
    """Copy the output tables; inputs and internal tables stay in the store, and a stopped run publishes no person."""
    place = _made(folder / "tables")
    kept: dict[str, dict[str, Any]] = {}
    for result in account.results:
        for ref in result.tables:
            if not _is_published(ref.name, complete=account.status == "complete"):
                continue
            _copy(ref, place / ref.path.name)
            kept[ref.name] = {"sha256": ref.sha256, "rows": ref.rows, "stage": result.stage}
    checks = pd.DataFrame([_check_row(check) for check in account.checks])
    own = {"dq_results": checks, "lineage_edges": edges(stages, account.results, account.bundle)}
    for name, frame in own.items():
        if frame.empty:
            continue
        rows = write_frame(name, frame, place / f"{name}.parquet")
        kept[name] = {"sha256": hash_file(place / f"{name}.parquet"), "rows": rows, "stage": "publish"}
    return kept


def _copy(ref: TableRef, target: Path) -> None:
    """Copy a file of the store, and see that what arrives is what its stage wrote."""
    shutil.copyfile(ref.path, target)
    if hash_file(target) != ref.sha256:
        raise StoreError(
            f"{ref.path}: the stored {ref.name} is not as its stage left it; delete its folder and run again."
        )


def _is_published(name: str, *, complete: bool) -> bool:
    contract = output_tables().get(name)
    if contract is None or contract.internal:
        return False
    return complete or contract.disclosure != "person"


def _copy_layers(bundle: Bundle, folder: Path) -> None:
    """Keep the packs and scenarios, so that the run can be made again when they have changed."""
    _made(folder / "layers")
    for layer, fact in kept_layers(bundle):
        shutil.copyfile(layer.path, folder / fact["file"])


def _copy_contracts(bundle: Bundle, folder: Path) -> None:
    """Keep the contracts, so that commands look at those that the run was made with."""
    for file in bundle.plan.contract_files:
        shutil.copyfile(file, _made(folder / _CONTRACTS) / file.name)


def _copy_documents(results: Sequence[StageResult], folder: Path) -> None:
    pack = _made(folder / "pack")
    for result in results:
        for ref in result.documents:
            _copy(ref, pack / ref.path.name)
    if (pack / "report.html").is_file():
        write_plots(pack / "report.html", folder / "plots")


def _check_row(check: CheckResult) -> dict[str, Any]:
    return {name: value for name, value in check.as_dict().items() if name != "keys"}


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _is_complete(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and Run.open(folder).status == "complete"


def _swap(temporary: Path, target: Path) -> None:
    """Move the finished folder into place; a stopped run that lies there goes out of the way first.

    Another run of the same bundle may finish at the same moment: a complete one that is there stays.
    """
    old = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}.old")
    try:
        if target.exists() and not _is_complete(target):
            os.replace(target, old)
        os.replace(temporary, target)
    except OSError:
        if not _is_complete(target):
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
