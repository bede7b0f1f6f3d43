"""One contract a table: columns, types, units, keys, disclosure class."""

from budget.contracts.model import PREVIOUS, Column, Table, input_tables, output_tables, table

__all__ = ["PREVIOUS", "Column", "Table", "input_tables", "output_tables", "table"]
