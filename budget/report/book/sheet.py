"""One table on one sheet: title in A1, one header row, rows, live totals under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from budget.report.book.formulas import text_of, value_of
from budget.report.book.model import Column, Sheet
from budget.report.book.style import WIDTHS
from budget.report.book.values import MISSING, is_text, shown
from budget.report.facts import RunFacts
from budget.report.show import rounded

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

HEADER = 4
FIRST = HEADER + 1
"""Rows before the table: title, what it is, notice, way back; then the header."""


@dataclass(frozen=True)
class Head:
    """A column's header: its text, its width in characters, whether numbers stand under it."""

    text: str
    width: int
    number: bool = False

    @property
    def form(self) -> str:
        """Name of its format: a number's header stands to the right, as the number does."""
        return "header_number" if self.number else "header"

    @property
    def lines(self) -> int:
        """Lines that the text takes, beside the filter button."""
        return -(-len(self.text) // max(self.width - 5, 1))


@dataclass(frozen=True)
class Placed:
    """A table as it stands on its sheet.

    Attributes:
        spec: its description.
        frame: raw values, formula columns included, in the order of the rows.
        totals: raw totals by year (or ``all``), each with its row; in the order written.
    """

    spec: Sheet
    frame: pd.DataFrame
    totals: Mapping[str, tuple[int, Mapping[str, Any]]]

    @property
    def last(self) -> int:
        """Row of the last row of the table, counted from 0."""
        return FIRST + len(self.frame) - 1

    def position(self, column_id: str) -> int:
        """Number of a column, counted from 0."""
        return self._positions[column_id]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {column.id: position for position, column in enumerate(self.spec.columns)}

    def column(self, column_id: str) -> Column:
        """The description of a column."""
        return self.spec.columns[self.position(column_id)]

    def span(self, column_id: str, *, elsewhere: bool = False) -> str:
        """Address of a column's data rows; with the sheet's name for use on another sheet."""
        from xlsxwriter.utility import xl_range_abs

        position = self.position(column_id)
        cells = xl_range_abs(FIRST, position, self.last, position)
        return f"'{self.spec.name}'!{cells}" if elsewhere else cells

    def cell(self, row: int, column_id: str, *, elsewhere: bool = False) -> str:
        """Address of one cell."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        address = xl_rowcol_to_cell(row, self.position(column_id))
        return f"'{self.spec.name}'!{address}" if elsewhere else address


def place(spec: Sheet, view: pd.DataFrame) -> Placed:
    """Work out what a sheet will hold: formula columns and totals, in raw units."""
    frame = view.reset_index(drop=True)
    for column in spec.columns:
        if column.formula:
            operands = frame[list(column.formula.of)].itertuples(index=False)
            frame[column.id] = pd.Series([value_of(column.formula, tuple(row)) for row in operands], dtype=object)
    return Placed(spec, frame, _totals(spec, frame))


def _head(column: Column, cells: Sequence[Any]) -> Head:
    """A column's header; text is as wide as its longest, within limits."""
    least, most = WIDTHS[column.kind]
    longest = max(len(str(cell)) for cell in cells) + 3 if is_text(column.kind) else least
    return Head(column.header, min(max(least, longest), most), number=not is_text(column.kind))


def _totals(spec: Sheet, frame: pd.DataFrame) -> dict[str, tuple[int, dict[str, Any]]]:
    if spec.totals is None:
        return {}
    groups = dict(list(frame.groupby("financial_year"))) if spec.totals == "year" else {"all": frame}
    start = FIRST + len(frame)
    return {str(name): (start + i, _sums(spec, rows)) for i, (name, rows) in enumerate(groups.items())}


def _sums(spec: Sheet, rows: pd.DataFrame) -> dict[str, Any]:
    totals: dict[str, Any] = {c.id: _sum(c, rows[c.id].dropna()) for c in spec.columns if c.total and not c.formula}
    for column in spec.columns:
        if column.total and column.formula:
            totals[column.id] = value_of(column.formula, [totals[name] for name in column.formula.of])
    return totals


def _sum(column: Column, values: pd.Series) -> Any:
    """What a live total comes to: the sum of what the cells show, and cells show estimates in pence as whole pence."""
    if column.kind == "pounds" and not pd.api.types.is_integer_dtype(values):
        return sum(int(rounded(value)) for value in values)
    return values.sum()


class SheetWriter:
    """Writes one placed table; every text is written as text, so that none can be taken for a formula."""

    def __init__(self, worksheet: Worksheet, formats: Mapping[str, Format], facts: RunFacts) -> None:
        self.worksheet = worksheet
        self.formats = formats
        self.facts = facts

    def heading(self, title: str, about: str) -> None:
        """Title, what it is, notice and the way back: the four rows above every table."""
        status = f"{self.facts.status.capitalize()}. {self.facts.notice}".strip()
        self.worksheet.write_string(0, 0, title, self.formats["title"])
        self.worksheet.write_string(1, 0, about, self.formats["about"])
        self.worksheet.write_string(2, 0, status, self.formats["notice"])
        self.worksheet.write_url(3, 0, "internal:'Contents'!A1", self.formats["link"], "Back to contents")
        self.worksheet.set_row(0, 26)

    def header(self, heads: Sequence[Head], rows: int, name: str, description: str) -> None:
        """The one header row, as a named table with filters and a description for screen readers."""
        columns = [{"header": head.text, "header_format": self.formats[head.form]} for head in heads]
        style = {"name": name, "title": name, "description": description, "style": "Table Style Light 1"}
        self.worksheet.add_table(HEADER, 0, HEADER + rows, len(heads) - 1, style | {"columns": columns})
        self.worksheet.set_row(HEADER, 16 * max(head.lines for head in heads))
        for position, head in enumerate(heads):
            self.worksheet.set_column(position, position, head.width)

    def table(self, placed: Placed) -> None:
        """The whole sheet."""
        spec = placed.spec
        self.heading(spec.title, spec.about)
        cells = [[shown(column.kind, raw, self.facts) for raw in placed.frame[column.id]] for column in spec.columns]
        heads = [_head(column, shown_) for column, shown_ in zip(spec.columns, cells, strict=True)]
        name = spec.name.replace(" ", "_").replace("-", "_")
        self.header(heads, len(placed.frame), name, spec.about)
        for column, shown_ in zip(spec.columns, cells, strict=True):
            self._column(placed, column, shown_)
        self._row_heights(spec, heads, cells)
        for year, (row, totals) in placed.totals.items():
            self._total_row(placed, year, row, totals)
        self.worksheet.freeze_panes(FIRST, spec.freeze)

    def _row_heights(self, spec: Sheet, heads: Sequence[Head], cells: Sequence[Sequence[Any]]) -> None:
        wrapped = [place for place, column in enumerate(spec.columns) if column.kind == "long_text"]
        for number in range(len(cells[0]) if wrapped else 0):
            self.wrap(FIRST + number, [(str(cells[place][number]), heads[place].width) for place in wrapped])

    def wrap(self, row: int, texts: Sequence[tuple[str, int]]) -> None:
        """Make a row as high as its wrapped texts need; not every program does so by itself.

        Args:
            row: the row, counted from 0.
            texts: each text with the width of its column.
        """
        lines = max(len(fill(text, max(int(width * 1.1) - 2, 1)).splitlines()) for text, width in texts)
        if lines > 1:
            self.worksheet.set_row(row, 13.5 * lines + 2)

    def _column(self, placed: Placed, column: Column, cells: Sequence[Any]) -> None:
        position = placed.position(column.id)
        for row, cell in enumerate(cells, start=FIRST):
            if column.formula and cell != MISSING:
                operands = [placed.cell(row, name) for name in column.formula.of]
                self.formula(row, position, text_of(column.formula, operands, column.kind), cell, column.kind)
            else:
                self.value(row, position, column, cell)

    def value(self, row: int, position: int, column: Column, cell: Any) -> None:
        """One plain cell, as it is shown."""
        if isinstance(cell, str):
            kind = "missing" if cell == MISSING and not is_text(column.kind) else column.kind
            self.worksheet.write_string(row, position, cell, self.formats[kind])
        elif column.kind == "date":
            self.worksheet.write_datetime(row, position, cell, self.formats["date"])
        else:
            self.worksheet.write_number(row, position, cell, self.formats[column.kind])

    def formula(self, row: int, position: int, text: str, value: Any, form: str) -> None:
        """One live formula with the value that it gives."""
        self.worksheet.write_formula(row, position, text, self.formats[form], value)

    def _total_row(self, placed: Placed, year: str, row: int, totals: Mapping[str, Any]) -> None:
        labels = iter(("All", "") if year == "all" else (year, "Total"))
        for position, column in enumerate(placed.spec.columns):
            if column.id in totals:
                text = self._total_formula(placed, column, row, year)
                self.formula(
                    row, position, text, shown(column.kind, totals[column.id], self.facts), f"{column.kind}_total"
                )
            else:
                self.worksheet.write_string(row, position, next(labels, ""), self.formats["text_total"])

    def _total_formula(self, placed: Placed, column: Column, row: int, year: str) -> str:
        if column.formula:
            return text_of(column.formula, [placed.cell(row, name) for name in column.formula.of], column.kind)
        if year == "all":
            return f"=SUM({placed.span(column.id)})"
        of_the_year = f"--({placed.span('financial_year')}={placed.cell(row, 'financial_year')})"
        return f"=SUMPRODUCT({of_the_year},{placed.span(column.id)})"
