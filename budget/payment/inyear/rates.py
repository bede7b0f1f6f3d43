"""The plan that a year is held against: people, money and rate a head by place and segment."""

from __future__ import annotations

import pandas as pd

from budget.payment.inyear.months import MONTHS

CELL = ["place", "segment"]


def planned_cells(rates: pd.DataFrame, segments: pd.DataFrame, year: str) -> pd.DataFrame:
    """People, whole population annual payment and monthly rate by place and segment of one year.

    Args:
        rates: ``segment_rates``.
        segments: ``segments``; people who are on no list stay as planned, for no later extract has them.
        year: the financial year.

    Returns:
        place, segment, planned_people, wpap_pence, rate_pence (a head a year; nothing where nobody is planned), held
        (whether people stay as planned).
    """
    here = rates[rates["financial_year"].astype(str) == year]
    apart = set(segments.loc[segments["unregistered"].astype(bool), "segment"])
    table = here.rename(columns={"people": "planned_people", "rate_per_head_pence": "rate_pence"})
    columns = [*CELL, "planned_people", "wpap_pence", "rate_pence"]
    return table[columns].assign(held=table["segment"].isin(apart)).reset_index(drop=True)


def counted_alike(people: pd.DataFrame, base: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """People of the list in the way that the plan counted them: as lists were weighed there, so are they here.

    Args:
        people: place (or to_place), segment, people.
        base: place, segment, people of the base year in ``segment_people``.
        listed: place, segment, people on a list in ``population``.

    Returns:
        ``people``, each cell multiplied by the people that the plan counted there over those on its list.
    """
    at = "to_place" if "to_place" in people else "place"
    factors = listed.rename(columns={"people": "listed"}).merge(base, on=CELL, how="inner", validate="one_to_one")
    factors = factors.assign(factor=factors["people"] / factors["listed"])[[*CELL, "factor"]]
    told = people.merge(factors.rename(columns={"place": at}), on=[at, "segment"], how="left", validate="many_to_one")
    # a segment that the base year has nobody of has no weight of its own: the list counts as it is
    factor = told["factor"].where(told["factor"].notna(), 1.0)
    return told.assign(people=told["people"] * factor).drop(columns="factor")


def monthly(rate_pence: pd.Series) -> pd.Series:
    """A twelfth of a yearly rate."""
    return rate_pence / MONTHS
