"""Providers, and the share of each place's care that goes to them."""

from __future__ import annotations

import re

import pandas as pd

from budget.synth.footprint import Footprint
from budget.synth.recipe import Named


def patient_flows(footprint: Footprint) -> pd.DataFrame:
    """``patient_flows``: published shares of admissions by small area, as shares of each place and acute line.

    Small flows are suppressed in the source; they and providers under the recipe's minimum go to the other provider.
    """
    recipe = footprint.recipe
    areas = footprint.areas.dropna(subset="place")
    ages = [name for name in areas.columns if str(name).startswith("age_")]
    people = areas.assign(people=areas[ages].sum(axis=1))[["msoa_code", "place", "people"]]
    flows = people.merge(recipe.tables.catchments.read(recipe.source), on="msoa_code")
    flows = flows.assign(treated=flows["people"] * flows["share"])
    treated = flows.groupby(["place", "provider_code"])["treated"].sum()
    share = (treated / people.groupby("place")["people"].sum()).rename("share").reset_index()
    named = share[share["share"] >= recipe.flows.minimum_share]
    rest = (1 - named.groupby("place")["share"].sum()).reset_index().assign(provider_code=recipe.flows.other.code)
    lines = pd.DataFrame({"service_line": recipe.flows.service_lines})
    result = pd.concat([named, rest]).merge(lines, how="cross")
    return result.sort_values(["place", "service_line", "provider_code"], ignore_index=True)


def shares_of(footprint: Footprint, flows: pd.DataFrame, place: str, line: str) -> dict[str, float]:
    """Share of a place's care in a line by provider; lines outside the flows have one provider a place."""
    recipe = footprint.recipe
    if line in recipe.flows.service_lines:
        mine = flows[(flows["place"] == place) & (flows["service_line"] == line)]
        return dict(zip(mine["provider_code"], mine["share"], strict=True))
    if line in recipe.trust_of_place:
        return {recipe.trust_of_place[line][place]: 1.0}
    return {_group(recipe.group_of_place[line], place).code: 1.0}


def providers(footprint: Footprint, flows: pd.DataFrame) -> pd.DataFrame:
    """``providers``: every provider of the flows and of the other lines, with the place or system it is local to."""
    recipe = footprint.recipe
    names = recipe.tables.trusts.read(recipe.source).set_index("provider_code")["provider_name"]
    trusts = set(flows["provider_code"]) | {code for of in recipe.trust_of_place.values() for code in of.values()}
    other = recipe.flows.other
    rows = [(code, names[code], recipe.local_to.get(code)) for code in sorted(trusts - {other.code})]
    for group in recipe.group_of_place.values():
        rows += [(_group(group, place).code, _group(group, place).name, place) for place in footprint.places]
    return pd.DataFrame([*rows, (other.code, other.name, None)], columns=["provider_code", "provider_name", "local_to"])


def _group(group: Named, place: str) -> Named:
    slug = re.sub(r"[^A-Z0-9]+", "-", place.upper())
    return Named(code=f"{group.code}-{slug}", name=f"{group.name} of {place}")
