"""Weighted populations of places: each method gives a need per head, and people of the year multiply it."""

from __future__ import annotations

import pandas as pd

from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.errors import refusal

_KEYS = ["financial_year", "place"]


def published(
    weights: pd.DataFrame, practices: pd.DataFrame, people: pd.DataFrame, years: tuple[str, ...]
) -> pd.DataFrame:
    """Need by place from published practice weights: sum of weighted over sum of registered population.

    Args:
        weights: ``published_weights``; practices that the locality does not have are left out.
        practices: ``practices``.
        people: people by financial_year and place, whom the need a head is applied to.
        years: budget years.

    Raises:
        RunStopped: a place has no weight for a year, or none for a stream that other places have.
    """
    placed = weights.merge(practices[["practice_code", "place"]], on="practice_code", how="inner")
    sums = (
        placed[placed["financial_year"].isin(years)]
        .groupby([*_KEYS, "stream"], as_index=False)[["population", "weighted_population"]]
        .sum()
    )
    sums["per_head"] = sums["weighted_population"] / sums["population"]
    _refuse_gaps(sums, people, years)
    return _weigh(sums, people, "published")


def by_segment_cost(
    costs: pd.DataFrame, segment_people: pd.DataFrame, people: pd.DataFrame, years: tuple[str, ...]
) -> pd.DataFrame:
    """Need by place from the mix of segments, each at the footprint's cost a head (the method, step 5a).

    What is held out of segments says nothing about their need.
    """
    costs = costs[costs["segment"] != UNATTRIBUTED]
    by_segment = costs.groupby("segment")["grossed_pence"].sum()
    headcount = costs.drop_duplicates(["place", "segment"]).groupby("segment")["people"].sum()
    rate = (by_segment / headcount)[headcount > 0]
    mean = by_segment.sum() / headcount.sum()
    mix = segment_people[segment_people["financial_year"].isin(years)].merge(
        rate.rename("rate"), left_on="segment", right_index=True
    )
    mix["weighted"] = mix["people"] * mix["rate"] / mean
    sums = mix.groupby(_KEYS, as_index=False)[["people", "weighted"]].sum()
    sums["per_head"] = sums["weighted"] / sums["people"]
    return _weigh(sums.assign(stream="all"), people, "segment_cost")


def by_model(cells: pd.DataFrame, expected: pd.Series, people: pd.DataFrame, years: tuple[str, ...]) -> pd.DataFrame:
    """Need by place from the model's expected cost of its people over the footprint's mean."""
    sums = cells.assign(expected=expected).groupby("place")[["people", "expected"]].sum()
    mean = sums["expected"].sum() / sums["people"].sum()
    per_head = (sums["expected"] / sums["people"] / mean).rename("per_head").reset_index()
    crossed = per_head.merge(pd.DataFrame({"financial_year": list(years)}), how="cross")
    return _weigh(crossed.assign(stream="all"), people, "model")


def _weigh(need: pd.DataFrame, people: pd.DataFrame, method: str) -> pd.DataFrame:
    """Apply need a head to the year's people and index it to the footprint."""
    joined = need[[*_KEYS, "stream", "per_head"]].merge(people.rename(columns={"people": "population"}), on=_KEYS)
    joined["weighted_people"] = joined["per_head"] * joined["population"]
    sums = joined.groupby(["financial_year", "stream"])[["weighted_people", "population"]].transform("sum")
    joined["need_index"] = joined["per_head"] / (sums["weighted_people"] / sums["population"])
    return joined.assign(method=method).drop(columns="per_head")


def _refuse_gaps(sums: pd.DataFrame, people: pd.DataFrame, years: tuple[str, ...]) -> None:
    places = people["place"].unique()
    streams = {year: sorted(set(sums.loc[sums["financial_year"] == year, "stream"])) or ["any"] for year in years}
    wanted = {(year, place, stream) for year in years for place in places for stream in streams[year]}
    missing = sorted(wanted - set(zip(sums["financial_year"], sums["place"], sums["stream"], strict=True)))
    if missing:
        raise refusal(
            "need",
            "W07",
            table="published_weights",
            rule="every place needs practices with a published weight in every budget year and stream",
            rows_failed=len(missing),
            mend="published_weights, or the places of its practices in practices",
            keys=tuple(f"{place} {year} {stream}" for year, place, stream in missing),
        )
