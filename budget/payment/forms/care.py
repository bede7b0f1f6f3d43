"""Care that is paid for: what was planned, what was done, at which price, and the facts that some forms need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget.payment.terms import fact_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Care:
    """Arrays that broadcast to one shape; leading axes may be draws, an element is what one payment is for.

    Attributes:
        planned: P, units; people for forms that count people; items for forms that count items.
        actual: A, in the same units.
        price: p, pence a unit; a head for forms that count people.
        cost: C, what the care cost, pence.
        expected: E, pence; the planned value where it is not given.
        score: outcome score, 0 to 1.
        meeting: share of the actual units that meet the criteria of best practice.
        earlier: what earlier years cost, pence; the years are the first axis.
    """

    planned: Floats
    actual: Floats
    price: Floats
    cost: Floats | None = None
    expected: Floats | None = None
    score: Floats | None = None
    meeting: Floats | None = None
    earlier: Floats | None = None

    @classmethod
    def of(cls, planned: Any, actual: Any, price: Any, **facts: Any) -> Care:
        """Care from anything that makes arrays of numbers."""
        told = {"planned": planned, "actual": actual, "price": price} | facts
        arrays: dict[str, Any] = {
            name: np.asarray(value, dtype=float) for name, value in told.items() if value is not None
        }
        return cls(**arrays)

    @property
    def value(self) -> Floats:
        """``P p``, the planned value, pence."""
        return self.planned * self.price

    @property
    def expected_cost(self) -> Floats:
        """E: what is expected of cost, or the planned value where nothing else is."""
        return self.value if self.expected is None else self.expected

    def spread(self, payment: Floats) -> Floats:
        """A payment that does not move with activity, in the shape of the care."""
        return np.broadcast_to(payment, np.broadcast_shapes(np.shape(payment), np.shape(self.actual)))

    def fact(self, name: str, form: str) -> Floats:
        """A fact that a form cannot do without.

        Raises:
            ConfigurationError: it is not known.
        """
        known: Floats = fact_of(self, name, FACTS, form)
        return known


FACTS = {
    "cost": "what the care cost, pence",
    "expected": "expected cost, pence",
    "score": "outcome score, 0 to 1",
    "meeting": "share of units that meet best practice",
    "earlier": "cost of earlier years, pence",
}
"""The facts that a form may need beside planned and actual units and price."""
