"""What care costs its provider when activity is not as planned: a fixed, a stepped and a variable part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_DIGITS = 9
"""Steps are counted to a billionth of planned activity, so that 1.05 is one step of 0.05 above plan and not two."""


@dataclass(frozen=True)
class CostShape:
    """How planned cost V moves with activity a, actual over planned: ``V (f + v a + s (1 + k ceil((a - 1) / k)))``.

    The variable part v is what fixed and stepped leave. Stepped cost (a ward, a clinic session) covers activity in
    steps; the plan ends on a full one, so the first unit above plan costs a whole step, and a step is only released
    when all of it has gone. No step is released below nought.

    Attributes:
        fixed: f, share of planned cost that does not move; by row, or one for all.
        stepped: s, share of planned cost that moves in steps.
        step: k, share of planned activity that a step covers; without meaning where nothing is stepped.

    >>> shape = CostShape(fixed=0.4)
    >>> float(np.round(shape.cost(20_000_000.0, 1.06)))
    20720000.0
    """

    fixed: float | Floats
    stepped: float | Floats = 0.0
    step: float | Floats = 1.0

    def of_plan(self, activity: float | Floats) -> Floats:
        """Cost over planned cost.

        Args:
            activity: actual over planned activity; leading axes may be draws.
        """
        steps = np.ceil(np.round((np.asarray(activity, dtype=np.float64) - 1) / self.step, _DIGITS))
        stairs = np.maximum(0.0, 1 + self.step * steps)
        shares: Floats = self.fixed + (1 - self.fixed - self.stepped) * activity + self.stepped * stairs
        return shares

    def cost(self, planned: float | Floats, activity: float | Floats) -> Floats:
        """Cost of the actual activity, in the unit of ``planned``."""
        return planned * self.of_plan(activity)

    def stranded(self, planned: float | Floats, activity: float | Floats) -> Floats:
        """Cost that stays with a provider when activity leaves: ``max(0, C(a) - a V)`` below plan, nothing above it.

        ``V (1 - a)`` is what the lost activity cost at plan and what it would be paid by activity; ``V - C(a)`` is what
        of it the provider no longer spends. The difference is fixed cost of the lost activity, and stepped cost whose
        step has not gone as a whole. It is the same under every payment form; who pays for it is not.

        Referrals to one trust fell by 30% when Bedfordshire's musculoskeletal care went to a prime provider. With 40%
        of cost fixed, a service of £10m strands £1.2m:

        >>> float(np.round(CostShape(fixed=0.4).stranded(10_000_000.0, 0.7)))
        1200000.0

        A tenth of cost in steps of a fifth of activity: one step has gone, the half of the next one has not.

        >>> float(np.round(CostShape(fixed=0.4, stepped=0.1, step=0.2).stranded(10_000_000.0, 0.7)))
        1300000.0
        """
        left: Floats = np.maximum(0.0, self.cost(planned, activity) - planned * np.asarray(activity, dtype=np.float64))
        return np.where(np.asarray(activity) < 1, left, 0.0)

    @classmethod
    def together(cls, shapes: list[CostShape]) -> CostShape:
        """Shapes of single rows as arrays, one element a row."""

        def stacked(name: str) -> Any:
            return np.array([getattr(shape, name) for shape in shapes], dtype=np.float64)

        return cls(stacked("fixed"), stacked("stepped"), stacked("step"))
