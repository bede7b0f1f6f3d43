"""Column lineage of a stage's result, traced once and kept in the store under a hash of what it is read off."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from budget.audit.lineage.columns import Traced, trace
from budget.contracts import input_tables
from budget.contracts import table as contract_of
from budget.kernel.hashing import hash_value
from budget.runner import StageResult
from budget.store import SAID, Store, write_json

RAW = "raw_"
"""Begins the name of the view over the raw files of a table."""


def traced_of(store: Store, result: StageResult, read: Collection[str]) -> dict[str, Traced]:
    """Where the columns of a stage's tables come from; only those tables that it wrote straight from SQL.

    Args:
        store: where results are kept.
        result: the stage's result.
        read: the tables that it read.
    """
    folder = store.folder(result.stage, result.key)
    try:
        said = json.loads((folder / SAID).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not said["written"]:
        return {}
    kept = store.root / "columns" / f"{hash_value([said, sorted(read)])[:32]}.json"
    if not kept.is_file():
        kept.parent.mkdir(exist_ok=True)
        write_json(kept, _plain(_trace(said, read)))
    return {name: _read(facts) for name, facts in json.loads(kept.read_text(encoding="utf-8")).items()}


def _trace(said: Mapping[str, Any], read: Collection[str]) -> dict[str, Traced]:
    known = {name: contract_of(name).names for name in read}
    known |= {f"{RAW}{name}": tuple(c.name for c in table.supplied) for name, table in input_tables().items()}
    found = trace(said["said"], known)
    return {table: found[relation] for table, relation in said["written"].items() if relation in found}


def _plain(found: Mapping[str, Traced]) -> dict[str, Any]:
    return {
        name: {
            "columns": {column: sorted(origins) for column, origins in traced.columns.items()},
            "rows": sorted(traced.rows),
        }
        for name, traced in sorted(found.items())
    }


def _read(facts: Mapping[str, Any]) -> Traced:
    columns = {
        column: frozenset((table, name) for table, name in origins) for column, origins in facts["columns"].items()
    }
    return Traced(columns, frozenset((table, name) for table, name in facts["rows"]))
