"""What the figures rest on: checks, assumptions, limits."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, ListBlock, Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.notes import reading_notes
from budget.report.views import record


def checks(_: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Counts by gate, and every check that did not pass."""
    if not facts.checks:
        return (TextBlock("No check was asked in this run.", notice=True),)
    counts = record.gates(facts)
    rows = [
        Row(
            (row.gate.capitalize(), *(show.people(n) for n in (row.asked, row.passed, row.failed, row.waived))),
            _gate_kind(row),
        )
        for row in counts.itertuples()
    ]
    totals = counts[["asked", "passed", "failed", "waived"]].sum()
    rows.append(Row(("All gates", *(show.people(n) for n in totals)), "total"))
    gates = TableBlock("Checks by gate", headings(["Gate"], ["Asked", "Passed", "Not passed", "Waived"]), tuple(rows))
    return (gates, _not_passed(facts))


def _gate_kind(row: Any) -> Literal["plain", "warn"]:
    return "warn" if row.failed or row.waived else "plain"


def _not_passed(facts: RunFacts) -> Block:
    frame = record.checks(facts)
    frame = frame[frame["outcome"] != "passed"]
    if frame.empty:
        return TextBlock("Every check passed.")
    texts = ["Gate", "Check", "Severity", "Outcome", "Rule", "Found", "Allowed", "Which", "Where to mend it"]
    names = ["gate", "check_id", "severity", "outcome", "rule", "observed", "threshold", "keys", "mend"]
    rows = tuple(
        Row(tuple(_cell(row[name]) for name in names), "bad" if row["severity"] == "fail" else "warn")
        for _, row in frame.iterrows()
    )
    return TableBlock("Checks that did not pass", headings(texts, []), rows)


def _cell(value: object) -> str:
    return "\u2013" if show.is_missing(value) or value == "" else show.plain(value)


def assumptions(_: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Every assumption; unverified ones first and marked."""
    frame = record.assumptions(facts)
    if frame.empty:
        return (TextBlock("The run recorded no assumption.", notice=True),)
    texts = ["Assumption", "Status", "Value and unit", "Year and scope", "Source", "Reason"]
    rows = tuple(_assumption(row) for _, row in frame.iterrows())
    count = len(facts.unverified)
    said = (
        f"{count} of {len(frame)} values are unverified. They are marked, come first, and must be checked before use."
    )
    told = TextBlock(said, notice=True) if count else TextBlock("No value is marked unverified.")
    return (told, *_reissues(facts), TableBlock("Assumptions of this run", headings(texts, []), rows))


def _reissues(facts: RunFacts) -> tuple[Block, ...]:
    """Values of the run's years that were published anew: since when, and what they replace."""
    found = record.reissues(facts)
    said = tuple(
        f"{row.name} of {row.financial_year} was published on {show.day(row.published_on)} as {row.value}, in place of "
        f"{row.previous_value}."
        for row in found.itertuples(index=False)
    )
    if not said:
        return ()
    again = "A run that knows only what was published before that day (known_on) uses the earlier value."
    return (TextBlock(" ".join((*said, again)), notice=True),)


def _assumption(row: pd.Series) -> Row:
    value = f"{_cell(row['value'])} ({_cell(row['unit'])})"
    where = f"{_cell(row['financial_year'])}, {_cell(row['scope'])}"
    cells = (_cell(row["name"]), _cell(row["mark"]), value, where, _cell(row["source"]), _cell(row["reason"]))
    return Row(cells, "plain" if row["verified"] else "warn")


def reading(_: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """How to read the figures, and where their limits are."""
    return (ListBlock(tuple((note.heading, note.text) for note in reading_notes(facts))),)
