"""Patient choice by provider: volume and price, what past years show, and who holds the money (the method, step 11)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from budget.kernel.money import apportion
from budget.ledger.history import COLUMNS as HISTORY
from budget.stage import Given

_LINE = ["place", "service_line"]
_PROVIDER = ["provider_code", "provider_name"]
_OPENING = ("baseline", "normalisation")
_VOLUME = ("demographic_growth", "nondemographic_growth")
_TAKEN = "choice_carve_out"
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
    outside = activity[~activity["local"].astype(bool) & activity["service_line"].isin(lines)]
    parts = list(_parts(ledger, outside))
    return pd.concat(parts, ignore_index=True)[_OWN] if parts else pd.DataFrame(columns=_OWN)


def choice_history(history: pd.DataFrame, lines: tuple[str, ...]) -> pd.DataFrame:
    """Share of the choice lines that went outside the footprint by year and place, as ``choice_history`` has it.

    Args:
        history: ``provider_history``.
        lines: the choice lines.
    """
    chosen = history[history["service_line"].isin(lines)][HISTORY]
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


def _parts(ledger: pd.DataFrame, outside: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The planned sums of every year, place and line that loses money, by provider."""
    volume = dict.fromkeys(zip(ledger["place"], ledger["service_line"], strict=True), 1.0)
    for year, rows in ledger.groupby("financial_year", sort=True):
        steps = rows.groupby([*_LINE, rows["step"].astype(str)])["amount_pence"].sum().unstack(fill_value=0)
        for (place, line), moved in steps.iterrows():
            opening = moved.reindex(_OPENING, fill_value=0).sum()
            grown = moved.reindex(_VOLUME, fill_value=0).sum() / opening if opening else 0.0
            volume[place, line] *= 1 + grown
            planned = -int(moved.get(_TAKEN, 0))
            care = _care_of(outside, place, line)
            if planned and len(care):
                priced = _priced(care, planned, volume[place, line])
                yield priced.assign(financial_year=year, place=place, service_line=line)


def _care_of(outside: pd.DataFrame, place: str, line: str) -> pd.DataFrame:
    """Care of a line outside; that of the other lines where a share is taken of a line whose care all stayed."""
    here = outside[(outside["place"] == place) & (outside["cost_pence"] > 0)]
    own = here[here["service_line"] == line]
    if len(own):
        return own[[*_PROVIDER, "cost_pence", "units"]]
    sums = here.groupby(_PROVIDER, as_index=False, dropna=False)["cost_pence"].sum()
    return sums.assign(units=float("nan"))


def _priced(care: pd.DataFrame, planned: int, volume: float) -> pd.DataFrame:
    pence = apportion(planned, care["cost_pence"].astype("float64"))
    units = (care["units"] * volume).where(care["units"] > 0)
    return care.assign(planned_pence=pence, planned_units=units, unit_price_pence=pence / units)
