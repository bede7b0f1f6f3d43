"""Is the risk pool big enough? Chance alone, with a normal tail (the method, section 8.11)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import pandas as pd

from budget.kernel.money import half_up

COVERED = 0.95
"""The share of years that a pool which is called cover should last in."""

SIZES = (10_000, 30_000, 50_000, 100_000, 300_000, 600_000, 1_000_000, 3_000_000)
"""Sizes of population for which the chance is shown beside that of the run's own units."""

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Spread:
    """How much what persons cost differs: people, sum and sum of squares of their cost (pence, pence squared)."""

    people: int
    cost: float
    squares: float

    @classmethod
    def kept(cls, cells: pd.DataFrame, threshold: int, paid: float) -> Spread:
        """What the budget bears of a place's persons, once a stop-loss has paid its share above a threshold.

        A person above the threshold T by e costs the budget ``T + (1 - paid) e``; its square is that of T, which cells
        hold, and ``2 T (1 - paid) e + (1 - paid)^2 e^2``.

        Args:
            cells: people, y and yy (cost up to the threshold, and its squares), excess_pence, excess_squares (above).
            threshold: T, pence.
            paid: share of the excess that the stop-loss pays.
        """
        borne = 1 - paid
        excess = float(cells["excess_pence"].sum())
        squares = 2.0 * threshold * borne * excess + borne**2 * float(cells["excess_squares"].sum())
        return cls(
            people=int(cells["people"].sum()),
            cost=float(cells["y"].sum()) + borne * excess,
            squares=float(cells["yy"].sum()) + squares,
        )

    @classmethod
    def together(cls, spreads: Iterable[Spread]) -> Spread:
        """Several populations as one."""
        known = list(spreads)
        return cls(sum(s.people for s in known), sum(s.cost for s in known), sum(s.squares for s in known))

    @property
    def cv(self) -> float:
        """Standard deviation over mean."""
        mean = self.cost / self.people
        return math.sqrt(self.squares / self.people - mean**2) / mean


def sd_share(people: float, cv: float) -> float:
    """Standard deviation of a year's cost of some people, as a share of it: ``CV / sqrt(n)``."""
    return cv / math.sqrt(people)


def chance_exhausted(pool_share: float, people: float, cv: float) -> float:
    """Chance that cost exceeds the budget by more than the pool.

    >>> round(chance_exhausted(0.005, 100_000, 3.7), 3)
    0.335
    """
    return 1 - _NORMAL.cdf(pool_share / sd_share(people, cv))


def cover_share(people: float, cv: float, covered: float = COVERED) -> float:
    """Pool, as a share of the budget, that lasts in a share of years.

    >>> round(cover_share(100_000, 3.7), 4)
    0.0192
    """
    return _NORMAL.inv_cdf(covered) * sd_share(people, cv)


def risk_pool_cover(scales: pd.DataFrame, spreads: dict[tuple[str, str], Spread], assumed_cv: float) -> pd.DataFrame:
    """The pool of every place, system and the footprint against chance.

    Args:
        scales: rows of ``budget_by_scale``.
        spreads: spread of persons' cost by scale and unit; a unit without one has the assumed CV.
        assumed_cv: standard deviation over mean where no cost of persons is known.

    Returns:
        The columns of ``risk_pool_cover``.
    """
    there = scales[(scales["scale"] != "practice_group") & (scales["people"] > 0)]
    columns = ["scale", "unit", "people", "allocation_pence", "carve_out_pence", "risk_pool_pence"]
    rows = []
    for year, units in there.groupby("financial_year"):
        whole = units[units["scale"] == "footprint"].iloc[0]
        of_size = [_of_size(whole, people) for people in SIZES]
        for unit in (*units[columns].to_dict("records"), *of_size):
            known = spreads.get(
                (whole["scale"], whole["unit"]) if unit["scale"] == "size" else (unit["scale"], unit["unit"])
            )
            rows.append({"financial_year": year, **_held_against_chance(unit, known, assumed_cv)})
    return pd.DataFrame(rows)


def _of_size(whole: pd.Series, people: int) -> dict[str, Any]:
    """As many people, with the footprint's budget a head."""
    amounts = {
        name: half_up(float(whole[name]) / whole["people"] * people)
        for name in ("allocation_pence", "carve_out_pence", "risk_pool_pence")
    }
    return {"scale": "size", "unit": f"{people:,} people", "people": float(people), **amounts}


def _held_against_chance(unit: dict[str, Any], spread: Spread | None, assumed_cv: float) -> dict[str, object]:
    cv, people = spread.cv if spread else assumed_cv, float(unit["people"])
    budget, pool = int(unit["allocation_pence"] - unit["carve_out_pence"]), int(unit["risk_pool_pence"])
    cover = cover_share(people, cv)
    return {
        "scale": unit["scale"],
        "unit": unit["unit"],
        "people": people,
        "person_cost_cv": cv,
        "cv_basis": "persons" if spread else "assumed",
        "budget_pence": budget,
        "pool_pence": pool,
        "pool_share": pool / budget,
        "sd_share": sd_share(people, cv),
        "chance_exhausted": chance_exhausted(pool / budget, people, cv),
        "cover_share": cover,
        "cover_pence": half_up(cover * budget),
    }
