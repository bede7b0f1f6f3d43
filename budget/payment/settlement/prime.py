"""Prime providers (C6): the party that leads holds the money for patients' choice, and bears what choice costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from budget.payment.settlement.holdings import CONTRACT
from budget.payment.settlement.terms import Deal

_CELL = ["place", "service_line"]


@dataclass(frozen=True)
class Prime:
    """Who holds the money for choice under a contract.

    Attributes:
        contract: the contract.
        party: the party that leads.
        cells: places and service lines in which the contract holds budget.
    """

    contract: str
    party: str
    cells: pd.MultiIndex

    def holds(self, choice: pd.DataFrame) -> pd.Series:
        """Which rows of choice it holds the money of."""
        return pd.Series(pd.MultiIndex.from_frame(choice[_CELL]).isin(self.cells), index=choice.index)

    def gains(self, choice: pd.DataFrame) -> pd.Series:
        """``X - actual`` by place: what it is left with of the money for choice, or pays beyond it; pence."""
        return -choice[self.holds(choice)].groupby("place")["difference_pence"].sum()


def primes_of(deals: Sequence[Deal], held: pd.DataFrame) -> tuple[Prime, ...]:
    """The prime providers of contracts.

    Args:
        deals: contracts and places.
        held: ``holdings``.
    """
    found = []
    for deal in deals:
        if deal.prime and deal.agreement and deal.agreement.lead:
            mine = held[(held["kind"] == CONTRACT) & (held["contract"] == deal.id)]
            found.append(Prime(deal.id, deal.agreement.lead.party, pd.MultiIndex.from_frame(mine[_CELL])))
    return tuple(found)


def held_by_primes(choice: pd.DataFrame, primes: Sequence[Prime]) -> pd.DataFrame:
    """Choice as it is held: what a contract's prime provider holds no commissioner keeps.

    Args:
        choice: ``reconcile_choice``.
        primes: `primes_of`.
    """
    told = choice.astype({"holder": object})
    for prime in primes:
        told.loc[prime.holds(told), ["method", "holder"]] = ["prime_provider", prime.party]
    return told
