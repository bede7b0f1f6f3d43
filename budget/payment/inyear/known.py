"""What was known by the end of a month, and sums of what is known in part."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.typing import DataFrameGroupBy


def known_by(rows: pd.DataFrame, month: int, last: int) -> pd.DataFrame:
    """Rows that were known by the end of a month, in the order in which they came to be known.

    Args:
        rows: known_month, where they say when; a row that does not is news of the last month that is settled.
        month: to whose end.
        last: how many months are settled.

    Returns:
        Those of ``rows``; later news comes later.
    """
    if "known_month" not in rows:
        return rows if month >= last else rows[:0]
    since = rows["known_month"].astype("float64")
    since = since.where(since.notna(), last)
    order = np.argsort(since.to_numpy(), kind="stable")
    told = rows.iloc[order]
    return told[(since <= month).to_numpy()[order]]


def sum_if_known(groups: DataFrameGroupBy, column: str) -> pd.Series:
    """Sum of a column by group; nothing where one of its rows is not known, for the rest would pass for the whole."""
    return groups[column].sum().where(groups[column].count() == groups.size())
