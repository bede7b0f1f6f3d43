"""What travels between Prefect tasks: paths, hashes and outcomes as plain values, never rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from budget.kernel.checks import CheckResult
from budget.runner import StageResult
from budget.store import TableRef


def as_plain(result: StageResult) -> dict[str, Any]:
    """A stage's result as values that JSON can hold."""
    return asdict(result) | {
        "tables": [_plain_ref(ref) for ref in result.tables],
        "documents": [_plain_ref(ref) for ref in result.documents],
        "checks": [check.as_dict() for check in result.checks],
    }


def from_plain(plain: dict[str, Any]) -> StageResult:
    """The stage's result that ``as_plain`` wrote."""
    parts = {
        "tables": tuple(_ref(ref) for ref in plain["tables"]),
        "documents": tuple(_ref(ref) for ref in plain["documents"]),
        "checks": tuple(CheckResult(**(check | {"keys": tuple(check["keys"])})) for check in plain["checks"]),
    }
    return StageResult(**(plain | parts))


def _plain_ref(ref: TableRef) -> dict[str, Any]:
    return asdict(ref) | {"path": str(ref.path)}


def _ref(plain: dict[str, Any]) -> TableRef:
    return TableRef(**(plain | {"path": Path(plain["path"])}))
