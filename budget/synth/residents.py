"""Residents of the footprint: whole districts, and of a district that is partly outside, the part that is inside."""

from __future__ import annotations

import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.synth.footprint import Footprint
from budget.synth.recipe import Source


def residents_of(footprint: Footprint, published: Source | None = None) -> pd.DataFrame:
    """Published residents by district, year, series, sex and single year of age, cut to the footprint.

    Of a district that ``district_parts`` names, the stated share of each age is taken, in every year and series.

    Args:
        footprint: the locality's footprint.
        published: the table to read; ``residents`` where it is not given.

    Raises:
        ConfigurationError: an age of such a district has no share, or several.
    """
    recipe = footprint.recipe
    residents = (published or recipe.tables.residents).read(recipe.source)
    residents = residents[residents["lad_code"].isin(footprint.districts["lad_code"])]
    source = recipe.tables.district_parts
    if source is None:
        return residents
    shares = _by_age(source.read(recipe.source), residents["age"].unique())
    in_part = residents["lad_code"].isin(shares["lad_code"])
    part = residents[in_part].merge(shares, on=["lad_code", "age"])
    part = part.assign(persons=part["persons"] * part["share"]).drop(columns="share")
    return pd.concat([residents[~in_part], part], ignore_index=True)


def _by_age(parts: pd.DataFrame, ages: pd.Series) -> pd.DataFrame:
    """``lad_code``, ``age``, ``share``: the share of each band for each of its ages."""
    each = parts.merge(pd.DataFrame({"age": ages}), how="cross").query("age_from <= age <= age_to")
    shares = each.groupby(["lad_code", "age"])["share"].agg(["size", "first"])
    wanted = pd.MultiIndex.from_product([sorted(set(parts["lad_code"])), sorted(ages)], names=["lad_code", "age"])
    if (shares["size"].reindex(wanted) != 1).any():
        raise ConfigurationError("district_parts: every age of a district needs exactly one share.")
    return shares["first"].rename("share").reset_index()
