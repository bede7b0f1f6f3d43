"""Numbers as people read them: half-up, pounds from pence, a true minus sign, words where a value is missing."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

NOT_KNOWN = "not known"


def is_missing(value: Any) -> bool:
    """Whether a table's cell holds no value."""
    return not hasattr(value, "__iter__") and bool(pd.isna(value))


def rounded(value: Any, places: int = 0) -> Decimal:
    """A number rounded half-up (halves away from nought) to some decimals.

    >>> rounded(2.5), rounded(-2.5), rounded(1.25, 1)
    (Decimal('3'), Decimal('-3'), Decimal('1.3'))
    """
    exact = value if isinstance(value, Decimal) else Decimal(value if isinstance(value, (int, float)) else float(value))
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _scaled(pence: Any, divisor: int) -> Decimal:
    whole = int(pence) if float(pence).is_integer() else float(pence)
    return Decimal(whole) / divisor


def _text(number: Decimal, *, before: str = "", after: str = "", signed: bool = False) -> str:
    sign = "\u2212" if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{before}{abs(number):,f}{after}"


def pounds(pence: Any, places: int = 0, *, signed: bool = False) -> str:
    """Pence as pounds: ``£1,235``."""
    if is_missing(pence):
        return NOT_KNOWN
    return _text(rounded(_scaled(pence, 100), places), before="£", signed=signed)


def pence(amount: Any) -> str:
    """Pence as pounds, to the penny: ``£1,234.50``."""
    return pounds(amount, 2)


def millions(pence: Any, places: int = 1, *, signed: bool = False) -> str:
    """Pence as millions of pounds: ``£1,234.6m``."""
    if is_missing(pence):
        return NOT_KNOWN
    return _text(rounded(_scaled(pence, 100_000_000), places), before="£", after="m", signed=signed)


def in_millions(pence: Any, *, signed: bool = False) -> str:
    """The same to ten thousand pounds, for a table whose caption says £ million: ``1,234.56``."""
    if is_missing(pence):
        return NOT_KNOWN
    return _text(rounded(_scaled(pence, 100_000_000), 2), signed=signed)


def thousands(pence: int) -> int:
    """Whole pence as whole thousands of pounds, half-up, without a float on the way.

    >>> thousands(50_000), thousands(49_999), thousands(-50_000)
    (1, 0, -1)
    """
    sign = -1 if pence < 0 else 1
    return sign * ((abs(int(pence)) + 50_000) // 100_000)


def people(count: Any) -> str:
    """People, to one: ``1,234``."""
    return NOT_KNOWN if is_missing(count) else _text(rounded(count))


def percent(share: Any, places: int = 1, *, signed: bool = False) -> str:
    """A share as per cent: ``2.5%``; signed for growth and distances: ``+2.5%``."""
    if is_missing(share):
        return NOT_KNOWN
    return _text(rounded(Decimal(float(share)) * 100, places), after="%", signed=signed)


def index(value: Any, places: int = 3) -> str:
    """An index: ``1.023``."""
    return NOT_KNOWN if is_missing(value) else _text(rounded(value, places))


def number(value: Any) -> str:
    """A measure of unknown size: whole numbers in full, others to six figures; never a wall of decimals."""
    if is_missing(value):
        return NOT_KNOWN
    if float(value).is_integer():
        return _text(Decimal(int(value)))
    digits = max(0, 5 - math.floor(math.log10(abs(value))))
    return _text(rounded(value, digits).normalize()) if digits < 12 else f"{value:.2e}"


def plain(value: Any) -> str:
    """Text of any cell; lists are joined by commas."""
    if isinstance(value, str):
        return value
    if hasattr(value, "__iter__"):
        return ", ".join(str(part) for part in value)
    return NOT_KNOWN if is_missing(value) else str(value)


def day(value: Any) -> str:
    """A date as people write it: ``1 April 2026``."""
    return NOT_KNOWN if is_missing(value) else f"{value.day} {value:%B %Y}"
