"""Person-level work: one SELECT a step, on embedded DuckDB, or on Spark where the data lie in a cluster."""

from budget.engine.duck import DuckEngine
from budget.engine.protocol import Engine, Said, Select

__all__ = ["DuckEngine", "Engine", "Said", "Select"]
