"""A pipeline of three small stages and a gate that says what it is told, over a locality in a folder."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from budget.engine import Engine
from budget.kernel.checks import CheckResult, Severity
from budget.kernel.errors import RunStopped
from budget.plan import Plan
from budget.stage import EVERYTHING, Document, Given, Stage, Written
from flows.pipeline import Pipeline

PERSON = "943 476 5919"
"""A value of a person that must never be seen outside the inputs."""

RUN_YAML = """
locality: testshire
title: Testshire
purpose: example
base_year: 2025/26
budget_years: [2026/27, 2027/28]
snapshot_date: 2025-04-01
icb_code: QXX
inputs: inputs
assumptions: [pack.yaml]
scenarios: scenarios
segmentation: rules.yaml
population_rules: rules.yaml
need: need
gates: rules.yaml
notice: Nobody lives in Testshire
"""

PACK = """
pack: testshire
values:
  efficiency_factor:
    - {value: 0.02, source: {title: A test}, owner: tester, status: approved, reason: a test}
  cost_uplift_factor:
    - {value: 0.03, source: {title: A test}, owner: tester, status: approved, reason: a test}
"""

SCENARIO = PACK.replace("pack: testshire", "scenario: lean\nauthor: tester\nreason: a test").replace("0.02", "0.04")

SPEND = """financial_year,commissioner,place,service_line,amount_pence
2025/26,QXX,North,community,10000
2025/26,QXX,South,community,20000
"""


def locality(folder: Path) -> Path:
    """Write a locality that the fake stages understand; the folder with its ``run.yaml``."""
    files = {
        "run.yaml": RUN_YAML,
        "pack.yaml": PACK,
        "rules.yaml": "none: 0\n",
        **{f"need/{name}.yaml": "none: 0\n" for name in ("model", "streams", "carr_hill")},
        "scenarios/lean.yaml": SCENARIO,
        "inputs/spend.csv": SPEND,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def check(gate: str, outcome: str = "passed", severity: str = "fail") -> CheckResult:
    """A check as a gate would give it."""
    return CheckResult(
        gate, "T01", severity, outcome, "spend", "amounts are whole pence", 3, "0", 3, "inputs/spend.csv"
    )  # type: ignore[arg-type]


@dataclass(frozen=True)
class FakeGate:
    """Gives the checks it was made with, by gate."""

    says: Mapping[str, tuple[CheckResult, ...]] = field(default_factory=dict)

    def fingerprint(self, gate: str, plan: Plan) -> str:
        """What it says is what it is."""
        return repr(self.says.get(gate))

    def severities(self) -> Mapping[str, Severity]:
        """Those of the checks that it was told to give; a check that passes would have stopped the run."""
        return {"T01": "fail"} | {check.check_id: check.severity for checks in self.says.values() for check in checks}

    def judge(self, gate: str, tables: Mapping[str, Path], engine: Engine, plan: Plan) -> tuple[CheckResult, ...]:
        """The checks it was told to give; one that passes where it was told none."""
        return self.says.get(gate, (check(gate),))


def pipeline(says: Mapping[str, tuple[CheckResult, ...]] | None = None, *, intake: Stage | None = None) -> Pipeline:
    """Three stages: intake, a ledger of one line a place, and documents."""
    return Pipeline(
        (intake or INTAKE, LEDGER, PUBLISH), FakeGate(says or {}), ("efficiency_factor", "cost_uplift_factor")
    )


def _intake(given: Given) -> Written:
    register = {"input_id": ["spend"], "name": ["spend"], "file": ["spend.csv"], "sha256": ["0"], "rows": [2]}
    nothing = {name: [None] for name in ("control_total", "unit", "vintage", "licence")}
    return {"input_register": pd.DataFrame(register | nothing)}


def _ledger(given: Given) -> Written:
    rows = []
    for year in given.plan.budget_years:
        growth = (
            1
            + given.assumptions.number("cost_uplift_factor", year)
            - given.assumptions.number("efficiency_factor", year)
        )
        for place, opening, people in (("North", 10_000_00, 100.0), ("South", 20_000_00, 150.0)):
            for line in ("community", "mental_health"):
                pence = round(opening * growth)
                rows.append([str(year), place, "ALL", line, "QXX", pence, 0, 0, 0, pence, people, people])
    names = "financial_year place segment service_line commissioner allocation_pence carve_out_pence risk_pool_pence "
    names += "incentive_pence core_pence people weighted_people"
    return {"integrated_budget": pd.DataFrame(rows, columns=names.split())}


def _publish(given: Given) -> Written:
    def write(path: Path) -> None:
        path.write_text(f"<h1>{given.run_id}</h1>", encoding="utf-8")

    return {
        "report.html": Document(write),
        "budget.xlsx": Document(write),
        "assumption_ledger": given.assumptions.as_table(),
    }


def refuse(given: Given) -> Written:
    """An intake that finds a table unreadable."""
    raise RunStopped("intake", (check("intake", "failed"),))


def stumble(given: Given) -> Written:
    """An intake with a fault whose message quotes a person."""
    raise ValueError(f"could not convert {PERSON}")


def die(given: Given) -> Written:
    """A stage whose process is killed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives that")


def stage_of(run: Callable[[Given], Written]) -> Stage:
    """An intake that does something else."""
    return Stage(
        name="intake",
        about="Reads.",
        reads=(),
        may_read=(),
        assumes=(),
        writes=("input_register",),
        gate="intake",
        run=run,
    )


INTAKE = stage_of(_intake)
LEDGER = Stage(
    name="ledger",
    about="Sets budgets.",
    reads=("input_register",),
    may_read=(),
    assumes=("efficiency_factor", "cost_uplift_factor"),
    writes=("integrated_budget",),
    gate="ledger",
    run=_ledger,
)
PUBLISH = Stage(
    name="publish",
    about="Writes.",
    reads=("integrated_budget",),
    may_read=(),
    assumes=EVERYTHING,
    writes=("assumption_ledger", "report.html", "budget.xlsx"),
    gate="publish",
    run=_publish,
    documents=True,
)
