"""Money that follows people, as it reaches the parties: list changes, late news, moves at one rate."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from budget.payment.settlement.books import Books
from budget.payment.settlement.holdings import WHO
from budget.payment.settlement.spread import spread_cells

ITEMS = {"list_change": "first_pence", "late_news": "late_pence", "transfer_rate": "correction_pence"}


def list_money(books: Books, month: int) -> pd.DataFrame:
    """What list changes up to a month come to for every row of the budget, as known at its end.

    Returns:
        place, service_line, commissioner, kind, contract, party, item, amount_pence; nothing where people are not known
        or where the locality has no adjustment within the year.
    """
    parts = list(_parts(books, month))
    columns = ["place", "service_line", "commissioner", *WHO, "item", "amount_pence"]
    if not parts:
        return pd.DataFrame(columns=columns).astype({"amount_pence": "int64"})
    rows = pd.concat(parts, ignore_index=True)
    return rows.groupby(columns[:-1], as_index=False)["amount_pence"].sum()


def _parts(books: Books, month: int) -> Iterator[pd.DataFrame]:
    if books.assumptions.choice("inyear_list_adjustment", books.year) == "off":
        return
    for item, column in ITEMS.items():
        table = books.corrections if item == "transfer_rate" else books.changes
        if table is None:
            continue
        here = table[(table["known_month"] == month) & (table[column] != 0)]
        if len(here):
            yield spread_cells(here, column, books.held).rename(columns={column: "amount_pence"}).assign(item=item)
