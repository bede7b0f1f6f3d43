"""How far care has grown in volume since the base year, as the movements of the budget say: one place for it."""

from __future__ import annotations

import pandas as pd

_CELL = ["place", "service_line"]
_PARTS = {
    "baseline": "opening",
    "rebasing": "opening",
    "normalisation": "opening",
    "demographic_growth": "volume",
    "nondemographic_growth": "volume",
}


def volume_since_base(ledger: pd.DataFrame) -> pd.DataFrame:
    """Volume over that of the base year: ``Π (1 + demographic growth)(1 + non-demographic growth)`` up to each year.

    Args:
        ledger: ``budget_ledger``.

    Returns:
        financial_year, place, service_line, volume; a line that opens with nothing has no volume to grow.
    """
    part = ledger["step"].astype(str).map(_PARTS)
    moved = ledger.assign(part=part)[part.notna()]
    keys = [*_CELL, "financial_year"]
    sums = moved.pivot_table(index=keys, columns="part", values="amount_pence", aggfunc="sum", fill_value=0)
    # a ledger without growth is one in which nothing has grown: true zeros
    sums = sums.reindex(columns=["opening", "volume"], fill_value=0).sort_index()
    growth = 1 + (sums["volume"] / sums["opening"]).where(sums["opening"] != 0, 0.0)
    return growth.groupby(level=_CELL).cumprod().rename("volume").reset_index()


def planned_activity(activity: pd.DataFrame, ledger: pd.DataFrame, year: str) -> pd.DataFrame:
    """Activity as it is planned for a year: units of the base year, grown as the line grows with people and demand.

    Args:
        activity: ``provider_activity``.
        ledger: ``budget_ledger``.
        year: the budget year.

    Returns:
        ``activity`` with other units; care in a place and line without budget has no plan to grow with and stays.
    """
    volume = volume_since_base(ledger).query("financial_year == @year").set_index(_CELL)["volume"]
    grown = volume.reindex(pd.MultiIndex.from_frame(activity[_CELL])).to_numpy()
    there = ~pd.isna(grown)
    return activity.assign(units=(activity["units"] * grown).where(there, activity["units"]))
