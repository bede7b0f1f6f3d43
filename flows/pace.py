"""How long a run will take, from how long its stages took when they were last computed for the same locality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path

from budget.audit.folder import Run
from budget.audit.seal import MANIFEST
from budget.kernel.errors import ConfigurationError

_RUNS_LOOKED_AT = 20


@dataclass(frozen=True)
class Pace:
    """What earlier runs say of the time of each stage.

    Attributes:
        stages: names of the stages, in order.
        seconds: by stage, what it took when it was last computed; a stage that never was is left out.
    """

    stages: tuple[str, ...]
    seconds: Mapping[str, float]

    @classmethod
    def of(cls, stages: Iterable[str], out: Path, config: Path) -> Pace:
        """Read the pace of a locality from the newest runs of a folder.

        Args:
            stages: names of the stages, in order.
            out: the folder of runs.
            config: the locality's file, or its folder with a ``run.yaml``.
        """
        seconds: dict[str, float] = {}
        for run in _newest(out):
            if _of_locality(run, config):
                timed = {fact["stage"]: fact["seconds"] for fact in run.manifest["stages"] if not fact["reused"]}
                seconds = {**timed, **seconds}
        return cls(tuple(stages), seconds)

    def number(self, stage: str) -> int:
        """Which stage it is, counted from one."""
        return self.stages.index(stage) + 1

    def percent_done(self, stage: str) -> float:
        """How much of the run is behind when a stage is done: by time where all times are known, else by stages."""
        number = self.number(stage)
        if not all(name in self.seconds for name in self.stages):
            return 100 * number / len(self.stages)
        total = sum(self.seconds[name] for name in self.stages)
        return 100 * (1 - self._sum(self.stages[number:]) / total) if total else 100.0

    def left(self, stage: str) -> float | None:
        """Seconds that the stages after this one take if all are computed; None where one never was."""
        after = self.stages[self.number(stage) :]
        return self._sum(after) if all(name in self.seconds for name in after) else None

    def left_text(self, stage: str) -> str:
        """The same in words; empty where it is not known, or where nothing is left."""
        left = self.left(stage)
        return f"at most {left:.0f} s left" if left else ""

    def _sum(self, stages: Iterable[str]) -> float:
        return sum(self.seconds[name] for name in stages)


def _newest(out: Path) -> Iterable[Run]:
    """The newest runs of a folder, newest first; only these are read."""
    found = nlargest(_RUNS_LOOKED_AT, out.glob(f"[!.]*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    for manifest in found:
        try:
            yield Run.open(manifest.parent)
        except ConfigurationError:
            continue


def _of_locality(run: Run, config: Path) -> bool:
    named = config.resolve()
    return Path(run.manifest["config"]).resolve() in (named, named / "run.yaml")
