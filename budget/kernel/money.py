"""Integer pence: half-up where a number is booked, largest remainder where a sum is shared.

Estimates are float64 or Decimal until a step books them; nothing else in the product rounds money.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray


def half_up(pence: float | Decimal) -> int:
    """Round an estimate in pence to a whole penny, halves away from zero (the booking rule).

    >>> half_up(2.5), half_up(-2.5), half_up(0.4999)
    (3, -3, 0)
    """
    return int(Decimal(pence).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def apportion(total_pence: int, shares: Sequence[float] | NDArray[np.float64] | Iterable[float]) -> NDArray[np.int64]:
    """Share whole pence in proportion, exactly, by largest remainder.

    Every part is first cut down to a whole penny; the pennies left over go one each to the parts with
    the largest fractions, ties to the earlier part. The arithmetic is exact (a float64 share is a
    dyadic rational), so the result does not depend on the machine.

    Args:
        total_pence: what is shared; may be negative.
        shares: non-negative weights, at least one of them positive (unless the total is 0).

    Returns:
        int64 array of the same length and order whose sum is ``total_pence``.

    Raises:
        ValueError: a share is negative or not finite, or there is nothing to share among.

    >>> apportion(100, [1, 1, 1]).tolist()
    [34, 33, 33]
    """
    weights_given = [float(share) for share in shares]
    if any(share < 0 or not math.isfinite(share) for share in weights_given):
        raise ValueError("a share is negative or not finite")
    ratios = [share.as_integer_ratio() for share in weights_given]
    denominator = max((d for _, d in ratios), default=1)
    weights = [numerator * (denominator // d) for numerator, d in ratios]
    whole = sum(weights)
    if whole == 0:
        if total_pence == 0:
            return np.zeros(len(weights), dtype=np.int64)
        raise ValueError(f"{total_pence} pence have no positive share to go to")
    sign = -1 if total_pence < 0 else 1
    parts, remainders = zip(*(divmod(abs(total_pence) * weight, whole) for weight in weights), strict=True)
    result = np.array(parts, dtype=np.int64)
    left_over = abs(total_pence) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    result[by_remainder[:left_over]] += 1
    return sign * result


def apportion_within(
    totals: NDArray[np.int64], shares: NDArray[np.float64], groups: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Share several sums at once, each among the members of its own group, by largest remainder.

    The same rule as `apportion`, on arrays: the parts of a group add up to its total exactly; fractions are
    compared to a millionth of a penny, ties go to the earlier member.

    Args:
        totals: pence by group; may be negative.
        shares: non-negative weight by member.
        groups: group number by member, every group from 0 to ``len(totals) - 1``.

    Returns:
        int64 pence by member.

    Raises:
        ValueError: a share is negative or not finite, or a group has money and no positive share.
    """
    if not np.isfinite(shares).all() or (shares < 0).any():
        raise ValueError("a share is negative or not finite")
    whole = np.bincount(groups, weights=shares, minlength=len(totals))
    if ((whole == 0) & (totals != 0)).any():
        raise ValueError("a group has money but no positive share for it to go to")
    quota = np.abs(totals)[groups] * (shares / np.where(whole == 0, 1.0, whole)[groups])
    parts = np.floor(quota).astype(np.int64)
    kept = np.zeros(len(totals), dtype=np.int64)
    np.add.at(kept, groups, parts)
    left_over = np.abs(totals) - kept
    fraction = np.round(quota - parts, 6)
    order = np.lexsort((np.arange(len(shares)), -fraction, groups))
    starts = np.searchsorted(groups[order], np.arange(len(totals)))
    rank = np.arange(len(shares)) - starts[groups[order]]
    parts[order] += rank < left_over[groups[order]]
    return np.sign(totals)[groups] * parts


def pounds(pence: int) -> Decimal:
    """Pence as pounds with two decimals, for reports and errors."""
    return (Decimal(int(pence)) / 100).quantize(Decimal("0.01"))


def pounds_text(pence: int) -> str:
    """Pence as people read them: ``£1,234.50``, ``-£0.01``."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pounds(pence)):,}"
