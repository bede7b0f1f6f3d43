"""A small locality that finance people can sit down at: the worked example, with a folder of scenarios of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from budget.audit.folder import Run
from tests.support.runs import EXAMPLE_A, compute

EFFICIENCY = "value|efficiency_factor|2025/26||"
POOL = "value|risk_pool_share|all||"
LATER = "value|unattributed_spend_rule|all||"
_RANGE = "      low: 0.001\n      high: 0.02\n      range_reason: Tried in a test\n"


def example(folder: Path) -> Path:
    """Copy the worked example to a folder; its rules stay where they are."""
    shutil.copytree(EXAMPLE_A, folder)
    plan = folder / "run.yaml"
    text = plan.read_text(encoding="utf-8").replace("../..", str(EXAMPLE_A.parents[1]))
    plan.write_text(text + "scenarios: scenarios\n", encoding="utf-8")
    pack = folder / "assumptions.yaml"
    head, tail = pack.read_text(encoding="utf-8").split("  risk_pool_share:\n", 1)
    value, rest = tail.split("\n", 1)
    pack.write_text(f"{head}  risk_pool_share:\n{value}\n{_RANGE}{rest}", encoding="utf-8")
    return folder


def run_of(locality: Path, runs: Path, **overrides: str) -> Run:
    """A complete run of it, its gates left out."""
    return compute(locality, runs, overrides=overrides, until="publish").publish()
