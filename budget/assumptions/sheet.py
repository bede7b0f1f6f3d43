"""The sheet on which assumptions travel to Excel and back: its name, its columns and what identifies a row."""

from __future__ import annotations

from dataclasses import dataclass

from budget.assumptions.catalogue import as_text
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions

VALUES = "Assumptions"
"""The sheet of values."""
ABOUT = "About"
"""The sheet that says what the workbook is, and what it was made from."""
HEAD_ROW = 1
"""Row of the headings, counted from 1; the values follow."""
MADE_FROM = "Made from"
"""The item on the sheet ``About`` that holds the hash of the values as they went out."""


@dataclass(frozen=True)
class Column:
    """One column of the sheet of values.

    Attributes:
        width: width in characters.
    """

    header: str
    width: int


COLUMNS = (
    Column("Assumption", 30),
    Column("Year", 10),
    Column("Line", 22),
    Column("Place", 20),
    Column("Value", 24),
    Column("Unit", 16),
    Column("Allowed", 28),
    Column("Low", 10),
    Column("High", 10),
    Column("Meaning", 60),
    Column("Status", 12),
    Column("Source", 60),
    Column("Owner", 28),
    Column("Reason", 60),
    Column("Set by", 18),
)
VALUE = next(number for number, column in enumerate(COLUMNS) if column.header == "Value")
"""Place of the one column that may be changed, counted from 0."""
KEY = slice(0, VALUE)
"""The columns before it say which value a row is."""

Key = tuple[str, ...]


def key_of(entry: Entry) -> Key:
    """What the first columns of an entry's row hold."""
    scope = entry.scope
    return (entry.parameter.id, str(scope.year) if scope.year else "all", scope.line or "", scope.place or "")


def rows_of(assumptions: Assumptions) -> list[Entry]:
    """The entries in the order of the sheet."""
    return sorted(assumptions.entries.values(), key=key_of)


def facts_of(entry: Entry) -> tuple[str, ...]:
    """What the columns after the value hold."""
    known = entry.parameter
    return (
        known.unit,
        known.allowed,
        "" if entry.low is None else as_text(entry.low),
        "" if entry.high is None else as_text(entry.high),
        known.about,
        entry.status,
        str(entry.source),
        entry.owner,
        entry.reason,
        entry.set_by,
    )
