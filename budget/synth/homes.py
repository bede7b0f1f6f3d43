"""Where people live: small areas of their practice's place, tilted to the practice's published deprivation."""

from __future__ import annotations

import numpy as np

from budget.synth.chance import Floats, Ints, pick
from budget.synth.footprint import Footprint
from budget.synth.recipe import Homes as HomesRecipe

# Beyond this tilt a practice would live in a handful of areas only.
_STEEPEST = 0.3
_HALVINGS = 40


class Homes:
    """Draws a small area for each person of a place.

    Args:
        footprint: areas, practices and the recipe's shares.
        place: the place whose practices the people are registered with.
    """

    def __init__(self, footprint: Footprint, place: str) -> None:
        self._shares: HomesRecipe = footprint.recipe.homes
        self._by_band = _people_by_band(footprint)
        areas = footprint.areas
        self._here = np.flatnonzero((areas["place"] == place).to_numpy())
        self._elsewhere = np.flatnonzero((areas["place"].notna() & (areas["place"] != place)).to_numpy())
        self._outside = np.flatnonzero(areas["place"].isna().to_numpy())
        self._scores = areas["imd_score"].to_numpy(dtype=np.float64)
        indicators = footprint.recipe.tables.indicators.read(footprint.recipe.source).set_index("practice_code")
        self._targets = indicators["deprivation_score"].reindex(footprint.practices["practice_code"]).to_numpy()

    def draw(self, practice: Ints, age: Ints, rng: np.random.Generator) -> Ints:
        """Positions of small areas for people in order of practice, given their practice and age."""
        band = np.searchsorted(self._shares.age_bands, age, side="right") - 1
        drawn = np.empty(len(age), dtype=np.int64)
        numbers, starts = np.unique(practice, return_index=True)
        for number, first, end in zip(numbers, starts, [*starts[1:], len(practice)], strict=True):
            tilt = self._tilt(self._targets[number])
            for age_band in np.unique(band[first:end]):
                rows = first + np.flatnonzero(band[first:end] == age_band)
                drawn[rows] = self._here[pick(self._by_band[age_band, self._here] * tilt, len(rows), rng)]
        return self._move_some(drawn, band, rng)

    def _move_some(self, drawn: Ints, band: Ints, rng: np.random.Generator) -> Ints:
        far, away = self._shares.outside_footprint, self._shares.elsewhere_in_footprint
        chance = rng.random(len(drawn))
        for areas, moved in ((self._outside, chance < far), (self._elsewhere, (chance >= far) & (chance < far + away))):
            for age_band in np.unique(band[moved]):
                rows = np.flatnonzero(moved & (band == age_band))
                drawn[rows] = areas[pick(self._by_band[age_band, areas], len(rows), rng)]
        return drawn

    def _tilt(self, target: float) -> Floats:
        """Factors on the areas' people whose mean deprivation score is the practice's; ones where it has none."""
        scores = self._scores[self._here]
        if np.isnan(target):
            return np.ones(len(scores))
        people = self._by_band[:, self._here].sum(axis=0)
        low, high = -_STEEPEST, _STEEPEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            weights = people * np.exp(middle * (scores - scores.mean()))
            low, high = (middle, high) if np.average(scores, weights=weights) < target else (low, middle)
        return np.exp((low + high) / 2 * (scores - scores.mean()))


def _people_by_band(footprint: Footprint) -> Floats:
    """People of each age band (rows) and small area (columns), from single years of age."""
    columns = [name for name in footprint.areas.columns if str(name).startswith("age_")]
    ages = np.array([int("".join(filter(str.isdigit, name))) for name in columns])
    band = np.searchsorted(footprint.recipe.homes.age_bands, ages, side="right") - 1
    people = footprint.areas[columns].to_numpy(dtype=np.float64)
    return np.stack([people[:, band == number].sum(axis=1) for number in range(band.max() + 1)])
