"""Half-up rounding to a step, on the decimal text of a number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget.kernel.rounding import to_step

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("value", "step", "shown"),
    [
        (2.5, 1, "3"),
        (0.5, 1, "1"),
        (-2.5, 1, "-3"),
        (2.675, 0.01, "2.68"),
        (-2.675, "0.01", "-2.68"),
        (12_345, 100, "12300"),
        (12_350, 100, "12400"),
        (0.9355, "0.001", "0.936"),
        (Decimal("1.0005"), "0.001", "1.001"),
        (2_475_222.5, 1, "2475223"),
    ],
)
def test_halves_go_away_from_nought(value: float | Decimal, step: float | str, shown: str) -> None:
    assert str(to_step(value, step)) == shown
