"""What the stages compute, nothing published: with the product's gates, or whatever a gate would say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from budget.audit.folder import Run, publish
from budget.bundle import Bundle, prepare
from budget.engine import Engine
from budget.kernel.checks import CheckResult, Severity
from budget.pipeline import STAGES, needed_assumptions
from budget.plan import Plan
from budget.runner import StageResult, execute
from budget.stage import Gate
from budget.store import TableRef

EXAMPLE_A = Path(__file__).parents[2] / "config/examples/worked_example_a"


@dataclass
class LenientGate:
    """A gate that lets everything pass, and remembers that it was asked."""

    asked: list[str] = field(default_factory=list)

    def fingerprint(self, gate: str, plan: Plan) -> str:
        return "lenient"

    def severities(self) -> Mapping[str, Severity]:
        return {}

    def judge(self, gate: str, tables: Mapping[str, Path], engine: Engine, plan: Plan) -> tuple[CheckResult, ...]:
        self.asked.append(gate)
        return ()


@dataclass(frozen=True)
class Outcome:
    """What a run computed."""

    bundle: Bundle
    results: tuple[StageResult, ...]

    def ref(self, name: str) -> TableRef:
        (ref,) = (ref for result in self.results for ref in result.tables if ref.name == name)
        return ref

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.ref(name).path)

    def publish(self, **changes: object) -> Run:
        asked = {"status": "complete", "driver": "direct", "started_at": datetime.now(UTC)} | changes
        return publish(self.bundle, STAGES, self.results, **asked)  # type: ignore[arg-type]


def compute(
    config: Path,
    out: Path,
    *,
    overrides: Mapping[str, str] | None = None,
    previous: Path | None = None,
    until: str = "payment",
    gate: Gate | None = None,
) -> Outcome:
    """Execute the stages over a locality, up to and with one of them; each is judged by the gate that is given."""
    bundle = prepare(config, needed=needed_assumptions(), out=out, overrides=overrides, previous=previous)
    gate = gate or LenientGate()
    results: list[StageResult] = []
    for stage in STAGES:
        results.append(execute(stage, bundle, tuple(results), gate))
        if stage.name == until:
            break
    return Outcome(bundle, tuple(results))
