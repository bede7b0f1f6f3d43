"""The SELECTs that give a table the columns and types of its contract, whatever engine runs them."""

from __future__ import annotations

from budget.contracts import Table


def no_rows(contract: Table) -> str:
    """A table that is absent: its columns, and no rows."""
    columns = ", ".join(f"cast(null as {column.sql}) as {column.name}" for column in contract.columns)
    return f"select {columns} where false"


def in_shape(relation: str, contract: Table) -> str:
    """The rows of a step in the columns and types of its contract."""
    columns = ", ".join(f"cast({column.name} as {column.sql}) as {column.name}" for column in contract.columns)
    return f"select {columns} from {relation}"
