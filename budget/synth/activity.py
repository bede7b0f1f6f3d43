"""Care received in the base year: drawn by line from cost curves and conditions, costed after calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from budget.synth.chance import Floats, Ints, pick, stream, systematic
from budget.synth.conditions import Diagnoses
from budget.synth.curves import CostCurves
from budget.synth.people import Population
from budget.synth.recipe import Line, Recipe
from budget.synth.registrations import Registrations, as_text

_WEEKS_IN_YEAR = 52.0
_LIKELIEST = 0.95


@dataclass(frozen=True)
class Care:
    """Rows of one place and line, before their cost is calibrated.

    Attributes:
        number: NHS number of the person.
        day: day of the activity.
        amount: events, contacts or weeks.
        weight: cost of the row in an arbitrary unit of the line.
    """

    number: Ints
    day: NDArray[np.datetime64]
    amount: Floats
    weight: Floats

    def columns(
        self, name: str, line: Line, pence_per_weight: float, providers: Mapping[str, float], rng: np.random.Generator
    ) -> dict[str, pa.Array]:
        """The columns of ``activity``.

        Args:
            name: the service line.
            pence_per_weight: what calibration found.
            providers: share of the place's care in this line by provider.
        """
        # Half-up to whole pence; a row costs at least a penny, since free care would not be recorded here.
        pence = np.maximum(np.floor(self.weight * pence_per_weight + 0.5).astype(np.int64), 1)
        units = self.amount if line.unit_pounds is None else np.ceil(pence / (100 * line.unit_pounds))
        drawn = pick(np.array(list(providers.values())), len(pence), rng)
        count = len(pence)
        return {
            "person_id": as_text(self.number),
            "activity_date": pa.array(self.day),
            "service_line": pa.repeat(name, count),
            "provider_code": pa.array(list(providers), pa.string()).take(pa.array(drawn)),
            "units": pa.array(units, pa.float64()),
            "currency_code": pa.repeat(line.currency, count),
            "cost_pence": pa.array(pence),
            "emergency": pa.repeat(line.emergency, count),
        }


@dataclass(frozen=True)
class _Users:
    """People who may use a line, with their expected use and the days on which they can."""

    people: Registrations
    mean: Floats
    first: NDArray[np.datetime64]
    last: NDArray[np.datetime64]

    def days(self, who: Ints, part: Ints, parts: Ints, rng: np.random.Generator) -> NDArray[np.datetime64]:
        """A day in the given part of each person's time; parts do not overlap, so two rows on a day are rare."""
        length = (self.last[who] - self.first[who]).astype(np.int64) + 1
        offset = np.minimum(((part + rng.random(len(who))) / parts * length).astype(np.int64), length - 1)
        days: NDArray[np.datetime64] = self.first[who] + offset.astype("timedelta64[D]")
        return days


def draw_care(
    recipe: Recipe, place: str, population: Population, diagnoses: Diagnoses, curves: CostCurves, seed: int
) -> Iterator[tuple[str, Care]]:
    """The care of a place's people, line by line."""
    # Who was born on the snapshot itself has no day in the year before it.
    alive = population.individuals.born <= np.datetime64(recipe.activity_to, "D")
    active = np.flatnonzero(population.active & alive)
    people = population.individuals.take(active)
    first = np.maximum(np.datetime64(recipe.activity_from, "D"), people.born)
    # A missing day of death leaves the whole year.
    last = np.fmin(np.datetime64(recipe.activity_to, "D"), people.died)
    for name, line in recipe.service_lines.items():
        rng = stream(seed, place, "care", name)
        has = {condition: diagnoses[condition][active] for condition in {**line.extra, **line.chance}}
        draw = _packages if line.form == "packages" else _contacts if line.form == "contacts" else _events
        yield name, draw(line, _Users(people, _expected(line, people, has, curves), first, last), rng)


def _expected(line: Line, people: Registrations, has: Diagnoses, curves: CostCurves) -> Floats:
    """Mean rows or contacts in the year; for packages, the chance of having one."""
    if line.curve is None:
        without = np.ones(len(people))
        for condition, chance in line.chance.items():
            without *= 1 - chance * has[condition]
        return 1 - without
    more = np.ones(len(people))
    for condition, extra in line.extra.items():
        more += extra * has[condition]
    return line.rows * curves.relative(line.curve, people) * more


def _unlike(line: Line, mean: Floats, rng: np.random.Generator) -> Floats:
    """Means of people who are not all alike: a gamma of mean 1 on each, so that counts are negative binomial."""
    return mean * rng.standard_gamma(line.overdispersion, len(mean)) / line.overdispersion


def _costs(amount: Floats, line: Line, rng: np.random.Generator) -> Floats:
    return amount * rng.lognormal(-(line.spread**2) / 2, line.spread, len(amount))


def _events(line: Line, users: _Users, rng: np.random.Generator) -> Care:
    """One row an event."""
    times = rng.poisson(_unlike(line, users.mean, rng))
    who = np.repeat(np.arange(len(times)), times)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    day = users.days(who, turn, times[who], rng)
    amount = np.ones(len(who))
    return Care(users.people.number[who], day, amount, _costs(amount, line, rng))


def _contacts(line: Line, users: _Users, rng: np.random.Generator) -> Care:
    """One row a person and part of the year with a contact."""
    mean = _unlike(line, users.mean, rng) / line.parts
    contacts = rng.poisson(np.repeat(mean, line.parts))
    rows = np.flatnonzero(contacts)
    who, part = np.divmod(rows, line.parts)
    amount = contacts[rows].astype(np.float64)
    return Care(
        users.people.number[who],
        users.days(who, part, np.full(len(who), line.parts), rng),
        amount,
        _costs(amount, line, rng),
    )


def _packages(line: Line, users: _Users, rng: np.random.Generator) -> Care:
    """One row a part of the year for each person with a package of care, at that person's own rate."""
    holders = np.flatnonzero(systematic(np.minimum(users.mean, _LIKELIEST), rng))
    rate = _costs(np.full(len(holders), _WEEKS_IN_YEAR / line.parts), line, rng)
    who = np.repeat(holders, line.parts)
    part = np.tile(np.arange(line.parts), len(holders))
    amount = np.full(len(who), _WEEKS_IN_YEAR / line.parts)
    return Care(
        users.people.number[who],
        users.days(who, part, np.full(len(who), line.parts), rng),
        amount,
        np.repeat(rate, line.parts),
    )
