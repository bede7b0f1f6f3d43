"""What someone asks for: a locality and values, or an earlier run with other values."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from budget.audit.folder import Run
from budget.bundle import Bundle, prepare
from budget.engine.cluster import cluster_of
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_value
from budget.kernel.years import FinancialYear

logger = logging.getLogger(__name__)

_MOST_FILES_SHOWN = 10


@dataclass(frozen=True)
class Request:
    """A run that is asked for, in values that a command line or a Prefect form can hold.

    Attributes:
        config: the locality's YAML, or a folder with a ``run.yaml``.
        scenarios: names or files of the scenarios to lay over, in order.
        overrides: ``--set`` values.
        out: where run folders go.
        year: set budgets up to this year only.
        parent: folder of the run that this one reruns; the packs and scenarios that it kept are the base.
        previous: folder of the earlier run to compare with, in place of the one that the locality names.
        known_on: the day as of which the run knows its assumptions, in place of the locality's or the earlier run's.
        engine: what runs the stages that read rows of people, ``duckdb`` or ``spark``.
    """

    config: Path
    scenarios: tuple[str, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    out: Path = Path("runs")
    year: str | None = None
    parent: Path | None = None
    previous: Path | None = None
    known_on: date | None = None
    engine: str = "duckdb"

    @classmethod
    def rerun(
        cls,
        folder: Path,
        *,
        scenarios: Sequence[str] = (),
        overrides: Mapping[str, str] | None = None,
        out: Path | None = None,
        known_on: date | None = None,
        engine: str | None = None,
    ) -> Request:
        """Ask for an earlier run again, with further scenarios and values.

        Args:
            folder: the earlier run.
            scenarios: laid over those of the earlier run.
            overrides: win over those of the earlier run.
            out: where the new run goes; beside the earlier one when not given.
            known_on: the day as of which the new run knows; that of the earlier run when not given.
            engine: what runs the stages that read rows of people; that of the earlier run when not given.

        Raises:
            ConfigurationError: the folder is not a run.
        """
        parent = Run.open(folder)
        said = parent.manifest
        return cls(
            config=Path(said["config"]),
            scenarios=tuple(scenarios),
            overrides=dict(overrides or {}),
            out=out or parent.folder.parent,
            year=said["budget_years"][-1],
            parent=parent.folder,
            previous=parent.previous,
            known_on=known_on or parent.known_on,
            engine=engine or engine_of(parent),
        )

    def bundle(self, needed: Iterable[str]) -> Bundle:
        """Resolve the request into the bundle that the stages run on.

        Args:
            needed: identifiers of the assumptions that the stages declare.

        Raises:
            ConfigurationError: something is wrong or incomplete, or the inputs are not those of the earlier run.
        """
        parent = Run.open(self.parent) if self.parent else None
        overrides = {**(parent.manifest["overrides"] if parent else {}), **self.overrides}
        bundle = prepare(
            self.config,
            needed=needed,
            scenarios=(*(parent.layers("scenario") if parent else ()), *self.scenarios),
            overrides=overrides,
            out=self.out,
            last_year=FinancialYear.parse(self.year) if self.year else None,
            parent=parent.run_id if parent else None,
            packs=parent.layers("pack") if parent else (),
            previous=self.previous,
            known_on=self.known_on,
            cluster=cluster_of(self.engine),
        )
        if parent:
            _refuse_other_inputs(bundle, parent)
            _tell_of_other_code(bundle, parent)
        return bundle


def engine_of(run: Run) -> str:
    """What ran the stages of a run that read rows of people."""
    # runs of the first version do not say, as there was one engine only
    return str(run.manifest.get("engine", "duckdb"))


def _tell_of_other_code(bundle: Bundle, parent: Run) -> None:
    if bundle.code != parent.manifest["code_hash"]:
        logger.warning("the product's code has changed since run %s; a difference may come from that", parent.run_id)


def _refuse_other_inputs(bundle: Bundle, parent: Run) -> None:
    before = {(item["table"], item["file"]): item["sha256"] for item in parent.manifest["inputs"]}
    now = {(table, file): sha256 for table, file, sha256 in bundle.input_hashes}
    changed = sorted(
        file for table, file in before.keys() | now.keys() if before.get((table, file)) != now.get((table, file))
    )
    start_anew = f"start a new run with `capitation run {bundle.config}`."
    if changed:
        shown = ", ".join(changed[:_MOST_FILES_SHOWN])
        more = f" and {len(changed) - _MOST_FILES_SHOWN} more" if len(changed) > _MOST_FILES_SHOWN else ""
        raise ConfigurationError(
            f"{bundle.plan.inputs}: {len(changed)} input files are not those of run {parent.run_id} ({shown}{more}).\n"
            f"  A rerun changes assumptions only; {start_anew}"
        )
    if hash_value(bundle.plan_facts) != parent.manifest["plan_hash"]:
        raise ConfigurationError(
            f"{bundle.config}: settings, or the rules that it names, are not those of run {parent.run_id}; "
            "title, notice and labels count too, as every output shows them.\n"
            f"  A rerun changes assumptions only; {start_anew}"
        )
