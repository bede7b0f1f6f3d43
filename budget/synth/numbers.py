"""NHS numbers that are valid and were never issued: ten digits that begin with 9, Modulus 11 check digit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from budget.synth.chance import Ints

_FIRST = 900_000_000
_RANGE = 100_000_000
# Odd and no multiple of five, so that multiplying by it visits every body of the range once.
_STEP = 61_803_399
_WEIGHTS = np.arange(10, 1, -1)
# Bodies a person on the published list: some have no check digit, and there are people beside the list.
_ROOM = 1.5


def blocks_of(people: Sequence[int]) -> list[range]:
    """Parts of the shuffled sequence of numbers for some places; they never overlap.

    Parts are equal, so that a place's numbers do not depend on how many people are drawn. Where the largest place
    would not fit in one, they are in proportion to people.

    Args:
        people: on the published list of each place.
    """
    sizes, equal = np.array(people, dtype=np.int64), _RANGE // len(people)
    fits = sizes.max() * _ROOM <= equal
    lengths = np.full(len(sizes), equal) if fits else sizes * _RANGE // sizes.sum()
    ends = np.cumsum(lengths)
    return [range(int(end - length), int(end)) for end, length in zip(ends, lengths, strict=True)]


def nhs_numbers(count: int, block: range, seed: int) -> Ints:
    """Distinct numbers in a shuffled, repeatable order.

    Args:
        count: how many.
        block: the part of the sequence to take them from.
        seed: where the shuffled sequence begins.

    Raises:
        ValueError: the block is too small for the count.
    """
    # One body in eleven has no check digit.
    needed = int(count * 1.12) + 100
    if needed > len(block):
        raise ValueError(f"{count:,} people do not fit in {len(block):,} NHS numbers")
    positions = np.arange(block.start, block.start + needed, dtype=np.int64)
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
