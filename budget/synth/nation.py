"""A whole nation to try sizes on: what is published for every practice, and stand-ins for what is published locally.

National publications of practices give patients, need and indices. Ages, homes, registers, residents, providers and
money are published place by place and are not gathered here; they take the national profile, or the figures of the
shipped localities. So counts of practices are real, and no figure of a place means anything.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from budget.synth.recipe import Nation, Recipe, Source

_AREA_PEOPLE = 1_700
_AREAS_IN_MSOA = 5
_LAST_AGE = 85
_OLDER = 0.84 ** np.arange(11)
"""Of people of 85 and over, how many are of each age up to 95 and over: each year five of six are left."""
_PATIENTS = "Registered Patients"


def nationwide(recipe: Recipe, nation: Nation, folder: Path) -> Recipe:
    """Write the tables that a recipe reads, and give the recipe that reads them.

    Args:
        recipe: the nation's recipe, whose ``source`` holds the national publications.
        nation: which they are, and whose figures stand in for the rest.
        folder: where the tables go.
    """
    made = _Nation(recipe, nation)
    tables = recipe.tables
    for name in (tables.cost_curves.file, tables.practice_indices.file):
        shutil.copyfile(recipe.source / name, folder / name)
    written = [
        (tables.localities, made.localities),
        (tables.list, made.listed()),
        (tables.overrides, pd.DataFrame(columns=["practice_code", "place"])),
        (tables.networks, made.networks()),
        (tables.residents, made.residents()),
        (tables.small_areas, made.areas.drop(columns=["lad_code", "msoa_code", "imd_decile", "imd_score"])),
        (tables.lookup, made.areas[["lsoa_code", "msoa_code", "lad_code"]]),
        (tables.deprivation, made.areas[["lsoa_code", "imd_decile", "imd_score"]]),
        (tables.indicators, made.indicators()),
        (tables.catchments, made.catchments()),
        (tables.trusts, made.trusts()),
        (tables.spend, made.spend()),
        (tables.spend_control, made.spend_control()),
        *((source, made.weights(year)) for year, source in recipe.weights.items()),
    ]
    for source, frame in written:
        if source is not None:
            _write(source, frame, folder)
    local_to = {f"{place}1": place for place in made.places}
    return recipe.model_copy(update={"source": folder, "local_to": local_to})


def _write(source: Source, frame: pd.DataFrame, folder: Path) -> None:
    # read once and thrown away: packing it tightly would take longer than everything else
    packing: Any = {"method": "gzip", "compresslevel": 1} if source.file.endswith(".gz") else None
    frame.rename(columns=source.columns).to_csv(folder / source.file, index=False, compression=packing)


@dataclass(frozen=True)
class _Nation:
    """The tables of a nation, in our column names."""

    recipe: Recipe
    nation: Nation

    @cached_property
    def practices(self) -> pd.DataFrame:
        """``practice_code``, ``lad_code``, ``place`` and the published columns; a district is of one ICB only."""
        read = pd.read_csv(self.recipe.source / self.nation.practices)
        read = read.rename(columns={"Practice_Code": "practice_code", "LAD": "lad_code"})
        people = read.groupby(["lad_code", "ICB"], as_index=False)[_PATIENTS].sum()
        most = people.sort_values([_PATIENTS, "ICB"]).drop_duplicates("lad_code", keep="last")
        place = most.set_index("lad_code")["ICB"]
        return read.assign(place=read["lad_code"].map(place)).sort_values("practice_code", ignore_index=True)

    @cached_property
    def places(self) -> list[str]:
        return sorted(set(self.practices["place"]))

    @cached_property
    def profile(self) -> pd.DataFrame:
        """``sex``, ``age``, ``share``: people of England by sex and single year of age, which add to one."""
        curves = self.recipe.tables.cost_curves.read(self.recipe.source)
        counts = curves.groupby(["sex", "age"], as_index=False)["population"].sum()
        young = counts[counts["age"] < _LAST_AGE]
        oldest = counts[counts["age"] == _LAST_AGE].merge(
            pd.DataFrame({"older": np.arange(len(_OLDER)), "part": _OLDER / _OLDER.sum()}), how="cross"
        )
        oldest = oldest.assign(age=oldest["age"] + oldest["older"], population=oldest["population"] * oldest["part"])
        both = pd.concat([young, oldest])[["sex", "age", "population"]].sort_values(["sex", "age"], ignore_index=True)
        return both.assign(share=both["population"] / both["population"].sum())[["sex", "age", "share"]]

    @cached_property
    def localities(self) -> pd.DataFrame:
        rows = self.practices[["lad_code", "place"]].drop_duplicates().sort_values("lad_code", ignore_index=True)
        return rows.assign(system=rows["place"])

    def listed(self) -> pd.DataFrame:
        """The published patients of every practice, whole, spread over the national profile."""
        patients = np.diff(np.rint(self.practices[_PATIENTS].cumsum()), prepend=0)
        wide = np.outer(patients, self.profile["share"])
        # rounded as they add up, so that small cells keep their share and every list keeps its total
        cells = np.diff(np.rint(wide.cumsum(axis=1)), axis=1, prepend=0).astype(np.int64)
        codes = self.practices["practice_code"].repeat(len(self.profile)).to_numpy()
        ages = pd.concat([self.profile[["sex", "age"]]] * len(self.practices), ignore_index=True)
        rows = ages.assign(practice_code=codes, patients=cells.ravel())
        return rows[rows["patients"] > 0]

    def networks(self) -> pd.DataFrame:
        ordered = self.practices.sort_values(["place", "lad_code", "practice_code"])
        number = np.arange(len(ordered)) // self.nation.practices_in_network
        return pd.DataFrame({"practice_code": ordered["practice_code"], "pcn_code": [f"U{n:05d}" for n in number]})

    def residents(self) -> pd.DataFrame:
        """Fewer than patients by one ratio everywhere, growing as the published lists of later years do."""
        people = self.practices.groupby("lad_code")[_PATIENTS].sum() * self.nation.residents_per_patient
        estimate, projection = (
            next(series for series, basis in self.recipe.resident_series.items() if basis == wanted)
            for wanted in ("estimate", "projection")
        )
        last = self.recipe.estimate_year
        years = [(last, estimate), *((year, projection) for year in range(last + 1, self.nation.last_year + 1))]
        frames = [
            people.rename("people").reset_index().merge(self.profile, how="cross").assign(year=year, series=series)
            for year, series in years
        ]
        rows = pd.concat(frames, ignore_index=True)
        persons = rows["people"] * rows["share"] * (1 + self.nation.growth) ** (rows["year"] - last)
        return rows.assign(persons=persons.round(3)).drop(columns=["people", "share"])

    @cached_property
    def areas(self) -> pd.DataFrame:
        """Small areas of about 1,700 people, made up, with the national profile and every tenth of deprivation."""
        people = self.practices.groupby("lad_code")[_PATIENTS].sum() * self.nation.residents_per_patient
        many = np.maximum(people / _AREA_PEOPLE, 10).round().astype(int)
        rows = pd.DataFrame({"lad_code": many.index.repeat(many), "people": (people / many).repeat(many).to_numpy()})
        number = np.arange(len(rows))
        tenth = number % 10 + 1
        rows = rows.assign(
            lsoa_code=[f"E019{n:05d}" for n in number],
            msoa_code=[f"E029{n // _AREAS_IN_MSOA:05d}" for n in number],
            imd_decile=tenth,
            imd_score=np.array(self.nation.deprivation_scores)[tenth - 1],
        )
        by_age = self.profile.groupby("age")["share"].sum()
        ages = pd.DataFrame(np.outer(rows["people"], by_age).round(2), columns=[f"age_{age}" for age in by_age.index])
        return pd.concat([rows.drop(columns="people"), ages], axis=1)

    def indicators(self) -> pd.DataFrame:
        """Registers and deprivation of the shipped localities' practices, one after another."""
        source = self.recipe.tables.indicators
        known = pd.concat([source.read(self._like(name)) for name in self.nation.like], ignore_index=True)
        known = known.dropna().reset_index(drop=True)
        turns = np.arange(len(self.practices)) % len(known)
        return known.iloc[turns].assign(practice_code=self.practices["practice_code"].to_numpy())

    def weights(self, year: str) -> pd.DataFrame:
        """The published need of one year, in every year with that year's national totals."""
        source = self.recipe.weights[year]
        totals = pd.read_csv(self.recipe.source / self.nation.totals).set_index(["financial_year", "stream"])["total"]
        streams = {
            ours: theirs for ours, theirs in source.columns.items() if not ours.startswith(("practice_", "lad_"))
        }
        frame = self.practices[["practice_code", "lad_code"]].assign(practice_name=self.practices["practice_code"])
        published = self.recipe.weights[self.nation.year].columns
        for ours, theirs in streams.items():
            values = self.practices[published[ours]]
            frame[ours] = values * (totals[year, theirs] / values.sum())
        return frame

    def catchments(self) -> pd.DataFrame:
        """One hospital trust a place, made up; a part of care in the next place, and a small one elsewhere."""
        after = dict(zip(self.places, [*self.places[1:], self.places[0]], strict=True))
        rows = self.areas[["msoa_code", "lad_code"]].drop_duplicates("msoa_code").merge(self.localities, on="lad_code")
        own = rows.assign(provider_code=rows["place"] + "1", share=0.9)
        other = rows.assign(provider_code=rows["place"].map(after) + "1", share=0.08)
        return pd.concat([own, other])[["msoa_code", "provider_code", "share"]]

    def trusts(self) -> pd.DataFrame:
        names = [f"Hospitals of {place} (made up)" for place in self.places]
        return pd.DataFrame({"provider_code": [f"{place}1" for place in self.places], "provider_name": names})

    def spend(self) -> pd.DataFrame:
        """Pounds a patient of the shipped localities, line by line, in every place; adjustments are left out."""
        heads, money = 0.0, []
        for name in self.nation.like:
            folder = self._like(name)
            heads += float(self.recipe.tables.list.read(folder)["patients"].sum())
            rows = self.recipe.tables.spend.read(folder)
            money.append(rows[rows["adjustment"].isna() & (rows["financial_year"] == self.recipe.base_year)])
        lines = pd.concat(money).groupby("service_line")["amount_pence"].sum() / heads
        people = self.practices.groupby("place")[_PATIENTS].sum()
        rows = people.rename("people").reset_index().merge(lines.rename("a_head").reset_index(), how="cross")
        return rows.assign(
            financial_year=self.recipe.base_year,
            commissioner=self.recipe.icb_code,
            amount_pence=(rows["people"] * rows["a_head"]).round().astype(np.int64),
            adjustment=None,
            reason=None,
        ).drop(columns=["people", "a_head"])

    def spend_control(self) -> pd.DataFrame:
        rows = self.spend().groupby(["financial_year", "commissioner"], as_index=False)["amount_pence"].sum()
        return rows.assign(service_line=None, basis="gross")

    def _like(self, locality: str) -> Path:
        return self.recipe.source.parent / locality
