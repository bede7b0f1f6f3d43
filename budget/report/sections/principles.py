"""The eight principles of a payment system, answered from the run."""

from __future__ import annotations

from budget.report.blocks import Block, Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.views import principles as views


def principles(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """One row a principle; those that somebody should look at are marked."""
    told = TextBlock(
        "The Health Foundation's eight principles for payment systems, each held against this run's own figures."
    )
    rows = tuple(
        Row((f"{number}. {name}", answer.text), "warn" if answer.warns else "plain")
        for number, (name, answer) in enumerate(views.answers(tables, facts), 1)
    )
    return (told, TableBlock("Eight principles", headings(["Principle", "What this run says"], []), rows))
