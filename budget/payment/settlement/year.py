"""A year of settlements: every month to date, what each quarter's statement moves, and the tables of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from budget.payment.inyear.list_change import months_known, price_late_news
from budget.payment.inyear.low_volume import low_volume_watch
from budget.payment.inyear.months import PER_QUARTER, quarter_of
from budget.payment.inyear.rates import planned_cells
from budget.payment.inyear.transfers import transfers
from budget.payment.settlement.books import Books
from budget.payment.settlement.journal import COLUMNS, KEYS
from budget.payment.settlement.shadow import shadow_year
from budget.payment.settlement.to_date import ToDate, settle_to

Tables = Mapping[str, pd.DataFrame]


def settle_year(books: Books, issued: Tables | None = None) -> dict[str, pd.DataFrame]:
    """Settle a year up to its last settled month.

    A statement is what is settled to date less what the statements before it moved, so the statements of a year add up
    to the final one. Those before it are the ones that were issued; where none are named, every quarter is computed
    anew from what is known of it.

    Args:
        books: the books of the year.
        issued: tables of the last settlement that was issued; its quarters stand as they are.

    Returns:
        The settlement tables by name; a table that nothing is known for is absent.
    """
    months = [settle_to(books, month) for month in range(1, books.last + 1) if _is_told(books, month)]
    last = months[-1]
    quarters = [told for told in months if told.month % PER_QUARTER == 0] if issued is None else [last]
    before = {} if issued is None else issued
    tables = {
        "settlement_journal": statements(quarters, before.get("settlement_journal")),
        "settlement_lines": last.lines.drop(columns=["annual_pence", "incentive_pence"]),
        "settlement_parties": _by_quarter(quarters, "parties", before.get("settlement_parties")),
        "contract_results": _by_quarter(quarters, "contracts", before.get("contract_results")),
        "pool_balance": _by_quarter(quarters, "pools", before.get("pool_balance")),
        "outcome_scores": books.outcomes_by(books.last),
        "shadow_year": shadow_year(books, months),
        **_people_tables(books),
        **_watch(books),
    }
    if last.choice is not None:
        tables["choice_settlement"] = last.choice
    return {name: table for name, table in tables.items() if len(table)}


def _is_told(books: Books, month: int) -> bool:
    """Whether a month is looked at: the end of a quarter, and every month where a contract has a shadow year."""
    shadowed = any(party.in_force for deal in books.deals if deal.agreement for party in deal.agreement.providers)
    return shadowed or month % PER_QUARTER == 0


def statements(quarters: Sequence[ToDate], issued: pd.DataFrame | None = None) -> pd.DataFrame:
    """What each quarter moves: quarter and the columns of the journal; entries of a year add up to the last to date.

    Args:
        quarters: the year settled to the end of each quarter, in order.
        issued: ``settlement_journal`` of statements before them, which stand as they are.
    """
    to_date = [told.journal.assign(quarter=quarter_of(told.month)) for told in quarters]
    before = [table.assign(quarter=table["quarter"] + 1, amount_pence=-table["amount_pence"]) for table in to_date[:-1]]
    if issued is not None:
        first = quarter_of(quarters[0].month)
        before += [issued, issued.assign(quarter=first, amount_pence=-issued["amount_pence"])]
    both = pd.concat([*to_date, *before], ignore_index=True)
    moved = both.groupby(["quarter", *KEYS], as_index=False)["amount_pence"].sum()
    return moved.loc[moved["amount_pence"] != 0, ["quarter", *COLUMNS]].reset_index(drop=True)


def _by_quarter(quarters: Sequence[ToDate], name: str, issued: pd.DataFrame | None) -> pd.DataFrame:
    """A table to date, as it stood at the end of every quarter."""
    parts = [getattr(told, name).assign(quarter=quarter_of(told.month)) for told in quarters]
    return pd.concat(parts if issued is None else [issued, *parts], ignore_index=True)


def _people_tables(books: Books) -> Mapping[str, pd.DataFrame]:
    """People of every month, late news and moves, with what they come to at the rates of the plan."""
    news = books.actuals.news
    if news is None:
        return {}
    year = str(books.year)
    cells = planned_cells(books.run["segment_rates"], books.run["segments"], year)
    known = months_known(cells, news.people, books.last)
    keys = ["known_month", "place", "segment"]
    assert books.changes is not None
    changes = books.changes[books.changes["known_month"] % PER_QUARTER == 0]
    changes = changes.assign(quarter=changes["known_month"] // PER_QUARTER).drop(columns="known_month")
    tables = {
        "month_people": known.sort_values(["month", *keys], ignore_index=True),
        "late_news": price_late_news(news.late, cells),
        "list_adjustment": changes,
    }
    basis = books.assumptions.choice("transfer_rate_basis", books.year)
    last = news.moves[news.moves["known_month"] == books.last]
    if len(last):
        moves = last.groupby(["from_place", "to_place", "segment"], as_index=False)["people"].sum()
        tables["place_moves"] = moves.rename(columns={"people": "people_months"})
        if basis != "own":
            tables["place_transfers"] = transfers(moves, cells, basis)  # type: ignore[arg-type]
    return tables


def _watch(books: Books) -> Mapping[str, pd.DataFrame]:
    """Low-volume pairs with spend in the year."""
    if not books.run.has("low_volume_pairs"):
        return {}
    watched = low_volume_watch(books.run["low_volume_pairs"], books.actuals.spend, str(books.year), books.last)
    return {"low_volume_watch": watched}
