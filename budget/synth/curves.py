"""Published cost curves as a person's expected use, relative to the English mean."""

from __future__ import annotations

import numpy as np

from budget.synth.chance import Floats
from budget.synth.footprint import Footprint
from budget.synth.registrations import SEXES, Registrations

_FIFTHS = 5


class CostCurves:
    """Relative cost by sex, age and deprivation fifth, for each part of the published spend.

    Asaria 2017: average NHS spend by sex, single year of age (the last one and over) and fifth; here every part
    is divided by its mean over England's people, so that only its gradient is used.
    """

    def __init__(self, footprint: Footprint) -> None:
        recipe = footprint.recipe
        table = recipe.tables.cost_curves.read(recipe.source)
        self._oldest = int(table["age"].max())
        self._decile = footprint.areas["imd_decile"].to_numpy()
        row = (table["sex"].map(SEXES.index), table["age"], table["fifth"] - 1)
        self._parts: dict[str, Floats] = {}
        for part in ("inpatient", "other_secondary", "gp_pharma"):
            curve = np.full((len(SEXES), self._oldest + 1, _FIFTHS), np.nan)
            curve[row] = table[part] / np.average(table[part], weights=table["population"])
            self._parts[part] = curve

    def relative(self, part: str, people: Registrations) -> Floats:
        """Expected use of each person; 1 is the English mean. Fifths are of the area of residence."""
        fifth = (self._decile[people.area] - 1) // 2
        found: Floats = self._parts[part][people.male, np.minimum(people.age, self._oldest), fifth]
        return found
