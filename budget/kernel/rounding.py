"""Half-up rounding of shown numbers to any step, on the decimal text of a number as people read it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def to_step(value: float | Decimal | str, step: float | Decimal | str = 1) -> Decimal:
    """A number rounded to a multiple of a step, halves away from zero.

    The shortest decimal text of a float is what is rounded, as a spreadsheet does it: 2.675 is read as 2.675,
    though the float that stands for it lies a little below.

    Args:
        value: the number.
        step: what the result is a multiple of: 1 for whole counts, 0.001 for indices, 100 for hundreds.

    >>> to_step(2.5), to_step(2.675, "0.01"), to_step(-2.675, "0.01"), to_step(12345, 100)
    (Decimal('3'), Decimal('2.68'), Decimal('-2.68'), Decimal('12300'))
    """
    size = Decimal(str(step))
    return (Decimal(str(value)) / size).quantize(Decimal(1), rounding=ROUND_HALF_UP) * size
