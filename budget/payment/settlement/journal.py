"""What changes hands, as double entry: every amount leaves one account and enters another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from budget.kernel.money import apportion

COLUMNS = ["contract", "item", "payer_kind", "payer", "payee_kind", "payee", "amount_pence"]
KEYS = COLUMNS[:-1]
COMMISSIONER, CLEARING, POOL, OTHER = "commissioner", "clearing", "pool", "other"
ITEMS = (
    "list_change",
    "late_news",
    "transfer_rate",
    "true_up",
    "incentive_unearned",
    "incentive_destination",
    "gain_loss",
    "contract_form",
    "choice",
    "risk_pool",
    "prior_year",
)
"""In the order in which statements show them."""

Account = tuple[str, str]


@dataclass
class Journal:
    """Entries to date; an amount below nought goes the other way."""

    entries: list[tuple[str, str, str, str, str, str, int]] = field(default_factory=list)

    def move(self, contract: str, item: str, payer: Account, payee: Account, pence: int) -> None:
        """Move whole pence from one account to another; nothing is not written down."""
        if pence:
            self.entries.append((contract, item, *payer, *payee, int(pence)))

    def through_clearing(
        self, contract: str, item: str, receive: Iterable[tuple[Account, int]], fund: Iterator[tuple[Account, int]]
    ) -> None:
        """Move amounts that several parties receive and others fund, over the contract's clearing account."""
        account = (CLEARING, contract)
        for payee, pence in receive:
            self.move(contract, item, account, payee, pence)
        for payer, pence in fund:
            self.move(contract, item, payer, account, pence)

    def table(self) -> pd.DataFrame:
        """The entries added up, one row a pair of accounts and item."""
        frame = pd.DataFrame(self.entries, columns=COLUMNS).astype({"amount_pence": "int64"})
        return frame.groupby(KEYS, as_index=False)["amount_pence"].sum()


def by_contribution(pence: int, contributions: pd.Series, kind: str = COMMISSIONER) -> Iterator[tuple[Account, int]]:
    """An amount shared in proportion to what each put in, by largest remainder.

    Args:
        pence: the amount.
        contributions: pence by name.
        kind: of the accounts.
    """
    if pence:
        shares = apportion(pence, contributions.clip(lower=0).to_numpy(dtype=np.float64))
        yield from (((kind, str(name)), int(part)) for name, part in zip(contributions.index, shares, strict=True))


def balances(journal: pd.DataFrame) -> pd.DataFrame:
    """What every account receives less what it pays, by contract and item: adds up to nothing over all accounts."""
    into = journal.rename(columns={"payee_kind": "kind", "payee": "account"})
    out = journal.rename(columns={"payer_kind": "kind", "payer": "account"}).assign(
        amount_pence=-journal["amount_pence"]
    )
    keys = ["contract", "item", "kind", "account"]
    columns = [*keys, "amount_pence"]
    return pd.concat([into[columns], out[columns]]).groupby(keys, as_index=False)["amount_pence"].sum()
