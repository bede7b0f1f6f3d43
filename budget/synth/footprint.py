"""The locality as published: places, practices, small areas and the counts that people are drawn to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.synth.recipe import Recipe


@dataclass(frozen=True)
class Footprint:
    """What every step of the drawing looks at.

    Attributes:
        districts: ``lad_code``, ``place``, ``system``; one row a district.
        practices: ``practice_code``, ``practice_name``, ``place``, ``system``, ``pcn_code``; sorted by code, so that
            a practice's position is its number in the drawing.
        cells: ``practice`` (position), ``sex``, ``age``, ``patients``; the counts to meet, already scaled.
        areas: small areas with ``lsoa_code``, ``lad_code``, ``place`` (missing outside), deprivation and people by age.
        fraction: share of the published list that is drawn; 1 for the whole list.
    """

    recipe: Recipe
    districts: pd.DataFrame
    practices: pd.DataFrame
    cells: pd.DataFrame
    areas: pd.DataFrame
    fraction: float

    @property
    def places(self) -> tuple[str, ...]:
        """Places by name."""
        return tuple(sorted(set(self.districts["place"])))

    @property
    def people(self) -> int:
        """How many people are counted on the lists."""
        return int(self.cells["patients"].sum())

    @property
    def people_of_places(self) -> tuple[int, ...]:
        """How many of them each place has, in the order of places."""
        place = self.practices["place"].to_numpy()[self.cells["practice"]]
        return tuple(self.cells["patients"].groupby(place).sum().reindex(self.places))


def read_footprint(recipe: Recipe, people: int | None) -> Footprint:
    """Read the published tables, scaled to a number of people where one is given.

    Raises:
        ConfigurationError: a practice has no place, or the number of people is not possible.
    """
    localities = recipe.tables.localities.read(recipe.source)
    listed = recipe.tables.list.read(recipe.source)
    practices = _practices(recipe, localities, listed)
    published = int(listed["patients"].sum())
    if people is not None and not 0 < people <= published:
        raise ConfigurationError(f"--people must be between 1 and {published:,}, the published list; it is {people:,}.")
    position = pd.Series(practices.index, index=practices["practice_code"])
    cells = listed.assign(practice=listed["practice_code"].map(position)).sort_values(["practice", "sex", "age"])
    wanted = published if people is None else people
    return Footprint(
        recipe=recipe,
        districts=localities[["lad_code", "place", "system"]],
        practices=practices,
        cells=cells.assign(patients=scaled(cells["patients"].to_numpy(), wanted))[
            ["practice", "sex", "age", "patients"]
        ],
        areas=_areas(recipe, localities),
        fraction=wanted / published,
    )


def scaled(counts: np.ndarray, total: int) -> np.ndarray:
    """Whole counts in proportion to ``counts`` that add to ``total``, by systematic sampling.

    Largest remainder would never pick a small cell; here runs of small cells keep their share.
    """
    reached = np.cumsum(counts, dtype=np.int64) * total // int(counts.sum())
    return np.diff(reached, prepend=0)


def _practices(recipe: Recipe, localities: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Practices with a list or a published weight, with place, system and network."""
    weighted = pd.concat([source.read(recipe.source) for source in recipe.weights.values()])
    known = weighted.drop_duplicates("practice_code")[["practice_code", "practice_name", "lad_code"]]
    unknown = sorted(set(listed["practice_code"]) - set(known["practice_code"]))
    if unknown:
        raise ConfigurationError(
            f"weights: {len(unknown)} practices of the list have no row: {', '.join(unknown[:10])}."
        )
    networks = recipe.tables.networks.read(recipe.source).drop_duplicates("practice_code")
    practices = known.merge(_places_of(recipe, localities, known), on="practice_code", how="left")
    lost = sorted(practices.loc[practices["place"].isna(), "practice_code"])
    if lost:
        raise ConfigurationError(f"practices without a place: {', '.join(lost[:10])}; name them in the overrides.")
    systems = localities[["place", "system"]].drop_duplicates()
    practices = practices.merge(systems, on="place").merge(networks, on="practice_code", how="left")
    return practices.sort_values("practice_code", ignore_index=True)


def _places_of(recipe: Recipe, localities: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Place of each practice: a reviewed override, else its former body, else the district of its building."""
    tables, found = recipe.tables, []
    if tables.overrides is not None:
        found.append(tables.overrides.read(recipe.source))
    if tables.former_bodies is not None:
        bodies = localities[["former_body", "place"]].drop_duplicates()
        found.append(tables.former_bodies.read(recipe.source).merge(bodies, on="former_body"))
    found.append(known.merge(localities[["lad_code", "place"]], on="lad_code"))
    return pd.concat(found)[["practice_code", "place"]].drop_duplicates("practice_code")


def _areas(recipe: Recipe, localities: pd.DataFrame) -> pd.DataFrame:
    """Small areas of the footprint and of the districts next to it, in order of code."""
    tables, folder = recipe.tables, recipe.source
    areas = tables.lookup.read(folder).merge(tables.deprivation.read(folder), on="lsoa_code")
    areas = areas.merge(tables.small_areas.read(folder), on="lsoa_code")
    wanted = {*localities["lad_code"], *recipe.homes.outside_districts}
    areas = areas[areas["lad_code"].isin(wanted)].merge(localities[["lad_code", "place"]], on="lad_code", how="left")
    return areas.sort_values("lsoa_code", ignore_index=True)
