"""One contract a table: columns, types, units, keys, disclosure class."""

from budget.contracts.model import (
    PREVIOUS,
    Column,
    Table,
    actual_tables,
    input_tables,
    output_tables,
    settlement_tables,
    table,
)

__all__ = [
    "PREVIOUS",
    "Column",
    "Table",
    "actual_tables",
    "input_tables",
    "output_tables",
    "settlement_tables",
    "table",
]
