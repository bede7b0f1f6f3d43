"""Conditions: practice by practice as common as published, older and more deprived people more often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from budget.synth.chance import Floats, Ints, stream, systematic
from budget.synth.footprint import Footprint
from budget.synth.people import Population
from budget.synth.recipe import Condition
from budget.synth.registrations import SEXES, Registrations, as_text

Diagnoses = Mapping[str, NDArray[np.bool_]]

_MIDDLE_DECILE = 5.5
_MEAN_DAYS_IN_YEAR = 365.25
# Nobody is certain to have a condition; mass above this goes to the others of the practice, in a few passes.
_LIKELIEST = 0.95
_PASSES = 3


def prevalences(footprint: Footprint) -> pd.DataFrame:
    """Published share of each condition's register population, by practice (rows, in order) and condition.

    A practice without a figure takes the mean of the locality's practices, weighted by their lists.
    """
    recipe, practices = footprint.recipe, footprint.practices
    published = published_shares(footprint)
    listed = recipe.tables.list.read(recipe.source)
    lists = listed.groupby("practice_code")["patients"].sum()
    found = {}
    for name, condition in recipe.conditions.items():
        if condition.practice is not None:
            known = published[name].notna()
            weights = lists.reindex(practices.loc[known, "practice_code"])
            mean = float(np.average(published.loc[known, name], weights=weights))
            found[name] = published[name].where(known, mean)
        elif condition.district is not None:
            found[name] = published[name]
        elif condition.overall is not None:
            shares = condition.overall * _against_all(condition, listed)
            found[name] = practices["practice_code"].map(shares).where(lambda column: column.notna(), condition.overall)
        else:
            found[name] = pd.Series(condition.share, index=practices.index)
    return pd.DataFrame(found)


def published_shares(footprint: Footprint) -> pd.DataFrame:
    """Published prevalence as it is, by practice (rows, in order) and condition; missing where there is no figure."""
    recipe, practices = footprint.recipe, footprint.practices
    indicators = recipe.tables.indicators.read(recipe.source).set_index("practice_code")
    by_place = _of_districts(footprint)
    found = {}
    for name, condition in recipe.conditions.items():
        if condition.practice is not None:
            found[name] = practices["practice_code"].map(indicators[condition.practice] / 100)
        elif condition.district is not None:
            found[name] = practices["place"].map(by_place[condition.district])
    return pd.DataFrame(found)


def _against_all(condition: Condition, listed: pd.DataFrame) -> pd.Series:
    """What age and sex make of a practice's share against that of all practices; missing where nobody is eligible."""
    age, male = listed["age"].to_numpy(), (listed["sex"] == SEXES[1]).to_numpy()
    counted = listed.assign(
        cases=_by_age_and_sex(condition, age, male) * listed["patients"],
        eligible=(age >= condition.from_age) * listed["patients"],
    )
    sums = counted.groupby("practice_code")[["cases", "eligible"]].sum()
    return sums["cases"] / sums["eligible"] / (sums["cases"].sum() / sums["eligible"].sum())


def _of_districts(footprint: Footprint) -> pd.DataFrame:
    """Prevalence by place (rows) and register: the mean of the place's districts, weighted by their lists."""
    source = footprint.recipe.tables.district_prevalence
    if source is None:
        return pd.DataFrame(index=pd.Index(footprint.places))
    rows = source.read(footprint.recipe.source).merge(footprint.districts, on="lad_code")
    sums = (
        rows.assign(people=rows["prevalence"] * rows["list"]).groupby(["place", "register"])[["people", "list"]].sum()
    )
    return (sums["people"] / sums["list"]).unstack()


def draw_conditions(
    footprint: Footprint, place: str, population: Population, shares: pd.DataFrame, seed: int
) -> Diagnoses:
    """Who has which condition; arrays in the order of the place's individuals."""
    people = population.individuals
    decile = footprint.areas["imd_decile"].to_numpy()[people.area]
    factor = stream(seed, place, "frailty").standard_normal(len(people))
    return {
        name: systematic(
            _chances(condition, people, population.counted, decile, factor, shares[name].to_numpy()),
            stream(seed, place, "condition", name),
        )
        for name, condition in footprint.recipe.conditions.items()
    }


def _chances(
    condition: Condition, people: Registrations, counted: int, decile: Ints, factor: Floats, shares: Floats
) -> Floats:
    """Each person's chance, scaled so that the counted people of a practice meet its published share."""
    eligible = people.age >= condition.from_age
    base = _by_age_and_sex(condition, people.age, people.male)
    base *= np.exp(condition.deprivation * (_MIDDLE_DECILE - decile))
    base *= np.exp(condition.frailty * factor - condition.frailty**2 / 2)
    practice = people.practice[:counted]
    wanted = shares * np.bincount(practice, eligible[:counted], len(shares))
    chance = base
    for _ in range(_PASSES):
        expected = np.bincount(practice, chance[:counted], len(shares))
        # A practice without eligible people has nobody to give the condition to.
        scale = np.divide(wanted, expected, out=np.zeros(len(shares)), where=expected > 0)
        chance = np.minimum(chance * scale[people.practice], _LIKELIEST)
    return chance


def _by_age_and_sex(condition: Condition, age: Ints, male: NDArray[np.integer[Any] | np.bool_]) -> Floats:
    """Relative chance; nobody under the register's youngest age has any."""
    ages, relative = zip(*condition.ages, strict=True)
    chance: Floats = np.interp(age, ages, relative) * (age >= condition.from_age) * np.where(male, condition.male, 1.0)
    return chance


def condition_columns(
    footprint: Footprint, place: str, population: Population, diagnoses: Diagnoses, seed: int
) -> dict[str, pa.Array]:
    """The columns of ``conditions``: one row a person and condition, recorded before the snapshot."""
    people, recipe = population.individuals, footprint.recipe
    rows = {name: np.flatnonzero(has) for name, has in diagnoses.items()}
    days = [
        _recorded(
            people.take(who), recipe.conditions[name].years, recipe.activity_to, stream(seed, place, "recorded", name)
        )
        for name, who in rows.items()
    ]
    which = np.repeat(np.arange(len(rows)), [len(who) for who in rows.values()])
    return {
        "person_id": as_text(people.number[np.concatenate(list(rows.values()))]),
        "condition": pa.array(list(rows), pa.string()).take(pa.array(which)),
        "recorded_on": pa.array(np.concatenate(days)),
    }


def _recorded(people: Registrations, years: float, last: date, rng: np.random.Generator) -> NDArray[np.datetime64]:
    back = (rng.exponential(years, len(people)) * _MEAN_DAYS_IN_YEAR).astype("timedelta64[D]")
    # A missing day of death sorts last in a minimum of days that ignores it.
    known = np.fmin(np.datetime64(last, "D"), people.died)
    return np.maximum(known - back, people.born)
