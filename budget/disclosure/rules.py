"""The rules of disclosure control: which cells are hidden, how counts are rounded, what a reader knows of the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.errors import ConfigurationError

Floats = NDArray[np.float64]

ASSUMES = ("min_cell", "count_rounding", "dominance_share")
"""Assumptions that no stage reads: a run keeps them for whoever shares it."""

FEW = 5
"""Counts of fewer people are not printed by commands either, whose output is for those who may see the run."""

_DUST = 1e-9


@dataclass(frozen=True)
class Rules:
    """How tables are made fit to share.

    Attributes:
        least: a cell of fewer people, but not of none, is hidden.
        rounding: counts are shown to the nearest multiple of this, halves up; 1 leaves whole counts as they are.
        dominance: p of the p% rule: a cell is hidden where what its largest contributor costs could be told to within
            this share of it (Handbook on Statistical Disclosure Control, chapter 4).
    """

    least: int
    rounding: int
    dominance: float

    @classmethod
    def of(cls, assumptions: pd.DataFrame) -> Rules:
        """The rules that a run's assumptions state.

        Args:
            assumptions: the ``assumption_ledger`` of the run.

        Raises:
            ConfigurationError: one of them has no value.
        """
        values = dict(zip(assumptions["name"], assumptions["value"], strict=True))
        missing = [name for name in ASSUMES if name not in values]
        if missing:
            raise ConfigurationError(f"the run has no {', '.join(missing)}; run it again, and share that.")
        least, rounding, dominance = (float(values[name]) for name in ASSUMES)
        return cls(int(least), int(rounding), dominance)

    def few(self, people: Floats) -> NDArray[np.bool_]:
        """Whether counts are of somebody, but of too few to show."""
        return (people > 0) & (people < self.least)

    def shown(self, people: Floats) -> Floats:
        """Counts as they are shown."""
        return np.asarray(np.floor(people / self.rounding + 0.5) * self.rounding, dtype="float64")

    def behind(self, shown: Floats, whole: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """The least and the most that a count may be which is shown as this.

        None is shown as none. Whoever knows that people are counted one by one knows that the count is whole, and
        everybody knows that it is not one of those that are hidden.

        Args:
            shown: counts as they are shown.
            whole: whether the count behind is known to be a whole number.
        """
        half = self.rounding / 2
        low = np.where(whole, np.ceil(shown - half), shown - half)
        high = np.where(whole, np.ceil(shown + half) - 1, shown + half)
        none = shown == 0
        return np.where(none, 0.0, np.maximum(low, self.least)), np.where(none, 0.0, high)

    def dominated(self, total: Floats, largest: Floats, second: Floats) -> NDArray[np.bool_]:
        """The p% rule: whether the second contributor could tell what the largest costs to within p of it.

        What the others cost together is all that blurs the estimate: ``total - largest - second < p x largest``.
        """
        return (largest > 0) & (total - largest - second < self.dominance * largest - _DUST)
