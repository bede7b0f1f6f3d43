"""A limit on how fast a place's modelled need may rise from run to run, so that better coding alone earns no budget."""

from __future__ import annotations

import pandas as pd


def limit_growth(need: pd.Series, before: pd.Series, most: float) -> pd.DataFrame:
    """Hold the need index of every place to that of an earlier run and a share more.

    ``w_t <= w_(t-1) (1 + cap)`` (the method, step 5; as the Medicare Shared Savings Program caps risk scores). A place
    that the earlier run did not have is not held.

    Args:
        need: need a head by place now; 1 is the footprint.
        before: the same in the earlier run.
        most: share by which it may rise.

    Returns:
        One row a place: ``place``, ``index_before``, ``index_found``, ``index_limit``, ``index_used``, ``held``.
    """
    table = pd.DataFrame({"index_before": before.reindex(need.index), "index_found": need})
    table["index_limit"] = table["index_before"] * (1 + most)
    table["held"] = table["index_found"] > table["index_limit"]
    table["index_used"] = table["index_found"].mask(table["held"], table["index_limit"])
    return table.rename_axis("place").reset_index()
