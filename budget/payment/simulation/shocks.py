"""How far activity and lists may be off plan: one case, several, or many drawn by common random numbers.

Everything that is simulated looks at the same shock, so forms differ by nothing but their rules; a shock with the same
seed is the same in two runs, place by place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.draws import Draws
from budget.assumptions.pack import Entry
from budget.assumptions.spread import Spread

Floats = NDArray[np.float64]

CHANCE, CHURN = "chance", "list_churn"
"""What the streams of chance variation and of people in and out are called, before their place."""


@dataclass(frozen=True)
class Shock:
    """What happens instead of the plan, in one case or many.

    Attributes:
        activity: actual over planned activity, by case and row.
        people: people over those of the plan, by case and row.
    """

    activity: Floats
    people: Floats

    def times(self, ratios: Floats) -> Shock:
        """The same with activity moved further, by row; lists stay."""
        return Shock(self.activity * ratios, self.people)


@dataclass(frozen=True)
class PlaceRisk:
    """What moves people and their care in one place.

    Attributes:
        sd_share: standard deviation of a year's cost over its mean, ``CV / sqrt(people)``: chance alone.
        churn: people who join the place's list less those who leave it, over its people: an assumption with a range.
    """

    sd_share: float
    churn: Entry


def cases(ratios: Sequence[float], rows: int) -> Shock:
    """The same ratio of activity in every row, one case a ratio; lists are as planned.

    Args:
        ratios: actual over planned activity.
        rows: how many rows there are.
    """
    activity = np.repeat(np.array(ratios, dtype=np.float64)[:, None], rows, axis=1)
    return Shock(activity, np.ones_like(activity))


def drawn(
    mix: Floats,
    lines: Sequence[str],
    risks: Mapping[str, PlaceRisk],
    growth: Mapping[tuple[str, str], Entry],
    draws: Draws,
) -> Shock:
    """Many cases: chance by size of place, growth of demand common to all, people in and out by place.

    In place p and line l activity is ``(1 + chance_p) (1 + churn_p) (1 + g) / (1 + planned g)`` of plan. A row is the
    mean of its places by what it is paid there. All lines of a place share its chance, whose deviation is that of the
    place's whole cost; growth of every line and place stands at the same percentile of its own range.

    Args:
        mix: share of each row's plan in each place, by row and place; the places in the order of ``risks``.
        lines: service line by row.
        risks: by place.
        growth: growth of demand by line and place, an assumption with a range.
        draws: with seed and count.
    """
    chance = np.stack([1 + risk.sd_share * draws.standard(f"{CHANCE}@{place}") for place, risk in risks.items()])
    people = np.stack([_people(place, risk.churn, draws) for place, risk in risks.items()])
    demand = {entry: _demand(entry, draws) for entry in dict.fromkeys(growth.values())}
    activity = np.empty((len(lines), draws.count))
    for line in dict.fromkeys(lines):
        of = [number for number, other in enumerate(lines) if other == line]
        grown = np.stack([demand[growth[line, place]] for place in risks])
        activity[of] = mix[of] @ np.maximum(0.0, chance * people * grown)
    return Shock(activity.T, (mix @ people).T)


def _people(place: str, churn: Entry, draws: Draws) -> Floats:
    """People over those of the plan; every place has a stream of its own, whether or not it has its own range."""
    spread = Spread.of(churn)
    if spread is None:
        return np.full(draws.count, 1 + float(churn.value))  # type: ignore[arg-type]
    moved: Floats = 1 + spread.at(draws.standard(f"{CHURN}@{place}"))
    return moved


def _demand(entry: Entry, draws: Draws) -> Floats:
    """Demand over planned demand; the plan is the middle of its range, so half of the draws lie on either side."""
    spread = Spread.of(entry)
    if spread is None:
        return np.ones(draws.count)
    drawn_growth = spread.at(draws.standard(entry.parameter.id))
    ratio: Floats = (1 + drawn_growth) / (1 + spread.value)
    return ratio
