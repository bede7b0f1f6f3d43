"""Statements: what each party receives and pays, item by item, in this quarter and in those before it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from budget.payment.settlement.journal import CLEARING, COMMISSIONER, ITEMS, OTHER, balances

KINDS = ("provider", "place", "commissioner", "pool", OTHER)


@dataclass(frozen=True)
class Statement:
    """The statement of one party.

    Attributes:
        kind: provider, place, commissioner, pool, or other (a reserve of a pooled fund).
        party: whose it is.
        opening_pence: what was paid on account to the end of the quarter; for a pool what it opened with; nothing for a
            commissioner or other source, whose payments on account are in its own ledger.
        rows: contract, item, earlier_pence (quarters before), now_pence, to_date_pence.
    """

    kind: str
    party: str
    opening_pence: int | None
    rows: pd.DataFrame

    @property
    def now_pence(self) -> int:
        """What this quarter moves to the party, or from it below nought."""
        return int(self.rows["now_pence"].sum())

    @property
    def closing_pence(self) -> int:
        """Paid on account, and everything that was settled to date."""
        return int(self.rows["to_date_pence"].sum()) + (self.opening_pence or 0)  # others open with nothing


def statements_of(journal: pd.DataFrame, parties: pd.DataFrame, pools: pd.DataFrame) -> tuple[Statement, ...]:
    """The statement of every party for the last quarter of a journal.

    Args:
        journal: ``settlement_journal``.
        parties: ``settlement_parties``.
        pools: ``pool_balance``.
    """
    last = int(parties["quarter"].max())
    moved = pd.concat([balances(rows).assign(quarter=quarter) for quarter, rows in journal.groupby("quarter")])
    mine = moved[moved["kind"] != CLEARING]
    mine = mine.assign(now=mine["amount_pence"].where(mine["quarter"] == last, 0))
    keys = ["kind", "account", "contract", "item"]
    sums = mine.groupby(keys, as_index=False).agg(now_pence=("now", "sum"), to_date_pence=("amount_pence", "sum"))
    sums["earlier_pence"] = sums["to_date_pence"] - sums["now_pence"]
    return tuple(
        Statement(str(kind), str(party), opening, _rows(sums, str(kind), str(party)))
        for (kind, party), opening in _openings(sums, parties, pools, last).items()
    )


def _openings(
    sums: pd.DataFrame, parties: pd.DataFrame, pools: pd.DataFrame, quarter: int
) -> dict[tuple[str, str], int | None]:
    """Every party in the order of statements, with what it was paid on account or opened with."""
    here = parties[parties["quarter"] == quarter]
    kinds = here["kind"].map({"contract": "provider", "place": "place"})
    account = here["account_pence"].groupby([kinds, here["party"]]).sum()
    pool = pools[pools["quarter"] == quarter].set_index("place")["opening_pence"]
    found: dict[tuple[str, str], int | None] = {(str(k), str(p)): int(pence) for (k, p), pence in account.items()}  # type: ignore[misc]
    for kind in (COMMISSIONER, OTHER):
        found |= {(kind, str(name)): None for name in sums.loc[sums["kind"] == kind, "account"]}
    found |= {("pool", str(place)): int(pence) for place, pence in pool.items()}
    return dict(sorted(found.items(), key=lambda one: (KINDS.index(one[0][0]), one[0][1])))


def _rows(sums: pd.DataFrame, kind: str, party: str) -> pd.DataFrame:
    mine = sums[(sums["kind"] == kind) & (sums["account"] == party)]
    order = mine["item"].map({item: number for number, item in enumerate(ITEMS)})
    columns = ["contract", "item", "earlier_pence", "now_pence", "to_date_pence"]
    return mine.assign(order=order).sort_values(["contract", "order"], ignore_index=True)[columns]
