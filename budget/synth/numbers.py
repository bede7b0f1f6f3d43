"""NHS numbers that are valid and were never issued: ten digits that begin with 9, Modulus 11 check digit."""

from __future__ import annotations

import numpy as np

from budget.synth.chance import Ints

_FIRST = 900_000_000
_RANGE = 100_000_000
# Odd and no multiple of five, so that multiplying by it visits every body of the range once.
_STEP = 61_803_399
_WEIGHTS = np.arange(10, 1, -1)


def nhs_numbers(count: int, *, block: int, blocks: int, seed: int) -> Ints:
    """Distinct numbers in a shuffled, repeatable order.

    Args:
        count: how many.
        block: which of ``blocks`` equal parts of the range to draw from; parts never overlap.
        seed: where the shuffled sequence begins.

    Raises:
        ValueError: the block is too small for the count.
    """
    stride = _RANGE // blocks
    # One body in eleven has no check digit.
    needed = int(count * 1.12) + 100
    if needed > stride:
        raise ValueError(f"{count:,} people do not fit in one of {blocks} blocks of NHS numbers")
    positions = np.arange(block * stride, block * stride + needed, dtype=np.int64)
    bodies = _FIRST + (positions * _STEP + seed) % _RANGE
    digits = check_digits(bodies)
    usable = digits < 10
    numbers: Ints = (bodies[usable] * 10 + digits[usable])[:count]
    if len(numbers) < count:
        raise ValueError("the sequence of NHS numbers ran short")
    return numbers


def check_digits(bodies: Ints) -> Ints:
    """Modulus 11 check digit of nine-digit bodies; 10 where a body has none."""
    total = np.zeros(len(bodies), dtype=np.int64)
    for place, weight in enumerate(_WEIGHTS):
        total += bodies // 10 ** (8 - place) % 10 * weight
    return (11 - total % 11) % 11


def spoilt(numbers: Ints) -> Ints:
    """The same numbers with a wrong check digit."""
    return numbers - numbers % 10 + (numbers % 10 + 1) % 10
