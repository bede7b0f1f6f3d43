"""People of one place: those on the published list, and those whom a rule of the population takes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from budget.synth.chance import Floats, Ints, days_between, pick, stream, systematic
from budget.synth.footprint import Footprint
from budget.synth.homes import Homes
from budget.synth.numbers import blocks_of, nhs_numbers, spoilt
from budget.synth.recipe import History, Recipe
from budget.synth.registrations import REGULAR, SEXES, Days, Registrations
from budget.synth.second import Merges, second_registrations

_Groups = Sequence[tuple[History, Registrations]]

_MEAN_DAYS_IN_YEAR = 365.25
_NEVER = np.datetime64("NaT", "D")
# A baby is registered within six weeks of birth.
_FIRST_WEEKS = 42
# Someone whose end is drawn was born and registered well before it.
_BORN_BEFORE = 60


@dataclass(frozen=True)
class Population:
    """Everyone drawn for a place.

    Attributes:
        individuals: one row a person, counted people first, in order of practice, sex and age.
        counted: how many of them are on the published list.
        listed: which of them have a row on a list.
        active: which of them have activity in the base year.
        seconds: further registrations of counted people.
        merges: numbers that were replaced.
    """

    individuals: Registrations
    counted: int
    listed: NDArray[np.bool_]
    active: NDArray[np.bool_]
    seconds: Registrations
    merges: Merges

    @property
    def registrations(self) -> Registrations:
        """Every row of the place's registered list."""
        return Registrations.join([self.individuals.take(np.flatnonzero(self.listed)), self.seconds])


def draw_population(footprint: Footprint, place: str, seed: int) -> Population:
    """Draw everyone of a place; counted people meet the published cells exactly."""
    recipe = footprint.recipe
    counted = _counted(footprint, place, stream(seed, place, "counted"))
    groups = [
        (history, _others(counted, history, recipe, stream(seed, place, name)))
        for name, history in recipe.other_people.items()
    ]
    for name, history in recipe.counted_people.items():
        counted = _lives_on(counted, history, stream(seed, place, name))
    people = Registrations.join([counted, *(group for _, group in groups)])
    seconds, merged = second_registrations(counted, footprint, place, stream(seed, place, "second"))
    block = blocks_of(footprint.people_of_places)[footprint.places.index(place)]
    numbers = nhs_numbers(len(people) + len(merged), block, seed)
    wrong = _spread(groups, len(counted), lambda history: history.invalid_number)
    own = np.where(wrong, spoilt(numbers[: len(people)]), numbers[: len(people)])
    merges = Merges(old=numbers[len(people) :], new=own[merged.person])
    return Population(
        individuals=people.but(number=own),
        counted=len(counted),
        listed=_spread(groups, len(counted), lambda history: history.listed, of_counted=True),
        active=_spread(groups, len(counted), lambda history: history.has_activity, of_counted=True),
        seconds=merged.number(seconds, own, merges),
        merges=merges,
    )


def _spread(
    groups: _Groups, counted: int, fact: Callable[[History], bool], *, of_counted: bool = False
) -> NDArray[np.bool_]:
    """A fact of each person's history, for counted people the given one."""
    parts = [np.full(counted, of_counted), *(np.full(len(group), fact(history)) for history, group in groups)]
    return np.concatenate(parts)


def _counted(footprint: Footprint, place: str, rng: np.random.Generator) -> Registrations:
    recipe = footprint.recipe
    cells = footprint.cells[footprint.practices["place"].to_numpy()[footprint.cells["practice"]] == place]
    times = cells["patients"].to_numpy()
    practice = np.repeat(cells["practice"].to_numpy(dtype=np.int64), times)
    male = np.repeat((cells["sex"] == SEXES[1]).to_numpy(dtype=np.int64), times)
    age = _last_age_spread(np.repeat(cells["age"].to_numpy(dtype=np.int64), times), recipe, rng)
    born = _birthdays(age, recipe.snapshot, rng)
    count = len(age)
    return Registrations(
        number=np.zeros(count, dtype=np.int64),
        practice=practice,
        male=male,
        age=age,
        area=Homes(footprint, place).draw(practice, age, rng),
        born=born,
        registered=_registered(age, born, recipe, rng),
        left=np.full(count, _NEVER),
        died=np.full(count, _NEVER),
        kind=np.full(count, REGULAR, dtype="U24"),
        flag=np.full(count, "", dtype="U16"),
        no_area=rng.random(count) < recipe.homes.missing,
    )


def _last_age_spread(age: Ints, recipe: Recipe, rng: np.random.Generator) -> Ints:
    """The published last age means "and over"; each year of age holds about 0.7 of the one before."""
    beyond = np.minimum(rng.geometric(0.3, len(age)) - 1, recipe.oldest_drawn - recipe.oldest_age)
    return np.where(age == recipe.oldest_age, age + beyond, age)


def _birthdays(age: Ints, snapshot: date, rng: np.random.Generator) -> Days:
    """A day of birth that gives the age at the snapshot; a birthday on the snapshot counts as reached."""
    month = np.datetime64(snapshot, "M")
    day = (np.datetime64(snapshot, "D") - month.astype("datetime64[D]")).astype(np.int64)
    last = (month - 12 * age.astype("timedelta64[M]")).astype("datetime64[D]") + day
    first = (month - 12 * (age + 1).astype("timedelta64[M]")).astype("datetime64[D]") + day + 1
    return days_between(first, last, rng)


def _registered(age: Ints, born: Days, recipe: Recipe, rng: np.random.Generator) -> Days:
    ages, years = zip(*recipe.registered_for, strict=True)
    tenure = rng.exponential(np.interp(age, ages, years)) * _MEAN_DAYS_IN_YEAR
    snapshot = np.datetime64(recipe.snapshot, "D")
    earliest = np.minimum(born + rng.integers(1, _FIRST_WEEKS, len(age)), snapshot)
    return np.maximum(snapshot - tenure.astype("timedelta64[D]"), earliest)


def _older(history: History, age: Ints) -> Floats:
    """Relative chance of a history at each age; nobody under its youngest age has it."""
    return np.exp(history.older * age) * (age >= history.from_age)


def _lives_on(counted: Registrations, history: History, rng: np.random.Generator) -> Registrations:
    """Let something happen to a share of the counted people that keeps them on the list at the snapshot."""
    weight = _older(history, counted.age)
    # The oldest would pass certainty where the chance grows fast with age.
    chosen = systematic(np.minimum(history.share * weight / weight.mean(), 1.0), rng)
    changes: dict[str, np.ndarray] = {}
    if history.flag:
        changes["flag"] = np.where(chosen, history.flag, counted.flag)
    if history.died:
        changes["died"] = np.where(chosen, _event(history.died, len(counted), rng), counted.died)
    if history.left:
        changes["left"] = np.where(chosen, _event(history.left, len(counted), rng), counted.left)
    if history.ends_before_start:
        changes["left"] = np.where(chosen, counted.registered - 1, counted.left)
    return counted.but(**changes)


def _others(counted: Registrations, history: History, recipe: Recipe, rng: np.random.Generator) -> Registrations:
    """People like the counted ones, with the history that takes them out."""
    count = int(history.share * len(counted) + rng.random())
    drawn = counted.take(pick(_older(history, counted.age), count, rng))
    born = _birthdays(drawn.age, recipe.snapshot, rng)
    ends = history.died or history.left
    event = ends or history.started
    if event:
        born = np.minimum(born, np.datetime64(event[0], "D") - _BORN_BEFORE)
    registered = drawn.registered
    if ends:
        registered = np.minimum(registered, np.datetime64(ends[0], "D") - 1)
    return drawn.but(
        born=born,
        registered=_event(history.started, count, rng) if history.started else np.maximum(registered, born),
        died=_event(history.died, count, rng) if history.died else _NEVER,
        left=_event(history.left, count, rng) if history.left else _NEVER,
        kind=history.registration_type,
        flag=history.flag or "",
    )


def _event(between: tuple[date, date], count: int, rng: np.random.Generator) -> Days:
    first, last = (np.full(count, np.datetime64(day, "D")) for day in between)
    return days_between(first, last, rng)
