"""``capitation assumptions export``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer
from flows.known import asked_for


def command(arguments: Namespace) -> Answer:
    """Write the values of a locality or a run to Excel."""
    from budget.assumptions.export import write_workbook

    found, out = asked_for(arguments, arguments.known), Path(arguments.out)
    count = write_workbook(found.assumptions, out, found.title)
    facts = {"status": "complete", "out": str(out), "values": count}
    return Answer(f"{found.title}: {count} values in {out}; the yellow cells may be changed.", facts)
