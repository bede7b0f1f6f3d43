"""The data dictionary: every table, column by column."""

from __future__ import annotations

from budget.contracts import Column, Table, actual_tables, input_tables, output_tables, settlement_tables

from .markdown import NOTE, grid, listed


def data_dictionary() -> str:
    """Every table with its columns, types and units."""
    parts = [
        "# Data dictionary",
        NOTE,
        "Types are those of Arrow; `?` after a type means that a value may be missing. Money is whole pence. "
        "Disclosure: **person** tables hold people under pseudonyms and stay inside; **aggregate** tables may identify "
        "in small cells; **public** tables can be shown.",
        "## Input tables",
        "Each is a file `<name>.csv`, `<name>.csv.gz` or `<name>.parquet` in the input folder, or a folder `<name>/` "
        "of Parquet files. Columns that are not listed are left alone.",
        *(_table(table) for table in input_tables().values()),
        "## Tables that a run writes",
        "In `tables/` of the run folder. Raw inputs are not copied there.",
        *(_table(table) for table in output_tables().values()),
        "## What happens in the year",
        "Handed over to `capitation settle` in one folder, as files like those of the inputs; see "
        "[settling a year](guides/settle.md).",
        *(_table(table) for table in actual_tables().values()),
        "## Tables that a settlement writes",
        "In `tables/` of its own folder, as Parquet and CSV.",
        *(_table(table) for table in settlement_tables().values()),
    ]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    key = f" Key: {listed(table.key)}." if table.key else ""
    rows = [(f"`{c.name}`", _type(c), c.unit or "", _meaning(c)) for c in table.columns]
    columns = grid(("column", "type", "unit", "meaning"), rows)
    return f"### {table.name}\n\n{table.about} Disclosure: {table.disclosure}.{key}\n\n{columns}"


def _type(column: Column) -> str:
    return column.type + ("?" if column.nullable else "")


def _meaning(column: Column) -> str:
    notes = [column.about]
    if column.values:
        notes.append(f"one of {', '.join(column.values)}")
    if column.minimum is not None:
        notes.append(f"at least {column.minimum:g}")
    if column.maximum is not None:
        notes.append(f"at most {column.maximum:g}")
    notes += [
        word
        for word, holds in (("the column may be left out", column.optional), ("added on entry", column.derived))
        if holds
    ]
    return "; ".join(notes)
