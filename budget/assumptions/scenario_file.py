"""Changed values as a scenario file: named, with author and reason, pinned to the packs they were changed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budget.assumptions.catalogue import Value
from budget.assumptions.layer import Head, Layer, read_layer
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.assumptions.sheet import key_of, rows_of
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import write_yaml


@dataclass(frozen=True)
class Changed:
    """A value that someone changed.

    Attributes:
        entry: the value as it went out.
        value: the value as it came back.
        where: where it was changed, such as sheet and cell.
    """

    entry: Entry
    value: Value
    where: str


def write_scenario(
    path: Path,
    changes: Sequence[Changed],
    assumptions: Assumptions,
    *,
    author: str,
    reason: str,
    source: str,
) -> Layer:
    """Write changed values as a scenario that is pinned to the packs that they were changed from.

    Args:
        path: the scenario's file, which gives it its name.
        changes: at least one changed value.
        assumptions: the values before, with the packs that they come from.
        author: who answers for the change.
        reason: why.
        source: what the values come from, such as a workbook.

    Raises:
        ConfigurationError: nothing was changed, or the file is there already.
    """
    if not changes:
        raise ConfigurationError(f"{source}: no value was changed; there is nothing to make a scenario of.")
    if path.exists():
        raise ConfigurationError(f"{path}: there is such a file already; give the scenario another name.")
    values: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        written = [_written(change, author, reason, source), *_held(change, changes, assumptions, author)]
        values.setdefault(change.entry.parameter.id, []).extend(written)
    pins = {layer.name: layer.sha256 for layer in assumptions.layers if layer.kind == "pack"}
    head = {"scenario": path.stem, "author": author, "reason": reason, "based_on": pins}
    fault = Head.model_validate(head | {"values": values}).fault
    if fault:
        raise ConfigurationError(f"{path}: {fault}.")
    write_yaml(path, head | {"values": values})
    return read_layer(path)


def _written(change: Changed, author: str, reason: str, source: str) -> dict[str, Any]:
    facts = {"title": source, "where": change.where}
    return _scope(change.entry) | {
        "value": _listed(change.value),
        "source": facts,
        "owner": author,
        "status": "draft",
        "reason": reason,
    }


def _held(change: Changed, changes: Sequence[Changed], known: Assumptions, author: str) -> list[dict[str, Any]]:
    """Values of single years beside a changed one for all years, which would replace them: said again as they are."""
    if change.entry.scope.year is not None:
        return []
    moved = {key_of(other.entry) for other in changes}
    scope = change.entry.scope
    return [
        _scope(entry)
        | {
            "value": _listed(entry.value),
            "source": {"title": entry.source.title, "where": entry.source.where},
            "owner": author,
            "status": entry.status,
            "reason": "As it was; the value for all other years is changed",
        }
        for entry in rows_of(known)
        if entry.parameter.id == change.entry.parameter.id
        and (entry.scope.line, entry.scope.place) == (scope.line, scope.place)
        and entry.scope.year is not None
        and key_of(entry) not in moved
    ]


def _scope(entry: Entry) -> dict[str, Any]:
    scope = entry.scope
    said = {"years": [str(scope.year)] if scope.year else "all", "line": scope.line, "place": scope.place}
    return {name: value for name, value in said.items() if value is not None}


def _listed(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value
