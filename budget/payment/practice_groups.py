"""Practice groups (primary care networks): whose people they are, and how much of their place's need."""

from __future__ import annotations

import pandas as pd

NO_GROUP = "no_group"
"""People on no list, and those of practices that name no group."""

_PLACE = ["financial_year", "place"]


def practice_groups(
    budget: pd.DataFrame,
    people: pd.DataFrame,
    detail: pd.DataFrame,
    practices: pd.DataFrame,
    used: pd.DataFrame,
    published: pd.DataFrame | None,
) -> pd.DataFrame:
    """People of every practice group, and a weight that shares its place's budget.

    Where published practice weights set the targets, a group weighs what its practices' weights say, and whoever has
    none weighs the mean of the place (as in the need of places). Elsewhere it weighs what the budgets of its people's
    segments come to.

    Args:
        budget: ``integrated_budget``.
        people: ``segment_people``.
        detail: ``segment_detail``.
        practices: ``practices``, some of which name their group (``pcn_code``).
        used: financial_year, place, method and stream of the weights that set the targets.
        published: ``published_weights`` where the locality has them.

    Returns:
        financial_year, place, unit, people, weight, method; people of a place add up to those of the budget.
    """
    counted = _people_of_years(people, detail, budget)
    counted = counted.merge(used[[*_PLACE, "method", "stream"]], on=_PLACE, validate="many_to_one")
    by_weights = counted["method"] == "published"
    parts = [_by_segment_budgets(counted[~by_weights], budget)]
    if published is not None:
        parts.append(_by_published_weights(counted[by_weights], practices, published))
    weighed = pd.concat([part for part in parts if len(part)], ignore_index=True)
    group = practices.dropna(subset=["pcn_code"]).set_index("practice_code")["pcn_code"]
    unit = weighed["practice_code"].map(group)
    weighed["unit"] = unit.where(unit.notna(), NO_GROUP)
    return weighed.groupby([*_PLACE, "unit", "method"], as_index=False)[["people", "weight"]].sum()


def _people_of_years(people: pd.DataFrame, detail: pd.DataFrame, budget: pd.DataFrame) -> pd.DataFrame:
    """People by year, place, segment and practice: each segment of a practice grows as that of its place."""
    keys = ["place", "segment"]
    counted = detail.groupby([*keys, "practice_code"], as_index=False, dropna=False)["people"].sum()
    counted["part"] = counted["people"] / counted.groupby(keys)["people"].transform("sum")
    years = people[people["financial_year"].isin(budget["financial_year"].unique())]
    grown = years.merge(counted[[*keys, "practice_code", "part"]], on=keys)
    return grown.assign(people=grown["people"] * grown["part"])


def _by_segment_budgets(counted: pd.DataFrame, budget: pd.DataFrame) -> pd.DataFrame:
    keys = [*_PLACE, "segment"]
    money = budget.groupby(keys, as_index=False)["allocation_pence"].sum()
    joined = counted.merge(money, on=keys, how="left", validate="many_to_one")
    weight = joined["allocation_pence"].astype("float64") * joined["part"]
    return joined.assign(weight=weight, method="segment_budgets")


def _by_published_weights(counted: pd.DataFrame, practices: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    keys = [*_PLACE, "stream"]
    placed = published.merge(practices[["practice_code", "place"]], on="practice_code")
    sums = placed.groupby(keys, as_index=False)[["population", "weighted_population"]].sum()
    mean = sums.assign(mean=sums["weighted_population"] / sums["population"])[[*keys, "mean"]]
    own = placed.assign(own=placed["weighted_population"] / placed["population"])
    own = own[["financial_year", "stream", "practice_code", "own"]]
    joined = counted.merge(mean, on=keys, how="left", validate="many_to_one")
    joined = joined.merge(own, on=["financial_year", "stream", "practice_code"], how="left", validate="many_to_one")
    a_head = joined["own"].where(joined["own"].notna(), joined["mean"])
    return joined.assign(weight=joined["people"] * a_head, method="published_weights")
