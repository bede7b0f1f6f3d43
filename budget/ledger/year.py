"""What the steps of one budget year look at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.assumptions.pack import cite
from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.ledger.balance import Balance

Rates = tuple[NDArray[np.float64], list[tuple[str, ...]]]
"""A rate for every key, and the name under which each one is cited."""


@dataclass(frozen=True)
class Year:
    """One budget year: its assumptions and the tables that its steps need.

    Attributes:
        year: the budget year.
        assumptions: those that the ledger declares.
        brought_forward: pence by key that the year opens with.
        adjustments: pence by key that normalise the opening; nothing after the first year.
        growth: people of the year over people of the year before, by (place, segment).
        weighted_people: weighted people by place that set the targets.
        quantum: pence to share; None where the opening budgets themselves are shared.
        peers: opening_pence and weighted_people of places that share the quantum and are budgeted elsewhere.
        outside_share: share of care at providers outside the footprint, by (place, line).
        history: what low-volume and non-contract activity cost before, at this year's prices: pence by (type, place).
        history_by_line: the same at the base year's prices: pence by (type, place, line).
        excess: yearly cost above the stop-loss threshold that no other carve-out pays for, pence by place.
        rebased: pence by key that the year is rebased to; None where it goes on from last year's allocation.
        pace: filled by the pace-of-change step: the table of every place.
        carved: filled by the carve-out steps: one row a place and type.
        agreed: filled by the investments step: one row an investment or saving and place.
        found: rates that a step has asked for, by identifier; a year speaks of the keys of one balance.
    """

    year: FinancialYear
    assumptions: Assumptions
    brought_forward: NDArray[np.float64]
    adjustments: NDArray[np.float64]
    growth: dict[tuple[str, str], float]
    weighted_people: pd.Series
    quantum: int | None
    peers: pd.DataFrame
    outside_share: dict[tuple[str, str], float]
    history: dict[tuple[str, str], float]
    history_by_line: dict[tuple[str, str, str], float]
    excess: dict[str, float]
    rebased: NDArray[np.float64] | None = None
    pace: list[pd.DataFrame] = field(default_factory=list)
    carved: list[dict[str, object]] = field(default_factory=list)
    agreed: list[dict[str, object]] = field(default_factory=list)
    found: dict[str, Rates] = field(default_factory=dict)

    def afresh(self, **changes: object) -> Year:
        """The same year with nothing booked in it yet, and some facts changed."""
        return replace(self, pace=[], carved=[], agreed=[], **changes)  # type: ignore[arg-type]

    def choice(self, identifier: str) -> str:
        """A choice that holds in the year."""
        return self.assumptions.choice(identifier, self.year)

    def rates(self, balance: Balance, identifier: str) -> Rates:
        """A rate for every key, and the name under which each one is cited.

        A value for a line or place stands as ``id@line``, so that a movement names the value that made it.
        """
        if identifier not in self.found:
            self.found[identifier] = self._by_key(balance, identifier)
        return self.found[identifier]

    def _by_key(self, balance: Balance, identifier: str) -> Rates:
        pairs = list(zip(balance.column("service_line"), balance.column("place"), strict=True))
        scopes = {entry.scope for entry in self.assumptions.scoped(identifier, self.year)}
        if any(scope.line or scope.place for scope in scopes):
            found = {
                pair: self.assumptions.entry(identifier, self.year, line=pair[0], place=pair[1]) for pair in set(pairs)
            }
        else:
            found = dict.fromkeys(pairs, self.assumptions.entry(identifier, self.year))
        values = np.array([float(found[pair].value) for pair in pairs])  # type: ignore[arg-type]
        cited = {pair: (cite(entry),) for pair, entry in found.items()}
        return values, [cited[pair] for pair in pairs]
