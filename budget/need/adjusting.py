"""Cost indices of practices and the share for health inequalities, for methods whose weights lack them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from budget.need.adjustments import (
    EMERGENCY_AMBULANCE,
    MARKET_FORCES,
    REMOTENESS,
    IndexBounds,
    health_inequality,
    within_bounds,
)
from budget.need.sources import Sources, lacks
from budget.need.weights import KEYS

INDICES: Mapping[str, tuple[str, IndexBounds]] = MappingProxyType(
    {
        "market_forces_factor": ("MFF_index", MARKET_FORCES),
        "emergency_ambulance_index": ("EACA_index", EMERGENCY_AMBULANCE),
        "remoteness_index": ("Remoteness_index", REMOTENESS),
    }
)
"""Columns of ``practice_adjustments``: their names in the 2018/19 workbook, and their bounds."""


def with_adjustments(need: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """Need with the share for health inequalities and the cost indices of places, as the assumptions ask for them.

    ``(1 - h) need + h avoidable mortality``, both over their means, times market forces, ambulances and remoteness.

    Args:
        need: ``financial_year``, ``place``, ``stream``, ``per_head``; of one stream.
        sources: with the assumptions ``health_inequality_share`` and ``need_adjustments``.

    Raises:
        RunStopped: a share or an index is asked for whose table is not there or lacks a place (W10), or lies outside
            its bounds (W03).
    """
    known = sources.given.assumptions
    years = sources.given.plan.budget_years
    shares = {str(year): known.number("health_inequality_share", year) for year in years}
    indices = known.choice("need_adjustments", years[0])
    if not any(shares.values()) and indices == "none":
        return need
    adjusted = need.set_index(KEYS)
    people = sources.people.set_index(KEYS)["people"].reindex(adjusted.index)
    per_head = adjusted["per_head"] / _mean(adjusted["per_head"], people)
    if any(shares.values()):
        mortality = _of_every(_mortality(sources), adjusted.index, "a weight of the stream health_inequalities")
        share = pd.Series(adjusted.index.get_level_values("financial_year").map(shares), index=adjusted.index)
        per_head = health_inequality(per_head, mortality / _mean(mortality, people), share)
    if indices == "practice_adjustments":
        per_head = per_head * _of_every(_of_places(sources), adjusted.index, "a practice with cost indices")
    return adjusted.assign(per_head=per_head).reset_index()


def with_indices(practices: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """Rows of practices with the indices of each, under the names of the 2018/19 workbook.

    Raises:
        RunStopped: a practice has none.
    """
    if not sources.given.has("practice_adjustments"):
        raise lacks("practice_adjustments", "cost indices of practices are there where need is adjusted by them")
    names = {column: workbook for column, (workbook, _) in INDICES.items()}
    table = sources.given.frame("practice_adjustments")[["practice_code", *names]]
    joined = practices.merge(table, on="practice_code", how="left", validate="many_to_one")
    missing = joined.loc[joined[list(names)].isna().any(axis=1), "practice_code"]
    if len(missing):
        rule = "every practice with a published weight has its indices"
        raise lacks("practice_adjustments", rule, sorted(set(missing)))
    return joined.rename(columns=names)


def _of_places(sources: Sources) -> pd.Series:
    """Market forces, ambulance and remoteness index multiplied, by year and place, weighted with people."""
    _refuse_unpublished(sources, "cost indices of places are means of practices, each with its published list")
    rows = with_indices(sources.placed().drop_duplicates(["financial_year", "practice_code"]), sources)
    indexed = rows["population"]
    for workbook, bounds in INDICES.values():
        indexed = indexed * within_bounds(rows[workbook], bounds)
    sums = rows[KEYS].assign(people=rows["population"], indexed=indexed).groupby(KEYS).sum()
    return sums["indexed"] / sums["people"]


def _mortality(sources: Sources) -> pd.Series:
    """Need by avoidable mortality a head, by year and place: the published stream of health inequalities."""
    _refuse_unpublished(sources, "health_inequality_share needs the stream health_inequalities")
    placed = sources.placed()
    sums = placed[placed["stream"] == "health_inequalities"].groupby(KEYS)[["population", "weighted_population"]].sum()
    return sums["weighted_population"] / sums["population"]


def _refuse_unpublished(sources: Sources, rule: str) -> None:
    if not (sources.given.has("published_weights") and sources.given.has("practices")):
        raise lacks("published_weights", rule)


def _of_every(found: pd.Series, rows: pd.MultiIndex, what: str) -> pd.Series:
    """What was found of the years and places of rows, which all have it."""
    missing = rows.unique().difference(found.index)
    if len(missing):
        rule = f"every place has {what} in every budget year, where need is adjusted by it"
        raise lacks("published_weights", rule, [f"{place} {year}" for year, place in missing])
    return found.reindex(rows)


def _mean(per_head: pd.Series, people: pd.Series) -> pd.Series:
    """The mean of all people, by year."""
    years = per_head.index.get_level_values("financial_year")
    return (per_head * people).groupby(years).transform("sum") / people.groupby(years).transform("sum")
