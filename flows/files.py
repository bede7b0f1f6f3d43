"""Files that a command writes its answer to: rows as CSV or Parquet, or a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from budget.kernel.csv_file import write_csv
from budget.kernel.errors import ConfigurationError

if TYPE_CHECKING:
    import pandas as pd

PAGE = ".html"
_KINDS = (".csv", ".parquet", PAGE)


def out_file(named: str) -> Path:
    """The file to write, refused before anything is computed.

    Raises:
        ConfigurationError: its folder is not there, or its name ends in none of the kinds that can be written.
    """
    path = Path(named)
    if not path.parent.is_dir():
        raise ConfigurationError(f"--out {path}: there is no folder {path.parent}.")
    if path.suffix not in _KINDS:
        raise ConfigurationError(f"--out {path}: write to a file that ends in {', '.join(_KINDS[:-1])} or {PAGE}.")
    return path


def page_file(named: str) -> Path:
    """The page to write, refused before anything is computed.

    Raises:
        ConfigurationError: its folder is not there, or its name does not end as that of a page.
    """
    path = Path(named)
    if not path.parent.is_dir():
        raise ConfigurationError(f"--html {path}: there is no folder {path.parent}.")
    if path.suffix != PAGE:
        raise ConfigurationError(f"--html {path}: write to a file that ends in {PAGE}.")
    return path


def write_rows(rows: pd.DataFrame, path: Path) -> None:
    """Write a table as its file's name says, CSV or Parquet."""
    if path.suffix == ".csv":
        write_csv(rows, path)
    else:
        rows.to_parquet(path, index=False)
