"""What the steps of one budget year look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.ledger.balance import Balance


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
        excess: yearly cost above the stop-loss threshold that no other carve-out pays for, pence by place.
        pace: filled by the pace-of-change step: the table of every place.
        carved: filled by the carve-out steps: one row a place and type.
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
    excess: dict[str, float]
    pace: list[pd.DataFrame] = field(default_factory=list)
    carved: list[dict[str, object]] = field(default_factory=list)

    def afresh(self, **changes: object) -> Year:
        """The same year with nothing booked in it yet, and some facts changed."""
        return replace(self, pace=[], carved=[], **changes)  # type: ignore[arg-type]

    def choice(self, identifier: str) -> str:
        """A choice that holds in the year."""
        return self.assumptions.choice(identifier, self.year)

    def rates(self, balance: Balance, identifier: str) -> tuple[NDArray[np.float64], list[tuple[str, ...]]]:
        """A rate for every key, and the name under which each one is cited.

        A value for a line or place stands as ``id@line``, so that a movement names the value that made it.
        """
        return self._by_key(
            balance, lambda line, place: self.assumptions.entry(identifier, self.year, line=line, place=place)
        )

    def _by_key(
        self, balance: Balance, find: Callable[[str, str], Entry]
    ) -> tuple[NDArray[np.float64], list[tuple[str, ...]]]:
        pairs = list(zip(balance.column("service_line"), balance.column("place"), strict=True))
        found = {pair: find(*pair) for pair in set(pairs)}
        values = np.array([float(found[pair].value) for pair in pairs])  # type: ignore[arg-type]
        return values, [(cite(found[pair]),) for pair in pairs]


def cite(entry: Entry) -> str:
    """How a movement names an assumption: its identifier, with the line or place it was narrowed to."""
    narrow = "/".join(part for part in (entry.scope.line, entry.scope.place) if part)
    return f"{entry.parameter.id}@{narrow}" if narrow else entry.parameter.id
