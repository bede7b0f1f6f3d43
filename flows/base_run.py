"""The earlier run that someone means who names a locality and a year, or the run itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from budget.audit.approval import Approvals, runs_in, state_of
from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError


def base_run(out: Path, locality: str, year: str, named: str = "") -> Run:
    """The run to start from: the one that is named, else the one that was approved last, else the newest.

    Args:
        out: the folder of runs.
        locality: short name of the locality, as the run says it, or the file that it was run from.
        year: its first budget year, as ``2026/27``; any when empty.
        named: the run's name.

    Raises:
        ConfigurationError: there is none, or the one that is named is another locality's or year's.
    """
    if named:
        run = _named(out, named)
        if not _fits(run, locality, year):
            raise ConfigurationError(f"{named}: this is not a run of {locality}{_from(year)}.")
        return run.complete()
    found = [run for run in runs_in(out) if run.status == "complete" and _fits(run, locality, year)]
    if not found:
        raise ConfigurationError(f"{locality}: there is no complete run{_from(year)} to start from; run it first.")
    return max(_approved(found), key=_approved_at, default=max(found, key=lambda run: run.manifest["finished_at"]))


def _named(out: Path, name: str) -> Run:
    if Path(name).name != name:
        raise ConfigurationError(f"{name}: name a run of the folder of runs, without a path.")
    return Run.open(out / name)


def _fits(run: Run, locality: str, year: str) -> bool:
    said = run.manifest
    known_as = (said["locality"], said["config"], str(Path(said["config"]).parent))
    return locality in known_as and year in ("", said["budget_years"][0])


def _approved(runs: list[Run]) -> Iterator[Run]:
    return (run for run in runs if state_of(run) == "approved")


def _approved_at(run: Run) -> str:
    return Approvals.read(run.folder).given[-1].at


def _from(year: str) -> str:
    return f" from {year}" if year else ""
