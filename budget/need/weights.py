"""Weighted populations of places: a method gives need a head, and the year's people multiply it."""

from __future__ import annotations

import pandas as pd

KEYS = ["financial_year", "place"]
"""What need a head stands by."""


def weighed(need: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Apply need a head to the year's people, and index it to the footprint.

    Args:
        need: ``financial_year``, ``place``, ``method``, ``stream``, ``per_head`` (weighted people a head, or any unit).
        people: ``financial_year``, ``place``, ``people``.

    Returns:
        The columns of ``need_weights`` but for ``used``.
    """
    joined = need[[*KEYS, "method", "stream", "per_head"]].merge(
        people.rename(columns={"people": "population"}), on=KEYS
    )
    joined["weighted_people"] = joined["per_head"] * joined["population"]
    sums = joined.groupby(["financial_year", "method", "stream"])[["weighted_people", "population"]].transform("sum")
    joined["need_index"] = joined["per_head"] / (sums["weighted_people"] / sums["population"])
    return joined.drop(columns="per_head")


def every_year(per_head: pd.Series, years: tuple[str, ...]) -> pd.DataFrame:
    """Need a head of places that is the same in every year, as rows of the one stream ``all``."""
    rows = per_head.rename_axis("place").rename("per_head").reset_index()
    return rows.merge(pd.DataFrame({"financial_year": list(years)}), how="cross").assign(stream="all")


def a_head(sums: pd.DataFrame, weighted: str, people: str) -> pd.DataFrame:
    """Weighted people over people, as ``per_head``."""
    return sums.assign(per_head=sums[weighted] / sums[people])
