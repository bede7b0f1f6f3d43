"""What every budget year takes from the tables: people, weights, peers, flows and the quantum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.errors import ConfigurationError, refusal
from budget.kernel.money import half_up
from budget.kernel.years import FinancialYear
from budget.ledger.carving import Carving
from budget.ledger.growth import growth_of
from budget.ledger.opening import Start
from budget.ledger.year import Year
from budget.stage import Given

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Opening:
    """What a year opens with; pence by key.

    Attributes:
        brought: gross spend in the first year, last year's allocation after it.
        adjustments: what normalises it; nothing after the first year.
        planned: what the services of the year before were planned to cost.
        quantum_before: the sum that a growing quantum grows from, pence.
    """

    brought: Floats
    adjustments: Floats
    planned: Floats
    quantum_before: float

    @classmethod
    def first(cls, start: Start) -> Opening:
        """What the first year opens with."""
        quantum_before = float(start.gross.sum() + start.adjustments.sum())
        return cls(start.gross, start.adjustments, start.normalised, quantum_before)


@dataclass(frozen=True)
class Ground:
    """What the tables say, whatever is assumed.

    Attributes:
        people: people by year, place and segment.
        weights: weighted people by year and place.
        peers: ``peer_places``; no rows where there are none.
        outside: share of care outside the footprint by place and line.
    """

    people: pd.Series
    weights: pd.Series
    peers: pd.DataFrame
    outside: dict[tuple[str, str], float]

    @classmethod
    def of(cls, given: Given) -> Ground:
        """Read it from the tables."""
        weights = given.frame("need_weights")
        columns = ["financial_year", "place", "opening_pence", "weighted_people"]
        return cls(
            people=given.frame("segment_people").set_index(["financial_year", "place", "segment"])["people"],
            weights=weights[weights["used"]].set_index(["financial_year", "place"])["weighted_people"],
            peers=given.frame("peer_places") if given.has("peer_places") else pd.DataFrame(columns=columns),
            outside=_outside_share(given.frame("provider_activity")) if given.has("provider_activity") else {},
        )


class Context:
    """The tables of the ledger, read once, and what each year takes from them."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._ground = given.once("ground", lambda: Ground.of(given))
        self.carving = Carving(given)

    def year(self, year: FinancialYear, opening: Opening) -> Year:
        """What the steps of one year look at."""
        peers = self._ground.peers
        return Year(
            year=year,
            assumptions=self._given.assumptions,
            brought_forward=opening.brought,
            adjustments=opening.adjustments,
            growth=self._given.once(("growth", year), lambda: self._growth(year)),
            weighted_people=self._ground.weights.loc[str(year)],
            quantum=self._quantum(year, opening.quantum_before),
            peers=peers[peers["financial_year"] == str(year)],
            outside_share=self._ground.outside,
            history=self.carving.history(year),
            history_by_line=self.carving.history_by_line(year),
            excess=self.carving.excess(year),
            rebased=opening.planned if self._rebases(year) else None,
        )

    def _rebases(self, year: FinancialYear) -> bool:
        """Whether the year is a whole number of ``rebase_years`` after the first budget year; never where that is 0."""
        every = int(self._given.assumptions.number("rebase_years", year))
        since = year.start - self._given.plan.budget_years[0].start
        return every > 0 and since > 0 and since % every == 0

    def _growth(self, year: FinancialYear) -> dict[tuple[str, str], float]:
        """Growth of every segment since the year before.

        Raises:
            RunStopped: a segment that was empty has people now.
        """
        now, before = (self._ground.people.loc[str(each)] for each in (year, year.previous))
        _refuse_arrivals(year, before.index[(before == 0) & (now.loc[before.index] > 0)])
        return growth_of(now, before)

    def _quantum(self, year: FinancialYear, before: float) -> int | None:
        assumptions = self._given.assumptions
        match assumptions.choice("quantum_basis", year):
            case "given":
                return _given_quantum(assumptions.pence("quantum", year), year)
            case "growth":
                return half_up(before * (1 + assumptions.number("quantum_growth", year)))
            case _:
                return None


def _outside_share(activity: pd.DataFrame) -> dict[tuple[str, str], float]:
    keys = ["place", "service_line"]
    whole = activity.groupby(keys)["cost_pence"].sum()
    outside = activity[~activity["local"]].groupby(keys)["cost_pence"].sum()
    # a line whose care all stayed within has a true zero; a line without activity has no share at all
    return {key: float(outside.get(key, 0) / whole[key]) for key in whole.index if whole[key]}


def _given_quantum(pence: int, year: FinancialYear) -> int:
    if pence == 0:
        raise ConfigurationError(f"quantum_basis is given for {year}, but quantum is 0; state the sum, or use growth.")
    return pence


def _refuse_arrivals(year: FinancialYear, arrivals: pd.Index) -> None:
    """A segment that was empty has no cost a head that people could bring with them."""
    if len(arrivals):
        raise refusal(
            "ledger",
            "C30",
            table="segment_people",
            rule=f"a segment with people in {year} needs people, and so a cost a head, in the year before",
            rows_failed=len(arrivals),
            mend="segment_population or population_projection, or merge the segment with another",
            keys=tuple(f"{place} {segment}" for place, segment in arrivals),
        )
