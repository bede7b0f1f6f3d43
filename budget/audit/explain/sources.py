"""Where the budget's tables come from: every table upstream of it, the input files, and the checks asked of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from budget.audit.explain.records import Records, plain

BUDGET = "integrated_budget"


def upstream(edges: pd.DataFrame, table: str) -> tuple[str, ...]:
    """Every table that a table is made from, at whatever remove, the nearest first.

    Args:
        edges: ``lineage_edges``.
        table: where to start.
    """
    sources = edges[edges["kind"].isin(["table", "earlier run"])].groupby("output")["input"].agg(list).to_dict()
    found: dict[str, None] = {}
    waiting = [table]
    while waiting:
        name = waiting.pop(0)
        fresh = [source for source in sources.get(name, ()) if source not in found and source != table]
        found |= dict.fromkeys(fresh)
        waiting += fresh
    return tuple(found)


def inputs_of(records: Records) -> tuple[dict[str, Any], ...]:
    """The input files behind the budget: table, file, hash, rows, control total and vintage."""
    behind = {BUDGET, *upstream(records.table("lineage_edges"), BUDGET)}
    register = records.table("input_register")
    return plain(register[register["name"].isin(behind)])


def checks_of(records: Records) -> dict[str, Any]:
    """The checks that were asked of the budget and of every table behind it.

    Returns:
        ``asked``, ``passed``, ``tables`` (checks by table) and ``open``: those that failed or were waived, in full.
    """
    behind = {BUDGET, *upstream(records.table("lineage_edges"), BUDGET)}
    asked = _asked_of(records.table("dq_results"), behind)
    by_table = asked.groupby("table", sort=False)["check_id"].agg(lambda ids: ", ".join(dict.fromkeys(ids)))
    return {
        "asked": len(asked),
        "passed": int((asked["outcome"] == "passed").sum()),
        "tables": {str(name): str(ids) for name, ids in by_table.items()},
        "open": plain(asked[asked["outcome"] != "passed"]),
    }


def _asked_of(results: pd.DataFrame, tables: Collection[str]) -> pd.DataFrame:
    return results[results["table"].isin(tables)]
