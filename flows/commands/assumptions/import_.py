"""``capitation assumptions import``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from budget.assumptions.catalogue import as_text
from flows.answer import Answer
from flows.known import asked_for


def command(arguments: Namespace) -> Answer:
    """Make a scenario of the cells that were changed in a workbook."""
    from budget.assumptions.bring_in import read_changes
    from budget.assumptions.scenario_file import write_scenario

    found = asked_for(arguments, arguments.config)
    workbook, out = Path(arguments.workbook), Path(arguments.out)
    changes = read_changes(workbook, found.assumptions)
    scenario = write_scenario(
        out,
        changes,
        found.assumptions,
        author=arguments.author,
        reason=arguments.reason,
        source=f"Workbook {workbook.name}",
    )
    rows = [
        {
            "cell": change.where,
            "name": change.entry.parameter.id,
            "financial_year": str(change.entry.scope.year or "all"),
            "scope": str(change.entry.scope),
            "before": as_text(change.entry.value),
            "after": as_text(change.value),
        }
        for change in changes
    ]
    lines = [
        f"{row['name']:<26} {row['financial_year']:<8} {row['before']} -> {row['after']}  ({row['cell']})"
        for row in rows
    ]
    lines += [f"{len(rows)} values in the scenario {scenario.name}: {out}"]
    return Answer("\n".join(lines), {"status": "complete", "out": str(out), "scenario": scenario.name, "changes": rows})
