"""Assumptions as a workbook: one row a value, of which the value alone may be changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.assumptions.catalogue import Parameter, as_text
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.assumptions.sheet import ABOUT, COLUMNS, HEAD_ROW, MADE_FROM, VALUE, VALUES, facts_of, key_of, rows_of

if TYPE_CHECKING:
    from xlsxwriter.workbook import Format, Workbook
    from xlsxwriter.worksheet import Worksheet

_LONGEST_MESSAGE = 250
"""Characters that Excel shows in a note; it allows 255."""
_LONGEST_LIST = 250
"""Characters of all options together that Excel takes for a list; it allows 255."""


def write_workbook(assumptions: Assumptions, path: Path, title: str) -> int:
    """Write the values of a locality or a run to Excel; the same values give the same cells.

    Every text is written as text, also one that begins as a formula would.

    Args:
        assumptions: the values.
        path: the ``.xlsx`` file.
        title: the locality or run, for people.

    Returns:
        How many values were written.

    Raises:
        OSError: the file cannot be written.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    entries = rows_of(assumptions)
    _values(book, entries)
    _about(book, title, assumptions.digest())
    book.close()
    return len(entries)


def _values(book: Workbook, entries: list[Entry]) -> None:
    sheet = book.add_worksheet(VALUES)
    head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    open_cell = book.add_format({"locked": False, "bg_color": "#FFF2CC", "border": 1, "valign": "top"})
    for number, column in enumerate(COLUMNS):
        sheet.set_column(number, number, column.width)
        sheet.write_string(HEAD_ROW - 1, number, column.header, head)
    for row, entry in enumerate(entries, start=HEAD_ROW):
        for number, said in enumerate(key_of(entry)):
            sheet.write_string(row, number, said, text)
        _value(sheet, row, entry, open_cell)
        for number, said in enumerate(facts_of(entry), start=VALUE + 1):
            sheet.write_string(row, number, said, text)
    sheet.freeze_panes(HEAD_ROW, VALUE + 1)
    sheet.autofilter(HEAD_ROW - 1, 0, max(len(entries), 1), len(COLUMNS) - 1)
    sheet.protect("", {"autofilter": True, "sort": False, "format_columns": True})


def _value(sheet: Worksheet, row: int, entry: Entry, look: Format) -> None:
    if isinstance(entry.value, Decimal):
        sheet.write_number(row, VALUE, float(entry.value), look)
    else:
        sheet.write_string(row, VALUE, as_text(entry.value), look)
    sheet.data_validation(row, VALUE, row, VALUE, _validation(entry.parameter))


def _validation(known: Parameter) -> dict[str, Any]:
    """What Excel lets be typed, and what it says of it."""
    said = ". ".join(filter(None, (known.about, known.how_written, f"Allowed: {known.allowed}" * bool(known.allowed))))
    notes = {
        "input_title": known.id[:32],
        "input_message": said[:_LONGEST_MESSAGE],
        "error_title": known.id[:32],
        "error_message": (said or known.about)[:_LONGEST_MESSAGE],
    }
    if known.options and len(",".join(known.options)) <= _LONGEST_LIST:
        return {"validate": "list", "source": list(known.options)} | notes
    if known.minimum is not None and known.unit != "numbers":
        bounds = {"minimum": float(known.minimum), "maximum": float(known.maximum or 0)}
        return {"validate": "decimal", "criteria": "between"} | bounds | notes
    return {"validate": "any"} | notes


def _about(book: Workbook, title: str, digest: str) -> None:
    sheet = book.add_worksheet(ABOUT)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 110, book.add_format({"text_wrap": True}))
    rows = (
        ("Assumptions of", title),
        (
            "To change one",
            f"Write the new value in the yellow cell of its row on the sheet {VALUES}. All else is locked.",
        ),
        ("Rates, shares", "Decimals: 0.02 for 2%. Amounts are in pounds. Lists have commas between their items."),
        (
            "To bring it back",
            "capitation assumptions import FILE.xlsx --config CONFIG --out SCENARIO.yaml --author … --reason …",
        ),
        (
            "What comes back",
            "A scenario that holds the changed cells alone, pinned to the packs; nothing else is read.",
        ),
        (MADE_FROM, digest),
    )
    for row, (item, said) in enumerate(rows):
        sheet.write_string(row, 0, item)
        sheet.write_string(row, 1, said)
    sheet.protect()
