"""The workbook of a run: what ``workbook.yaml`` describes, filled, with live totals and checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.report.book.front import Entry, write_contents, write_cover, write_notes
from budget.report.book.model import Sheet, book
from budget.report.book.sheet import FIRST, HEADER, Placed, SheetWriter, place
from budget.report.book.style import make_formats
from budget.report.book.ties import NAME as TIES
from budget.report.book.ties import tie_rows, write_ties
from budget.report.facts import RunFacts, RunTables
from budget.report.notes import reading_notes
from budget.report.views import VIEWS

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_FRONT_COLOUR = "#003087"
_MARKED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "Assumptions": (("mark", "UNVERIFIED", "warn"),),
    "Data checks": (("outcome", "failed", "bad"), ("outcome", "waived", "warn")),
}
"""Cells to mark: by sheet, the column, the text it begins with, the format."""


def write_workbook(tables: RunTables, facts: RunFacts, path: Path) -> None:
    """Write the workbook of a run; the same tables and facts give the same bytes.

    Sheets whose tables the run does not have are left out, and the contents say so.

    Args:
        tables: output tables by contract name.
        facts: the run beside its tables.
        path: the ``.xlsx`` file to write.

    Raises:
        OSError: the file cannot be written.
    """
    from xlsxwriter.workbook import Workbook

    filled = {
        spec.name: place(spec, VIEWS[spec.view](tables, facts)) for spec in book().sheets if not _lacking(spec, tables)
    }
    sheets = {name: placed for name, placed in filled.items() if len(placed.frame)}
    with Workbook(str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        _describe(workbook, facts)
        _write(workbook, tables, facts, sheets)


def _lacking(spec: Sheet, tables: RunTables) -> tuple[str, ...]:
    return tuple(name for name in spec.needs if name not in tables)


def _describe(workbook: Workbook, facts: RunFacts) -> None:
    created = datetime.combine(facts.created_on, datetime.min.time())
    comments = f"Run {facts.run_id}, {facts.status}. {facts.notice}".strip()
    title = f"{facts.title}: integrated budgets"
    workbook.set_properties({"title": title, "subject": facts.purpose, "comments": comments, "created": created})


def _write(workbook: Workbook, tables: RunTables, facts: RunFacts, sheets: Mapping[str, Placed]) -> None:
    formats = make_formats(workbook)
    ties = tie_rows(book().ties, sheets, facts)

    def writer(name: str, colour: str) -> SheetWriter:
        worksheet = workbook.add_worksheet(name)
        _set_up_page(worksheet, facts, name, colour)
        return SheetWriter(worksheet, formats, facts)

    front = [writer(name, _FRONT_COLOUR) for name in ("Cover", "Contents", "Notes")]
    write_cover(front[0], sheets, ties)
    write_contents(front[1], _entries(tables, facts, sheets, len(ties)))
    write_notes(front[2])
    if ties:
        write_ties(writer(TIES, _FRONT_COLOUR), ties)
    for placed in sheets.values():
        sheet = writer(placed.spec.name, placed.spec.colour)
        sheet.table(placed)
        _mark(sheet, placed)


def _entries(tables: RunTables, facts: RunFacts, sheets: Mapping[str, Placed], ties: int) -> list[Entry]:
    entries = [Entry("Notes", "How to read the figures, and where their limits are.", len(reading_notes(facts)) + 1)]
    if ties:
        entries.append(Entry(TIES, "Figures on different sheets that must agree to the penny.", ties))
    for spec in book().sheets:
        lacking = _lacking(spec, tables)
        if lacking:
            entries.append(Entry(spec.name, f"Left out: this run has no table {', '.join(lacking)}.", None))
        elif spec.name not in sheets:
            entries.append(Entry(spec.name, "Left out: the table has no rows.", None))
        else:
            entries.append(Entry(spec.name, spec.about, len(sheets[spec.name].frame)))
    return entries


def _set_up_page(worksheet: Worksheet, facts: RunFacts, name: str, colour: str) -> None:
    worksheet.set_tab_color(colour)
    worksheet.hide_gridlines(2)
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_margins(0.4, 0.4, 0.6, 0.6)
    worksheet.repeat_rows(HEADER)
    run = f"{facts.run_id} ({facts.status})".replace("&", "&&")
    worksheet.set_footer(f"&L{run}&C{name}&RPage &P of &N")


def _mark(sheet: SheetWriter, placed: Placed) -> None:
    for column_id, text, form in _MARKED.get(placed.spec.name, ()):
        position = placed.position(column_id)
        rule: dict[str, Any] = {"type": "text", "criteria": "begins with", "value": text, "format": sheet.formats[form]}
        sheet.worksheet.conditional_format(FIRST, position, placed.last, position, rule)
