"""The first three sheets: cover, contents, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budget.report.book.sheet import FIRST, Head, Placed, SheetWriter
from budget.report.book.ties import TieRow, all_agree
from budget.report.book.values import MISSING, shown
from budget.report.facts import RunFacts
from budget.report.notes import INTERNAL_MARK, known_text, reading_notes
from budget.report.show import day

_HEADLINES = (
    ("Allocation", "allocation_pence"),
    ("Carve-outs", "carve_out_pence"),
    ("Risk pool", "risk_pool_pence"),
    ("Payment (core and incentive)", "payment_pence"),
    ("People", "people"),
    ("Allocation a head", "per_head"),
)


@dataclass(frozen=True)
class Entry:
    """A line of the contents.

    Attributes:
        rows: rows of the table; None where the sheet was left out.
    """

    name: str
    about: str
    rows: int | None


def write_cover(writer: SheetWriter, sheets: Mapping[str, Placed], ties: tuple[TieRow, ...]) -> None:
    """Title, identity, status, notice and headline figures, linked to the sheets they come from."""
    identity = _identity(writer.facts)
    headlines = _headlines(sheets["Budget by place"]) if "Budget by place" in sheets else []
    title = f"{writer.facts.title}: integrated budgets"
    writer.heading(title, "What this run worked out, at a glance.")
    count = len(identity) + len(headlines) + bool(ties)
    writer.header(
        [Head("Item", 44), Head("Value", 64)], count, "Cover", "Identity, status and headline figures of the run"
    )
    for row, (item, text) in enumerate(identity, start=FIRST):
        writer.worksheet.write_string(row, 0, item, writer.formats["item"])
        writer.worksheet.write_string(row, 1, text, writer.formats["long_text"])
        writer.wrap(row, [(text, 64)])
    for row, (item, formula, raw, kind) in enumerate(headlines, start=FIRST + len(identity)):
        writer.worksheet.write_string(row, 0, item, writer.formats["item"])
        writer.formula(row, 1, formula, shown(kind, raw, writer.facts), f"{kind}_left")
    if ties:
        writer.worksheet.write_string(FIRST + count - 1, 0, "All arithmetic checks agree", writer.formats["item"])
        writer.formula(FIRST + count - 1, 1, *all_agree(ties), "text")
    writer.worksheet.freeze_panes(FIRST, 0)


def _identity(facts: RunFacts) -> list[tuple[str, str]]:
    outcomes = [check.outcome for check in facts.checks]
    return [
        ("Run", facts.run_id),
        ("Status", facts.status.upper()),
        ("Approval", "Nobody had approved the run when this was written; capitation verify says what it is now"),
        ("Notice", facts.notice or "None"),
        ("Handling", INTERNAL_MARK),
        ("Purpose", facts.purpose),
        ("Base year", str(facts.base_year)),
        ("Budget years", ", ".join(map(str, facts.budget_years))),
        ("People counted on", day(facts.snapshot_date)),
        ("Figures as at", day(facts.created_on)),
        ("Version of the product", facts.code_version),
        (
            "Data checks",
            f"{len(outcomes)} asked, {outcomes.count('failed')} not passed, {outcomes.count('waived')} waived",
        ),
        ("Assumptions", f"{known_text(facts)[:1].upper()}{known_text(facts)[1:]}"),
        ("Scenarios", ", ".join(facts.scenarios) or "None"),
        ("Unverified assumptions", f"{len(facts.unverified)} of {len(facts.assumptions)}"),
    ]


def _headlines(budget: Placed) -> list[tuple[str, str, Any, Any]]:
    return [
        (f"{label}, {year}", f"={budget.cell(row, name, elsewhere=True)}", totals[name], budget.column(name).kind)
        for label, name in _HEADLINES
        for year, (row, totals) in budget.totals.items()
    ]


def write_contents(writer: SheetWriter, entries: Sequence[Entry]) -> None:
    """Every sheet with a link; sheets that were left out say why."""
    about = "Every sheet holds one table. Choose a name to go there."
    writer.heading("Contents", about)
    heads = [Head("Sheet", 30), Head("What it shows", 100), Head("Rows", 12, number=True)]
    writer.header(heads, len(entries), "Contents", about)
    for row, entry in enumerate(entries, start=FIRST):
        if entry.rows is None:
            writer.worksheet.write_string(row, 0, entry.name, writer.formats["text"])
            writer.worksheet.write_string(row, 2, MISSING, writer.formats["missing"])
        else:
            writer.worksheet.write_url(row, 0, f"internal:'{entry.name}'!A1", writer.formats["link"], entry.name)
            writer.worksheet.write_number(row, 2, entry.rows, writer.formats["whole"])
        writer.worksheet.write_string(row, 1, entry.about, writer.formats["long_text"])
        writer.wrap(row, [(entry.about, 100)])
    writer.worksheet.freeze_panes(FIRST, 0)


def write_notes(writer: SheetWriter) -> int:
    """How to read the figures and their limits; returns the number of notes."""
    about = "How to read the figures, and where their limits are."
    signs = ("Signs", f"{MISSING} stands for a value that is not available. Nothing is left blank.")
    notes = [*((note.heading, note.text) for note in reading_notes(writer.facts)), signs]
    writer.heading("Notes", about)
    writer.header([Head("Note", 24), Head("What to know", 110)], len(notes), "Notes", about)
    for row, (heading, text) in enumerate(notes, start=FIRST):
        writer.worksheet.write_string(row, 0, heading, writer.formats["item"])
        writer.worksheet.write_string(row, 1, text, writer.formats["long_text"])
        writer.wrap(row, [(text, 110)])
    writer.worksheet.freeze_panes(FIRST, 0)
    return len(notes)
