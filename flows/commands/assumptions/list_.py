"""``capitation assumptions list``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from flows.answer import Answer
from flows.known import asked_for

_UNVERIFIED = "unverified"


def command(arguments: Namespace) -> Answer:
    """Every value of a locality or a run."""
    found = asked_for(arguments, arguments.known)
    rows = found.assumptions.rows()
    unverified = [row for row in rows if row["status"] == _UNVERIFIED]
    lines = [f"{found.title}: {len(rows)} values, {len(unverified)} of them unverified.", ""]
    lines += [line(row) for row in rows]
    return Answer("\n".join(lines), rows)


def line(row: dict[str, Any]) -> str:
    """One value as a line: what, when, where, how much, how sure, and from where."""
    named = f"{row['name']:<26} {row['financial_year']:<8} {row['scope']:<26} {row['value']:<24}"
    return f"{named} {row['status']:<11} {row['source']}"
