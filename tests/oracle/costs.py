"""Segment cost, slowly: one Fraction a place, line and segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

Cell = tuple[str, str, str]
"""Place, service line, segment."""


def gross_up(
    direct: Mapping[Cell, Fraction], people: Mapping[Cell, Fraction], spent: Mapping[tuple[str, str], int], rule: str
) -> dict[Cell, Fraction]:
    """Pence by place, line and segment that add up to what was spent; held out, what is left is in no segment."""
    found = {}
    for place, line, segment in direct:
        group = [cell for cell in direct if cell[:2] == (place, line)]
        known = sum(direct[cell] for cell in group)
        heads = people[place, line, segment] / sum(people[cell] for cell in group)
        own, whole = direct[place, line, segment], spent[place, line]
        if known == 0 and rule != "hold_out":
            found[place, line, segment] = whole * heads
        elif rule == "per_head" and whole >= known:
            found[place, line, segment] = own + (whole - known) * heads
        elif rule == "hold_out" and whole >= known:
            found[place, line, segment] = own
        else:
            found[place, line, segment] = own * whole / known
    return found


Price = tuple[str, str, str | None, int]
"""Year, currency, department, pence."""


def unit_price(
    prices: Sequence[Price], currency: str, department: str | None, base: str, net: Mapping[str, Fraction]
) -> Fraction | None:
    """Pence of one unit in the base year; none where no price, or more than one, speaks of it.

    Args:
        net: net uplift by year; a year that it lacks cannot be crossed.
    """
    known = [price for price in prices if price[1] == currency and price[0] <= base]
    if not known:
        return None
    latest = max(year for year, *_ in known)
    known = [price for price in known if price[0] == latest]
    if department is not None:
        own = [price for price in known if price[2] == department]
        known = own or [price for price in known if price[2] is None]
    if len(known) != 1:
        return None
    factor = Fraction(1)
    for start in range(int(latest[:4]) + 1, int(base[:4]) + 1):
        year = f"{start}/{(start + 1) % 100:02d}"
        if year not in net:
            return None
        factor *= 1 + net[year]
    return known[0][3] * factor


def in_year(pence: int, admitted: date, ended: date | None, rule: str, first: date, last: date) -> int:
    """What of a stay counts in a year."""
    if ended is None:
        return pence
    found = sides(pence, admitted, ended, rule, lambda day: "here" if first <= day <= last else "elsewhere")
    return found.get("here", 0)


def sides(pence: int, admitted: date, ended: date, rule: str, side_of: Callable[[date], str]) -> dict[str, int]:
    """What of a stay falls to each side: day by day, each up to the penny that it completes."""
    if rule != "days":
        return {side_of(admitted if rule == "admission" else ended): pence}
    days = [admitted + timedelta(days=n) for n in range((ended - admitted).days + 1)]
    found: dict[str, int] = {}
    before = 0
    for number, day in enumerate(days, 1):
        until = half_up(Fraction(pence * number, len(days)))
        found[side_of(day)] = found.get(side_of(day), 0) + until - before
        before = until
    return found


def half_up(value: Fraction) -> int:
    """A whole penny; halves up, for amounts that are not negative."""
    return int(value + Fraction(1, 2))
