"""How a value with a range is drawn: two half-normals that meet at the value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.pack import Entry

Floats = NDArray[np.float64]

PERCENT = (10, 50, 90)
"""The percentiles that are told of a budget, and the outer ones as which low and high are read."""

_Z90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True)
class Spread:
    """A value and how far it may be off, in the unit of its assumption.

    The median is the value; ``low`` is the 10th percentile and ``high`` the 90th. Each side is half of a normal of its
    own width, so a range need not be even; a side without a range has no width. What lies beyond the bounds of the
    catalogue is drawn in to them.

    Attributes:
        value: the value that the run uses.
        low: 10th percentile.
        high: 90th percentile.
        minimum: least value allowed.
        maximum: greatest value allowed.
    """

    value: float
    low: float
    high: float
    minimum: float
    maximum: float

    @classmethod
    def of(cls, entry: Entry) -> Spread | None:
        """The spread of an assumption; nothing where it is no number or states no range."""
        value, low, high = entry.value, entry.low, entry.high
        if not isinstance(value, Decimal) or (low is None and high is None):
            return None
        known = entry.parameter
        return cls(
            value=float(value),
            low=float(low) if isinstance(low, Decimal) else float(value),
            high=float(high) if isinstance(high, Decimal) else float(value),
            minimum=-np.inf if known.minimum is None else float(known.minimum),
            maximum=np.inf if known.maximum is None else float(known.maximum),
        )

    def at(self, normals: Floats) -> Floats:
        """The values that stand where standard normals stand.

        Args:
            normals: standard normal deviates, one a draw.
        """
        width = np.where(normals < 0, self.value - self.low, self.high - self.value) / _Z90
        drawn: Floats = np.clip(self.value + width * normals, self.minimum, self.maximum)
        return drawn
