"""One budget at every scale: footprint, systems, places and practice groups, from the same ledger."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from budget.kernel.money import apportion_within

NO_SYSTEM = "no_system"
"""Places whose practices name no system, or more than one."""

_KEYS = ["financial_year", "scale", "place", "unit"]
_COUNTS = ["people", "weighted_people"]
_PARTS = ["carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]
_PLACE = ["financial_year", "place"]
COLUMNS = [*_KEYS, *_COUNTS, "allocation_pence", *_PARTS, "method"]


def budget_by_scale(
    budget: pd.DataFrame, footprint: str, systems: Mapping[str, str], groups: pd.DataFrame | None
) -> pd.DataFrame:
    """The budget of every unit of every scale.

    Systems and the footprint are sums of places. A practice group has its part of its place's budget, by weight: each
    part of the budget is shared by largest remainder, so that groups add up to their place to the penny. All groups of
    a place stand at their place's distance from target.

    Args:
        budget: ``integrated_budget``.
        footprint: name of all places together.
        systems: system by place; empty where no practice names one.
        groups: from `practice_groups`; None where groups are not known.

    Returns:
        The columns of ``budget_by_scale``.
    """
    places = _by_place(budget)
    tables = [
        _summed(places.assign(unit=footprint), "footprint"),
        places.assign(unit=places["place"], scale="place", method="movements"),
    ]
    if systems:
        tables.insert(1, _summed(places.assign(unit=places["place"].map(systems)), "system"))
    if groups is not None:
        tables.append(_shared(groups, places))
    return pd.concat(tables, ignore_index=True)[COLUMNS].sort_values(_KEYS, ignore_index=True, na_position="first")


def systems_of(practices: pd.DataFrame, places: list[str]) -> dict[str, str]:
    """The system of each place, as its practices name it; empty where none of them names one."""
    named = practices[practices["place"].isin(places)].dropna(subset=["system"])
    if named.empty:
        return {}
    found = named.groupby("place")["system"].unique()
    return {place: found[place][0] if place in found and len(found[place]) == 1 else NO_SYSTEM for place in places}


def _by_place(budget: pd.DataFrame) -> pd.DataFrame:
    money = budget.groupby(_PLACE, as_index=False)[["allocation_pence", *_PARTS]].sum()
    # people stand on every line and commissioner of a segment: each is taken once
    once = budget.drop_duplicates([*_PLACE, "segment"])
    return money.merge(once.groupby(_PLACE, as_index=False)[_COUNTS].sum(), on=_PLACE, validate="one_to_one")


def _summed(places: pd.DataFrame, scale: str) -> pd.DataFrame:
    sums = places.groupby(["financial_year", "unit"], as_index=False)[[*_COUNTS, "allocation_pence", *_PARTS]].sum()
    return sums.assign(scale=scale, place=None, method="sum_of_places")


def _shared(groups: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Each part of a place's budget, and its weighted people, shared to its practice groups by weight."""
    number = places.reset_index(names="number")[[*_PLACE, "number"]]
    joined = groups.merge(number, on=_PLACE, validate="many_to_one")
    of, weight = joined["number"].to_numpy(dtype=np.intp), joined["weight"].to_numpy(dtype=np.float64)
    for part in _PARTS:
        joined[part] = apportion_within(places[part].to_numpy(dtype=np.int64), weight, of)
    whole = np.bincount(of, weights=weight, minlength=len(places))
    joined["weighted_people"] = places["weighted_people"].to_numpy()[of] * weight / whole[of]
    joined["allocation_pence"] = joined[_PARTS].sum(axis=1)
    return joined.assign(scale="practice_group")
