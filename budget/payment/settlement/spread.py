"""Amounts of a place and line, spread over those who hold its budget, to the penny."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.money import apportion_within
from budget.payment.inyear.known import sum_if_known
from budget.payment.settlement.holdings import PLACE, WHO

_CELL = ["place", "service_line", "commissioner"]


def spread_cells(amounts: pd.DataFrame, column: str, held: pd.DataFrame) -> pd.DataFrame:
    """Amounts by place and segment, spread over the holders of the segment's budget in proportion to it.

    Args:
        amounts: place, segment and the column of pence; one row a cell.
        column: its name.
        held: ``holdings``.

    Returns:
        ``held`` without cells that no amount is of, with the column; it adds up to the amounts, cell by cell.

    Raises:
        ValueError: an amount is of a cell that has no budget.
    """
    keys = ["place", "segment"]
    cells = amounts.reset_index(drop=True).reset_index(names="cell")
    rows = held.merge(cells[["cell", *keys]], on=keys, how="inner", validate="many_to_one")
    weights = rows["annual_pence"].clip(lower=0).to_numpy(dtype=np.float64)
    totals = cells[column].to_numpy(dtype=np.int64)
    return rows.assign(**{column: apportion_within(totals, weights, rows["cell"].to_numpy(dtype=np.intp))})


def attribute(actual: pd.DataFrame, held: pd.DataFrame, column: str = "amount_pence") -> pd.DataFrame:
    """Actual spend with the contract and party that it falls to.

    A provider that is party to a contract bears its own spend in what the contract is about. Spend that names no
    provider, or no segment, is spread in proportion to budgets; spend of providers that are no party, and spend where
    nobody holds a budget, is the place's.

    Args:
        actual: place, service_line, commissioner, provider_code (may be nothing), segment (may be nothing), the column
            of pence and, if there are any, other columns that stay; ``units`` are spread with the money, and are
            nothing where one of the rows that fall together does not state them.
        held: ``holdings``.
        column: the column of pence.

    Returns:
        The rows of ``actual`` with kind, contract, party; pence add up, row by row.
    """
    rows = actual.reset_index(drop=True).reset_index(names="row")
    found = _candidates(rows, held)
    place = rows[~rows["row"].isin(found["row"])]
    place = place.assign(kind=PLACE, contract=place["place"], party=place["place"], weight=1.0)
    both = pd.concat([found, place], ignore_index=True).sort_values(["row", *WHO], ignore_index=True, kind="stable")
    number, weights = both["row"].to_numpy(dtype=np.intp), both["weight"].to_numpy(dtype=np.float64)
    both[column] = apportion_within(rows[column].to_numpy(dtype=np.int64), weights, number)
    keys = [name for name in actual.columns if name not in (column, "units")] + WHO
    if "units" in both:
        both["units"] = both["units"] * weights / np.bincount(number, weights=weights)[number]
    sums = both.groupby(keys, dropna=False)
    told = sums[column].sum().to_frame()
    return (told.join(sum_if_known(sums, "units")) if "units" in both else told).reset_index()


def _candidates(rows: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """For every row of spend the holders that it falls to, with their weight."""
    parties = held[held["annual_pence"] > 0].groupby([*_CELL, "segment", *WHO], as_index=False)["annual_pence"].sum()
    parties["whole"] = parties.groupby([*_CELL, "segment"])["annual_pence"].transform("sum")
    found = rows.merge(parties.rename(columns={"segment": "held_segment"}), on=_CELL)
    found = found[found["segment"].isna() | (found["segment"] == found["held_segment"])]
    own = (found["kind"] != PLACE) & (found["provider_code"] == found["party"])
    is_party = own.groupby(found["row"]).transform("any")
    covered = own.groupby([found["row"], found["held_segment"]]).transform("any")
    # a party's contract bears its spend on the segments that it is about, the place what lies beside them
    beside = is_party & ~covered & (found["kind"] == PLACE)
    no_party = ~is_party & (found["provider_code"].isna() | (found["kind"] == PLACE))
    weight = found["annual_pence"].where(~is_party, found["whole"]).astype("float64")
    return found.assign(weight=weight)[own | beside | no_party].drop(columns=["held_segment", "annual_pence", "whole"])
