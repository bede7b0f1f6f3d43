"""Segment cost, slowly: one Fraction a place, line and segment."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

Cell = tuple[str, str, str]
"""Place, service line, segment."""


def gross_up(
    direct: Mapping[Cell, Fraction], people: Mapping[Cell, Fraction], spent: Mapping[tuple[str, str], int], rule: str
) -> dict[Cell, Fraction]:
    """Pence by place, line and segment that add up to what was spent."""
    found = {}
    for place, line, segment in direct:
        group = [cell for cell in direct if cell[:2] == (place, line)]
        known = sum(direct[cell] for cell in group)
        heads = people[place, line, segment] / sum(people[cell] for cell in group)
        own, whole = direct[place, line, segment], spent[place, line]
        if known == 0:
            found[place, line, segment] = whole * heads
        elif rule == "per_head" and whole >= known:
            found[place, line, segment] = own + (whole - known) * heads
        else:
            found[place, line, segment] = own * whole / known
    return found
