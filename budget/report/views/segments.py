"""Segments by place and age, and the budget in broad groups."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables

AGE_GROUPS = ((0, "0 to 4"), (5, "5 to 14"), (15, "15 to 24"), (25, "25 to 44"), (45, "45 to 64"), (65, "65 to 79"))
OLDEST = (80, "80 and over")
UNKNOWN = "Age not known"


def age_groups() -> tuple[str, ...]:
    """The groups of ages that segments are shown by, youngest first."""
    return (*(name for _, name in AGE_GROUPS), OLDEST[1], UNKNOWN)


def by_place_and_age(tables: RunTables) -> pd.DataFrame:
    """People of each place and group of ages by segment.

    Returns:
        ``place``, ``ages`` (in order), ``segment``, ``people`` and ``share`` of the people of the place and ages.
    """
    detail = tables["segment_detail"]
    frame = detail.assign(ages=_ages(detail["age_from"]))
    keys = ["place", "ages"]
    summed = frame.groupby([*keys, "segment"], as_index=False, observed=True)["people"].sum()
    whole = summed.groupby(keys, observed=True)["people"].transform("sum")
    return summed[whole > 0].assign(share=summed["people"] / whole)


def by_broad_group(tables: RunTables) -> pd.DataFrame:
    """The budget of each year, place and broad group, with payment and allocation a head."""
    frame = tables["broad_group_budget"]
    there = frame["people"].where(frame["people"] > 0)
    return frame.assign(
        payment_pence=frame["core_pence"] + frame["incentive_pence"],
        per_head_pence=frame["allocation_pence"] / there,
    ).sort_values(["financial_year", "place", "broad_group"], ignore_index=True)


def _ages(youngest: pd.Series) -> pd.Categorical:
    floors, names = zip(*AGE_GROUPS, OLDEST, strict=True)
    grouped = pd.cut(youngest.astype("float64"), [*floors, float("inf")], right=False, labels=list(names))
    return pd.Categorical(
        grouped.astype(object).where(youngest.notna(), UNKNOWN), categories=list(age_groups()), ordered=True
    )
