"""Payment forms (the method, section 2.1): planned and actual units and a price in, a payment out.

Each form is a small class: its parameters with their meaning, its formula in the docstring, one `pay` on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class PaymentForm(Protocol):
    """A rule that turns planned units P, actual units A and a price p (pence) into a payment (pence, unrounded)."""

    id: ClassVar[str]
    name: ClassVar[str]

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """The payment for each element."""
        ...


@dataclass(frozen=True)
class Block:
    """F01: ``P p``, whatever the activity."""

    id: ClassVar[str] = "F01"
    name: ClassVar[str] = "Block"

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """The planned value."""
        return planned * price + 0 * actual


@dataclass(frozen=True)
class BlockWithTolerance:
    """F02: ``P p + s p max(0, A - P (1 + t)) - s p max(0, P (1 - t) - A)``.

    Attributes:
        tolerance: t, growth in activity that the block bears (share).
        share: s, share of the price paid or withheld beyond the tolerance.
    """

    tolerance: float
    share: float
    id: ClassVar[str] = "F02"
    name: ClassVar[str] = "Block with growth tolerance"

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """The block, and a share of the price beyond the tolerance either way."""
        above = np.maximum(0, actual - planned * (1 + self.tolerance))
        below = np.maximum(0, planned * (1 - self.tolerance) - actual)
        return planned * price + self.share * price * (above - below)


@dataclass(frozen=True)
class Activity:
    """F03: ``A p``, payment by activity."""

    id: ClassVar[str] = "F03"
    name: ClassVar[str] = "Payment by activity"

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """Every unit at its price."""
        return actual * price + 0 * planned


@dataclass(frozen=True)
class CapAndCollar:
    """F06: ``clip(A p, P p (1 - c), P p (1 + c))``.

    Attributes:
        band: c, furthest that payment moves from planned value (share).
    """

    band: float
    id: ClassVar[str] = "F06"
    name: ClassVar[str] = "Cap and collar"

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """Activity at its price, held within the band."""
        value = planned * price
        return np.clip(actual * price, value * (1 - self.band), value * (1 + self.band))


@dataclass(frozen=True)
class MarginalRate:
    """F07: ``min(A, P) p + m p max(0, A - P)``.

    Attributes:
        rate: m, share of the price paid above the baseline.
    """

    rate: float
    id: ClassVar[str] = "F07"
    name: ClassVar[str] = "Marginal rate above baseline"

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """Full price up to the baseline, the marginal rate above it."""
        return np.minimum(actual, planned) * price + self.rate * price * np.maximum(0, actual - planned)


@dataclass(frozen=True)
class Blended:
    """F08: ``P p + b p (A - P)``.

    Attributes:
        variable: b, variable share of the price.
    """

    variable: float
    id: ClassVar[str] = "F08"
    name: ClassVar[str] = "Blended: fixed and variable"

    def pay(self, planned: Floats, actual: Floats, price: Floats) -> Floats:
        """A fixed payment and a variable share of the difference from plan."""
        return planned * price + self.variable * price * (actual - planned)
