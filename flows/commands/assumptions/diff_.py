"""``capitation assumptions diff``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from budget.assumptions.diff import differences
from flows.answer import Answer
from flows.known import anything

_NONE = "no value"


def command(arguments: Namespace) -> Answer:
    """What differs between two sets of assumptions."""
    before, after = anything(arguments.before), anything(arguments.after)
    years = before.years if set(before.years) >= set(after.years) else after.years
    changes = [change.as_dict() for change in differences(before.assumptions, after.assumptions, years)]
    noun = "value differs" if len(changes) == 1 else "values differ"
    lines = [f"{before.title}  against  {after.title}: {len(changes)} {noun}.", *map(_line, changes)]
    return Answer("\n".join(lines), {"before": before.title, "after": after.title, "changes": changes})


def _line(change: dict[str, Any]) -> str:
    values = " -> ".join(_NONE if change[side] is None else change[side] for side in ("before", "after"))
    return f"  {change['name']:<26} {change['scope']:<26} {', '.join(change['years']):<26} {values}"
