"""Second registrations of counted people: older ones still open (duplicates), and earlier ones that ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.synth.chance import Ints, days_between, pick, systematic
from budget.synth.footprint import Footprint
from budget.synth.registrations import Registrations

_NEVER = np.datetime64("NaT", "D")
# An older registration began at least a month after birth and a month before the current one.
_MONTH = 30
_LONGEST = 15 * 365


@dataclass(frozen=True)
class Merges:
    """Numbers that were replaced (``person_merges``).

    Attributes:
        old: the number on the older registration.
        new: the person's own number.
    """

    old: Ints
    new: Ints


@dataclass(frozen=True)
class Merged:
    """Which second registrations carry a number that was replaced.

    Attributes:
        owner: position of the person of each second registration.
        row: positions of the second registrations with an old number.
        person: position of their persons.
    """

    owner: Ints
    row: Ints
    person: Ints

    def __len__(self) -> int:
        return len(self.row)

    def number(self, seconds: Registrations, own: Ints, merges: Merges) -> Registrations:
        """The second registrations with their persons' numbers, replaced ones where they carry them."""
        numbers = own[self.owner]
        numbers[self.row] = merges.old
        return seconds.but(number=numbers)


def second_registrations(
    counted: Registrations, footprint: Footprint, place: str, rng: np.random.Generator
) -> tuple[Registrations, Merged]:
    """Duplicates and earlier practices of a share of the counted people, not yet numbered."""
    shares = footprint.recipe.second_registrations
    room = counted.registered - counted.born > np.timedelta64(3 * _MONTH, "D")
    joined = room & (counted.registered >= np.datetime64(footprint.recipe.activity_from, "D"))
    twice = _choose(room, shares.duplicates, rng)
    moved = _choose(joined, shares.moved_within, rng)
    owner = np.concatenate([twice, moved])
    current = counted.take(owner)
    ended = np.arange(len(owner)) >= len(twice)
    seconds = current.but(
        practice=_other_practices(current.practice, footprint, place, rng),
        registered=days_between(_earliest(current), current.registered - _MONTH, rng),
        left=np.where(ended, current.registered - 1, _NEVER),
        flag="",
    )
    row = np.flatnonzero((rng.random(len(owner)) < shares.merged_numbers) & ~ended)
    return seconds, Merged(owner=owner, row=row, person=owner[row])


def _choose(eligible: np.ndarray, share: float, rng: np.random.Generator) -> Ints:
    """Positions of a share of everyone, drawn among the eligible (all of them where they are too few)."""
    chance = min(share * len(eligible) / max(int(eligible.sum()), 1), 1.0)
    return np.flatnonzero(systematic(eligible * chance, rng))


def _earliest(current: Registrations) -> np.ndarray:
    return np.maximum(current.born + _MONTH, current.registered - _LONGEST)


def _other_practices(practice: Ints, footprint: Footprint, place: str, rng: np.random.Generator) -> Ints:
    """A different practice for each person, in proportion to list size, most of them in the same place."""
    sizes = footprint.cells.groupby("practice")["patients"].sum().reindex(footprint.practices.index, fill_value=0)
    here = (footprint.practices["place"] == place).to_numpy()
    people = sizes.to_numpy(dtype=np.float64)
    share = footprint.recipe.second_registrations.same_place
    weights = people * np.where(here, share / people[here].sum(), (1 - share) / people[~here].sum())
    drawn = pick(weights, len(practice), rng)
    # Someone who drew the practice they are with takes the next one that has a list.
    practices = np.flatnonzero(people > 0)
    following = practices[(np.searchsorted(practices, drawn) + 1) % len(practices)]
    return np.where(drawn == practice, following, drawn)
