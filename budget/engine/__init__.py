"""Person-level work: one SELECT a step, on embedded DuckDB."""

from budget.engine.duck import Engine, Select

__all__ = ["Engine", "Select"]
