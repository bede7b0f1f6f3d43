"""Patient choice by provider: volume and price, what past years show, and who holds the money (the method, step 11)."""

from __future__ import annotations

import pandas as pd

from budget.kernel.money import apportion_within
from budget.stage import Given
from budget.volume import volume_since_base

_LINE = ["place", "service_line"]
_PROVIDER = ["provider_code", "provider_name"]
_OWN = ["financial_year", *_LINE, *_PROVIDER, "planned_pence", "planned_units", "unit_price_pence"]


def choice_by_provider(given: Given, ledger: pd.DataFrame) -> pd.DataFrame:
    """The choice carve-out of every line by provider outside the footprint, as volume and price.

    What a line loses is shared to providers by what the base year's care there cost. Planned volume is the base year's,
    grown as the line grows with people and demand. The price is what the planned sum comes to a unit, unrounded: volume
    times price is the planned sum once it is rounded half-up to a penny.

    Args:
        given: the stage's tables.
        ledger: ``budget_ledger``.

    Returns:
        The columns of ``choice_by_provider``.
    """
    if not given.has("provider_activity"):
        return pd.DataFrame(columns=_OWN)
    activity = given.frame("provider_activity")
    lines = given.assumptions.words("choice_lines", given.plan.budget_years[0])
    outside = activity[
        ~activity["local"].astype(bool) & activity["service_line"].isin(lines) & (activity["cost_pence"] > 0)
    ]
    planned = _planned(ledger)
    parts = planned.merge(_care(outside, planned), on=_LINE).sort_values(
        ["financial_year", *_LINE, "provider_code"], ignore_index=True
    )
    group = parts.groupby(["financial_year", *_LINE], sort=False).ngroup().to_numpy()
    totals = parts.loc[~pd.Series(group).duplicated(), "pence"].to_numpy(dtype="int64")
    parts["planned_pence"] = apportion_within(totals, parts["cost_pence"].to_numpy(dtype="float64"), group)
    parts["planned_units"] = (parts["units"] * parts["volume"]).where(parts["units"] > 0)
    return parts.assign(unit_price_pence=parts["planned_pence"] / parts["planned_units"])[_OWN]


def choice_history(history: pd.DataFrame, lines: tuple[str, ...]) -> pd.DataFrame:
    """Share of the choice lines that went outside the footprint by year and place, as ``choice_history`` has it.

    Args:
        history: ``provider_history``.
        lines: the choice lines.
    """
    chosen = history[history["service_line"].isin(lines)]
    outside = chosen["cost_pence"].where(~chosen["local"].astype(bool), 0)
    keys = ["financial_year", "place", "source"]
    sums = chosen.assign(outside_pence=outside).groupby(keys, as_index=False)[["outside_pence", "cost_pence"]].sum()
    sums = sums.rename(columns={"cost_pence": "whole_pence"}).query("whole_pence > 0")
    return sums.assign(share=sums["outside_pence"] / sums["whole_pence"])


def choice_terms(given: Given, carve_outs: pd.DataFrame) -> pd.DataFrame:
    """Who holds the choice money of each year, and what interest they declare, in the columns of ``choice_terms``."""
    planned = carve_outs[carve_outs["type"] == "choice"].groupby("financial_year")["planned_pence"].sum()
    prime = given.plan.prime_provider
    rows = []
    for year in given.plan.budget_years:
        method = given.assumptions.choice("choice_method", year)
        holder = prime if method == "prime_provider" else None
        rows.append(
            {
                "financial_year": str(year),
                "method": method,
                "planned_pence": int(planned[str(year)]),
                "holder": holder.name if holder else None,
                "conflict_of_interest": holder.conflict_of_interest if holder else None,
            }
        )
    return pd.DataFrame(rows)


def _planned(ledger: pd.DataFrame) -> pd.DataFrame:
    """What every place and line loses to choice in each year, and its volume over that of the base year.

    Returns:
        financial_year, place, service_line, pence, volume; only lines that lose money.
    """
    keys = [*_LINE, "financial_year"]
    carved = ledger[ledger["step"].astype(str) == "choice_carve_out"]
    taken = carved.groupby(keys, as_index=False)["amount_pence"].sum()
    lost = taken.assign(pence=-taken["amount_pence"])[[*keys, "pence"]].query("pence > 0")
    return lost.merge(volume_since_base(ledger), on=keys, validate="one_to_one")


def _care(outside: pd.DataFrame, planned: pd.DataFrame) -> pd.DataFrame:
    """Care outside by line; where a share is taken of a line whose care all stayed, that of the place's other lines."""
    columns = [*_LINE, *_PROVIDER, "cost_pence", "units"]
    lines = planned[_LINE].drop_duplicates()
    bare = lines[~pd.MultiIndex.from_frame(lines).isin(pd.MultiIndex.from_frame(outside[_LINE]))]
    others = outside.groupby(["place", *_PROVIDER], as_index=False, dropna=False)["cost_pence"].sum()
    stand_in = bare.merge(others, on="place").assign(units=float("nan"))
    return pd.concat([outside[columns], stand_in[columns]]) if len(stand_in) else outside[columns]
