"""Raw values of a view as a cell shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from budget.report.book.model import Kind
from budget.report.facts import RunFacts
from budget.report.show import is_missing, plain, rounded, thousands

MISSING = "[x]"
"""The Government Statistical Service's sign for a value that is not available."""


def _whole(pence: Any) -> int:
    """Whole pence; an estimate is rounded half-up."""
    return pence if isinstance(pence, int) else int(rounded(pence))


_CELLS: Mapping[Kind, Callable[[Any], Any]] = MappingProxyType(
    {
        "yes_no": lambda raw: "Yes" if raw else "No",
        "date": lambda raw: raw,
        "pounds": lambda pence: _whole(pence) / 100,
        "thousands": lambda pence: thousands(_whole(pence)),
        "whole": int,
        "people": float,
        "number": float,
        "index": float,
        "share": float,
    }
)
_TEXT = frozenset({"text", "long_text", "label", "yes_no"})


def is_text(kind: Kind) -> bool:
    """Whether a kind is written as text."""
    return kind in _TEXT


def shown(kind: Kind, raw: Any, facts: RunFacts) -> Any:
    """What a cell holds: text, a number in the unit of its header, or a date.

    Pence become pounds (an estimate in pence is rounded half-up to whole pence first) or whole thousands.
    """
    if is_missing(raw):
        return MISSING
    if kind == "label":
        return facts.label(raw)
    if kind in ("text", "long_text"):
        return plain(raw) or MISSING
    return _CELLS[kind](raw)
