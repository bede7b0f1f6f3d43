"""How raw files are read: strictly, nothing guessed or skipped, and never with their contents in an error."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import duckdb

from budget.engine.statement import quote
from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped

Result = TypeVar("Result")

_WORKBOOK = b"PK\x03\x04"
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_WIDTH = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_FILE = re.compile(r"""[Ff]ile ["']([^"']+)["']""")


def reader(files: Sequence[Path]) -> str:
    """The table function that reads some files of one table.

    A CSV is read as RFC 4180 has it, with every column of its header as text. Nothing is detected: a reader that
    detects takes a row that is too wide for the end of a preamble and skips what stands above it.
    """
    names = "[" + ", ".join(quote(str(path)) for path in files) + "]"
    if files[0].suffix == ".parquet":
        return f"read_parquet({names})"
    columns = ", ".join(f"{quote(name)}: 'VARCHAR'" for name in header(files[0]))
    form = "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', strict_mode = true"
    return f"read_csv({names}, auto_detect = false, columns = {{{columns}}}, {form})"


def header(path: Path) -> tuple[str, ...]:
    """The column names in the first line of a CSV.

    Raises:
        csv.Error: it is a workbook, there is no name, names are separated by something else than commas, or one stands
            there twice. The message does not repeat it: in a file without a header it is somebody's value.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        if file.read(len(_WORKBOOK)) == _WORKBOOK:
            raise csv.Error("this is a workbook; save its sheet as CSV UTF-8")
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        names = tuple(next(csv.reader(file, strict=True), ()))
    if not names:
        raise csv.Error("it is empty")
    if len(names) == 1 and (other := next((sign for sign in _OTHER_SEPARATORS if sign in names[0]), None)):
        raise csv.Error(f"it is separated by {_OTHER_SEPARATORS[other]}; save it with commas")
    if len(set(names)) < len(names):
        raise csv.Error("it names a column twice")
    return names


def readable(table: str, mend: str, read: Callable[[], Result]) -> Result:
    """Read, and turn a file that cannot be read into a failed check of its table.

    The reader's own message quotes the line that it stumbled over, so it goes no further, not even as a cause.

    Raises:
        RunStopped: the file cannot be read.
    """
    try:
        return read()
    except (duckdb.Error, UnicodeDecodeError, csv.Error, gzip.BadGzipFile, EOFError) as error:
        fault, file = _fault(error), _file_in(error) or mend
    raise RunStopped("intake", (CheckResult("intake", "I02", "fail", "failed", table, fault, mend=file),))


def _fault(error: Exception) -> str:
    message = str(error)
    line, width = _LINE.search(message), _WIDTH.search(message)
    if isinstance(error, UnicodeDecodeError) or "not utf-8" in message:
        return "the file must be UTF-8" + (f"; line {line[1]} is not" if line else "; save it as CSV UTF-8")
    if isinstance(error, csv.Error):
        return f"the first line must be a header: {message}"
    if line and width:
        return f"every row must have the {width[1]} columns of the header; line {line[1]} has {width[2]}"
    if line and "unterminated quote" in message:
        return f"every quote must be closed; line {line[1]} has one that is not"
    return "the file must be a whole CSV or Parquet file, and its parts must have the columns and types of the first"


def _file_in(error: Exception) -> str | None:
    named = _FILE.search(str(error))
    return Path(named[1]).name if named else None
