"""Which table and column is made from which: edges, columns, and events that other tools read."""

from budget.audit.lineage.edges import edges

__all__ = ["edges"]
