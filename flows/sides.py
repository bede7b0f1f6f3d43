"""Runs computed again: the bundle that a run was made from, and the ledger of a bundle through the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from budget.audit.folder import Run
from budget.audit.waivers import Waivers
from budget.bundle import Bundle, InputFile, prepare
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_value
from budget.kernel.years import FinancialYear
from budget.runner import StageResult, execute, is_stored
from budget.scenario.chain import Side
from budget.scenario.overlay import read_resolved
from budget.stage import Stage
from budget.store import TableRef
from flows.pipeline import Pipeline, Report, silent

_LEDGER = "budget_ledger"


@dataclass(frozen=True)
class Again:
    """Computes bundles up to their ledger, behind the same gates as a run, and publishes nothing.

    Attributes:
        pipeline: the stages and their gate.
        report: told of every stage that had to be computed.
    """

    pipeline: Pipeline
    report: Report = silent

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages up to the one that writes the ledger."""
        names = [_LEDGER in stage.writes for stage in self.pipeline.stages]
        return self.pipeline.stages[: names.index(True) + 1]

    def tables(self, bundle: Bundle, *, stages: tuple[Stage, ...]) -> dict[str, TableRef]:
        """What some stages write over a bundle, taken from the store where it is there.

        Raises:
            RunStopped: a gate stopped it.
            ConfigurationError: the assumptions do not fit together, or the inputs are gone.
        """
        self.pipeline.inspect(bundle)
        self._refuse_lost_inputs(bundle)
        results: list[StageResult] = []
        with bundle.store.in_use():
            for stage in stages:
                results.append(execute(stage, bundle, tuple(results), self.pipeline.gate))
                if not results[-1].reused:
                    self.report(stage, results[-1])
        return {ref.name: ref for result in results for ref in result.tables}

    def ledger(self, bundle: Bundle) -> pd.Series:
        """The ledger of a bundle, pence by the keys of a comparison.

        Raises:
            RunStopped: a gate stopped it.
            ConfigurationError: the assumptions do not fit together, or the inputs are gone.
        """
        from budget.scenario.compare import summed

        tables = self.tables(bundle, stages=self.stages)
        return summed(*(pd.read_parquet(tables[name].path) for name in (_LEDGER, "segments")))

    def _refuse_lost_inputs(self, bundle: Bundle) -> None:
        """Inputs that have changed since are no hindrance where the store holds what was read from them."""
        lost = [file.path.name for file in bundle.files if not file.path.is_file()]
        if lost and not is_stored(self.pipeline.stages[0], bundle, ()):
            raise ConfigurationError(
                f"{bundle.plan.inputs}: {len(lost)} input files are no longer those of the run ({', '.join(lost[:3])}"
                f"{', …' if len(lost) > 3 else ''}), and the store does not hold what was read from them."
            )


def side_of(run: Run) -> Side:
    """A run with the bundle that it was made from, where its locality still says what it said."""
    assumptions = read_resolved(run.folder)
    try:
        return Side(run, assumptions, _bundle(run))
    except ConfigurationError as error:
        return Side(run, assumptions, None, str(error))


def _bundle(run: Run) -> Bundle:
    """What a run was made from.

    Raises:
        ConfigurationError: the locality's file or its rules are gone or have changed.
    """
    said = run.manifest
    bundle = prepare(
        Path(said["config"]),
        needed=(),
        out=run.folder.parent,
        last_year=FinancialYear.parse(said["budget_years"][-1]),
        packs=(run.folder / "assumptions.yaml",),
        previous=run.previous,
        known_on=run.known_on,
        waivers=Waivers(),  # what is computed between two runs is published nowhere, so nobody answers for its warnings
    )
    if hash_value(bundle.plan_facts) != said["plan_hash"]:
        raise ConfigurationError(
            f"{bundle.config}: settings, or the rules that it names, are no longer those of run {run.run_id}; put them "
            f"back, or start a new run with `capitation run {bundle.config}`."
        )
    return replace(bundle, files=_recorded_files(run, bundle))


def _recorded_files(run: Run, bundle: Bundle) -> tuple[InputFile, ...]:
    """The input files that a run read; one that is no longer the same lies nowhere."""
    there = {(file.table, file.path.name, file.sha256): file for file in bundle.files}
    nowhere = run.folder / "inputs that are gone"
    recorded = [(item["table"], item["file"], item["sha256"]) for item in run.manifest["inputs"]]
    return tuple(
        there.get(key) or InputFile(table, nowhere / name, sha256) for key in recorded for table, name, sha256 in [key]
    )
