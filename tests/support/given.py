"""What a stage is given, from plain frames: no files, no runner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from budget.assumptions.catalogue import parameter
from budget.assumptions.pack import Entry, Scope, Source
from budget.assumptions.resolved import Assumptions
from budget.engine import Engine
from budget.kernel.years import FinancialYear
from budget.plan import Plan
from budget.stage import Given

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Lent(Given):
    """A stage's view of frames that stand in for Parquet files."""

    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.frames

    def frame(self, name: str) -> pd.DataFrame:
        return self.frames[name].copy()


def given(
    frames: Mapping[str, pd.DataFrame],
    values: Mapping[str, object],
    *,
    base_year: str = "2024/25",
    budget_years: tuple[str, ...] = ("2025/26",),
    engine: Engine | None = None,
    contracts: Path | None = None,
) -> Lent:
    """Frames and assumptions as a stage sees them; with an engine, every frame is a table of it as well."""
    for name, frame in frames.items() if engine else ():
        engine.lend(name, frame)
    plan = plan_of(base_year, budget_years).model_copy(update={"contracts": contracts})
    return Lent(plan, assume(values), tables={}, engine=engine, frames=dict(frames))  # type: ignore[arg-type]


def plan_of(base_year: str = "2024/25", budget_years: tuple[str, ...] = ("2025/26",)) -> Plan:
    """A plan of some years; its files are the shipped ones."""
    return Plan(
        locality="small",
        purpose="example",
        title="A small locality",
        base_year=base_year,
        budget_years=budget_years,
        snapshot_date=date(2025, 4, 1),
        icb_code="QXX",
        inputs=Path("inputs"),
        assumptions=(),
        segmentation=REPOSITORY / "config/segmentation/london6.yaml",
        population_rules=REPOSITORY / "config/population/responsible_commissioner.yaml",
        need=REPOSITORY / "config/need",
        gates=REPOSITORY / "config/gates/default.yaml",
    )


def assume(values: Mapping[str, object]) -> Assumptions:
    """Assumptions from ``id``, ``id@line:x``, ``id@place:x`` or ``id@2026/27`` to a value."""
    return Assumptions.of(_entry(name, value) for name, value in values.items())


def _entry(name: str, value: object) -> Entry:
    identifier, _, narrow = name.partition("@")
    known = parameter(identifier, "test")
    kind, _, word = narrow.partition(":")
    scope = Scope(
        year=FinancialYear.parse(narrow) if "/" in narrow else None,
        line=word if kind == "line" else None,
        place=word if kind == "place" else None,
    )
    return Entry(
        parameter=known,
        scope=scope,
        value=known.read(value, "test"),
        source=Source(title="A test"),
        owner="tester",
        status="draft",
        reason="a test",
        set_by="test",
    )
