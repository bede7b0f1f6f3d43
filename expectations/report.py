"""What the gates found, for people (one HTML file that needs nothing else) and for machines (JSON)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from budget.audit.waivers import Waivers, asked_for
from budget.kernel.checks import CheckResult, number_text

_HERE = Path(__file__).parent
_TEMPLATE = "report.html.j2"


@dataclass(frozen=True)
class Tally:
    """How many checks of a gate had which outcome."""

    gate: str
    passed: int
    failed: int
    warned: int
    noted: int
    waived: int

    @classmethod
    def of(cls, gate: str, results: Sequence[CheckResult]) -> Tally:
        """Count the outcomes of one gate."""
        words = [outcome_of(result) for result in results]
        return cls(gate, *(words.count(word) for word in ("passed", "failed", "warning", "noted", "waived")))


def outcome_of(result: CheckResult) -> str:
    """One word for the outcome and severity of a check: passed, failed, warning, noted or waived."""
    if result.outcome != "failed":
        return result.outcome
    return {"fail": "failed", "warn": "warning", "info": "noted"}[result.severity]


def write_gate_report(
    results: Sequence[CheckResult], path: Path, *, title: str, notice: str, waivers: Waivers | None = None
) -> None:
    """Write the checks as one HTML file that opens anywhere, without a network; the same bytes for the same checks.

    Args:
        results: checks in the order of the gates.
        path: the file to write.
        title: name of the run.
        notice: a sentence that every output shows; may be empty.
        waivers: those that the run was held to; every one of them is shown, with what became of it.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_HERE)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    held = Waivers() if waivers is None else waivers
    gates = [(gate, list(checks)) for gate, checks in groupby(results, key=lambda result: result.gate)]
    page = environment.get_template(_TEMPLATE).render(
        title=title,
        notice=notice,
        gates=gates,
        tallies=[Tally.of(gate, checks) for gate, checks in gates],
        open_checks=[result for result in results if result.outcome == "failed" and result.severity != "info"],
        stopped=bool(held.stopping(results)),
        standings=held.standings(results),
        unwaived=[result for result in results if result.is_open],
        required=held.required,
        asked_for=asked_for,
        number_text=number_text,
        outcome_of=outcome_of,
        observed=observed_text,
    )
    path.write_text(page, encoding="utf-8")


def write_gate_results(results: Sequence[CheckResult], path: Path, *, title: str) -> None:
    """Write the checks as JSON: title, whether a check stops the run, and every check as `CheckResult.as_dict`."""
    document = {
        "title": title,
        "stopped": any(result.stops for result in results),
        "checks": [result.as_dict() for result in results],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def observed_text(result: CheckResult) -> str:
    """What was found, as people read it: whole numbers in full, shares to six figures."""
    if result.observed is None:
        return "not measured"
    return number_text(result.observed)
