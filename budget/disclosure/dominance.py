"""Cells whose cost is mostly one person's (the p% rule)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from budget.disclosure.layers import Cell
from budget.disclosure.rules import Rules
from budget.engine import DuckEngine
from budget.engine.statement import Statement

READS = ("high_cost_care", "population", "segment_cost")
"""What the rule needs to know of persons; a run without persons has nobody who dominates."""

_LARGEST = Path(__file__).parent / "sql" / "largest_persons.sql"


def dominated(tables: Mapping[str, Path], rules: Rules) -> dict[Cell, float]:
    """The cells that one person dominates, with that person's share of their cost.

    Persons are known one by one where they cost more than the least stop-loss threshold; whoever costs less is among
    those who blur the estimate.

    Args:
        tables: Parquet files of the run by name.
    """
    if any(name not in tables for name in READS):
        return {}
    with DuckEngine({name: tables[name] for name in READS}) as engine:
        persons = engine.frame(Statement.read(_LARGEST))
    costs = pd.read_parquet(tables["segment_cost"], columns=["place", "segment", "direct_pence"])
    total = costs.groupby(["place", "segment"])["direct_pence"].sum()
    # a cell whose cost could not be found by persons is at least what its persons are known to cost
    known = persons.set_index(["place", "segment"]).astype("float64")
    whole = total.reindex(known.index).fillna(0.0).clip(lower=known["largest"] + known["second"])
    at_risk = rules.dominated(whole.to_numpy(), known["largest"].to_numpy(), known["second"].to_numpy())
    shares = (known["largest"] / whole)[at_risk]
    return {(f"place:{place}", f"segment:{segment}"): float(share) for (place, segment), share in shares.items()}
