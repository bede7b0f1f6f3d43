"""One budget at every scale, and what each commissioner pays into it."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables
from budget.report.views.budget import YEAR

SCALES = ("footprint", "system", "place", "practice_group")


def by_scale(tables: RunTables) -> pd.DataFrame:
    """Every unit of every scale, from the footprint down, with pounds a head."""
    frame = tables["budget_by_scale"]
    there = frame["people"].where(frame["people"] > 0)
    weighted = frame["weighted_people"].where(frame["weighted_people"] > 0)
    return frame.assign(
        order=frame["scale"].map({name: number for number, name in enumerate(SCALES)}),
        per_head_pence=frame["allocation_pence"] / there,
        per_weighted_pence=frame["allocation_pence"] / weighted,
    ).sort_values([YEAR, "order", "place", "unit"], ignore_index=True)


def contributions(tables: RunTables) -> pd.DataFrame:
    """What each commissioner pays, by year, place and commissioner."""
    return tables["contributions"].sort_values([YEAR, "place", "commissioner"], ignore_index=True)


def contributions_by_commissioner(tables: RunTables) -> pd.DataFrame:
    """The same for all places together; the largest first within a year."""
    money = ["baseline_pence", "allocation_pence", "payment_pence"]
    sums = tables["contributions"].groupby([YEAR, "commissioner"], as_index=False)[money].sum()
    whole = sums.groupby(YEAR)["allocation_pence"].transform("sum")
    opened = sums["baseline_pence"].where(sums["baseline_pence"] != 0)
    sums = sums.assign(share=sums["allocation_pence"] / whole, growth=sums["allocation_pence"] / opened - 1)
    return sums.sort_values([YEAR, "allocation_pence"], ascending=[True, False], ignore_index=True)
