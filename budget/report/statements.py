"""Statements of parties as text that adds up to the penny."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import pandas as pd

from budget.kernel.money import pounds_text

WORDS = {
    "list_change": "Changes of the list",
    "late_news": "Late news of earlier months",
    "transfer_rate": "People who moved, at one rate",
    "true_up": "Truing up to the payment form",
    "incentive_unearned": "Incentive not earned",
    "incentive_destination": "Incentive not earned by others",
    "gain_loss": "Gain and loss share",
    "contract_form": "Shared under the contract",
    "choice": "Patient choice",
    "risk_pool": "Risk pool",
    "prior_year": "Earlier years",
}
"""What statements call each item."""

_OPENINGS = {"provider": "Paid on account", "place": "Paid on account", "pool": "Set aside for the year"}
_KINDS = {
    "provider": "Provider",
    "place": "Budget of the place",
    "commissioner": "Commissioner",
    "pool": "Risk pool",
    "other": "Reserve of a pooled fund",
}


class Stated(Protocol):
    """A statement; see ``budget.payment.settlement.statement``."""

    @property
    def kind(self) -> str:
        """Provider, place, commissioner, pool or other."""
        ...

    @property
    def party(self) -> str:
        """Whose it is."""
        ...

    @property
    def opening_pence(self) -> int | None:
        """What was paid on account, or a pool opened with."""
        ...

    @property
    def rows(self) -> pd.DataFrame:
        """Contract, item, earlier_pence, now_pence, to_date_pence."""
        ...

    @property
    def now_pence(self) -> int:
        """What this quarter moves."""
        ...

    @property
    def closing_pence(self) -> int:
        """Opening and everything to date."""
        ...


def statement_text(stated: Stated, heading: str, name: str) -> str:
    """A statement as a page of text.

    Args:
        stated: the statement.
        heading: run, year and quarter, and whether it is final.
        name: the party's name for people.
    """
    lines = [f"{_KINDS[stated.kind]}: {name}", heading, ""]
    lines += [f"{'':<62}{'earlier':>20}{'this statement':>20}{'to date':>22}"]
    if stated.opening_pence is not None:
        lines += [f"{_OPENINGS[stated.kind]:<102}{pounds_text(stated.opening_pence):>22}"]
    lines += list(_rows(stated.rows))
    earlier = int(stated.rows["earlier_pence"].sum())
    total = (pounds_text(earlier), pounds_text(stated.now_pence), pounds_text(stated.closing_pence))
    lines += ["-" * 124, f"{'Total':<62}{total[0]:>20}{total[1]:>20}{total[2]:>22}", ""]
    word = "to receive" if stated.now_pence > 0 else "to pay" if stated.now_pence < 0 else "nothing to settle"
    lines += [f"Now {word}: {pounds_text(abs(stated.now_pence))}" if stated.now_pence else f"Now {word}."]
    return "\n".join(lines) + "\n"


def _rows(rows: pd.DataFrame) -> Iterator[str]:
    for contract, part in rows.groupby("contract", sort=False):
        yield str(contract)
        for row in part.itertuples(index=False):
            amounts = (row.earlier_pence, row.now_pence, row.to_date_pence)
            earlier, now, to_date = (pounds_text(int(pence)) for pence in amounts)
            yield f"  {WORDS[row.item]:<60}{earlier:>20}{now:>20}{to_date:>22}"


def file_name(stated: Stated) -> str:
    """The file of a statement: kind and party, in plain letters."""
    return f"{stated.kind}-{re.sub(r'[^a-z0-9]+', '-', stated.party.lower()).strip('-')}.txt"
