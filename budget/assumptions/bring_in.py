"""A workbook of assumptions on its way back: the cells that were changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.assumptions.scenario_file import Changed
from budget.assumptions.sheet import ABOUT, COLUMNS, HEAD_ROW, KEY, MADE_FROM, VALUE, VALUES, Key, key_of, rows_of
from budget.kernel.errors import ConfigurationError

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook

_MOST_FAULTS_SHOWN = 10


def read_changes(path: Path, assumptions: Assumptions) -> tuple[Changed, ...]:
    """The cells of a workbook whose values are not those that went out.

    Args:
        path: the workbook, as ``write_workbook`` made it and someone changed it.
        assumptions: the values that it was made from.

    Raises:
        ConfigurationError: the file is no such workbook, was made from other values, or a cell holds what cannot be
            read; every fault names its sheet and cell.
    """
    book = _open(path)
    _refuse_other_origin(book, path, assumptions)
    known = {key_of(entry): entry for entry in rows_of(assumptions)}
    faults: list[str] = []
    changes: list[Changed] = []
    seen: set[Key] = set()
    for cells in book[VALUES].iter_rows(min_row=HEAD_ROW + 1, max_col=VALUE + 1):
        key = tuple("" if cell.value is None else str(cell.value) for cell in cells[KEY])
        if not any(key) and cells[VALUE].value is None:
            continue
        try:
            changes += _changed(cells, known, key, seen, path)
        except ConfigurationError as fault:
            faults.append(str(fault))
        seen.add(key)
    faults += [f"{path.name}: the row of {' '.join(filter(None, key))} is missing." for key in known if key not in seen]
    if faults:
        more = f"\n… and {len(faults) - _MOST_FAULTS_SHOWN} more" if len(faults) > _MOST_FAULTS_SHOWN else ""
        raise ConfigurationError("\n".join(faults[:_MOST_FAULTS_SHOWN]) + more)
    return tuple(changes)


def _open(path: Path) -> Workbook:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path)
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file.") from None
    except (InvalidFileException, zipfile.BadZipFile, KeyError):
        raise ConfigurationError(f"{path}: this is not an Excel workbook (.xlsx).") from None
    heads = [] if VALUES not in book.sheetnames else [cell.value for cell in book[VALUES][HEAD_ROW]]
    wanted = [column.header for column in COLUMNS]
    if ABOUT not in book.sheetnames or heads[: len(wanted)] != wanted:
        raise ConfigurationError(
            f"{path}: this is not a workbook of assumptions: it needs the sheets {VALUES} and {ABOUT} as they went out."
        )
    return book


def _refuse_other_origin(book: Workbook, path: Path, assumptions: Assumptions) -> None:
    said = {row[0].value: row[1].value for row in book[ABOUT].iter_rows(max_col=2)}
    if said.get(MADE_FROM) != assumptions.digest():
        raise ConfigurationError(
            f"{path}: the assumptions that it is held against are not those that it was made from; they have changed "
            "since, or belong to another locality or run.\n  mend: export them again, and make the changes there"
        )


def _changed(
    cells: Sequence[Cell], known: Mapping[Key, Entry], key: Key, seen: set[Key], path: Path
) -> Iterator[Changed]:
    """The change of one row, if there is one."""
    first, cell = cells[0].coordinate, cells[VALUE]
    if key not in known:
        raise ConfigurationError(
            f"{path.name}, {VALUES}!{first}: there is no value for {' '.join(filter(None, key))}; rows cannot be added."
        )
    if key in seen:
        raise ConfigurationError(f"{path.name}, {VALUES}!{first}: {' '.join(filter(None, key))} is there twice.")
    entry = known[key]
    value = entry.parameter.read(_content(cell, entry, path), f"{path.name}, {VALUES}!{cell.coordinate}")
    if value != entry.value:
        yield Changed(entry, value, f"{VALUES}!{cell.coordinate}")


def _content(cell: Cell, entry: Entry, path: Path) -> Any:
    """What a cell holds: a formula is not worked out, and a blank is a value only of a list that was empty."""
    where = f"{path.name}, {VALUES}!{cell.coordinate}"
    if cell.data_type == "f":
        raise ConfigurationError(f"{where}: the cell holds a formula; write the value itself.")
    if isinstance(cell.value, bool | datetime):
        raise ConfigurationError(f"{where}: the cell holds a date or a yes or no; write the value itself.")
    blank = cell.value in (None, "")
    if blank and entry.value != ():
        raise ConfigurationError(f"{where}: the value of {entry.parameter.id} is missing; write it again.")
    return () if blank else cell.value
