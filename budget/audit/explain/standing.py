"""What a slice stands on beside its movements: need, baseline, cost of segments, and what is set aside of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.audit.explain.records import Records, plain
from budget.audit.explain.slice import Slice
from budget.ledger.opening import shares_of_segments

Facts = dict[str, Any]

_MODEL = "model"
_FEWEST = 5
"""Fewer people than these are not told, nor what they cost."""

_OF_FEW = {
    "people_all_care": ("people_all_care", "excess_all_care_pence"),
    "people_over": ("people_over", "excess_pence", "pool_pence"),
}


def need_of(records: Records, asked: Slice) -> Facts:
    """How the places of the slice were weighed: weights, the method of each line, and the model where it weighs.

    Returns:
        ``weights`` (places, with their share of all weighted people), ``lines`` (method by line) and ``model``, None
        where no line of the slice is weighed by it.
    """
    weights = records.table("need_weights")
    used = weights[weights["used"].astype(bool) & (weights["financial_year"] == asked.financial_year)]
    used = used.assign(share=used["weighted_people"] / used["weighted_people"].sum())
    lines = asked.rows(records.table("need_by_line"))
    ways = pd.concat([used[asked.holds(used)], lines])[["method", "stream"]]
    streams = set(ways.loc[ways["method"] == _MODEL, "stream"])
    return {
        "weights": plain(used[asked.holds(used)].drop(columns=["used", "financial_year"])),
        "lines": plain(lines.drop(columns="financial_year")),
        "model": _model(records, asked, streams) if streams else None,
    }


def _model(records: Records, asked: Slice, streams: set[str]) -> Facts:
    """The coefficients that weigh, how well they fit, and how many cells stand behind them; no cell is shown."""
    cells = _of_streams(records, "cells", streams)
    mine = cells[asked.holds(cells)]
    found = _of_streams(records, "risk_diagnostics", streams)
    fit = found[found["measure"].isin(["calibration", "r_squared", "r_squared_practice"]) & (found["group"] == "all")]
    return {
        "streams": sorted(streams),
        "coefficients": plain(_of_streams(records, "risk_model", streams).drop(columns="counted_with")),
        "fit": plain(fit.drop(columns=["position", "group"])),
        "cells": len(mine),
        # each stream has a model of its own on the same people
        "people": int(mine["people"].sum()) // len(streams),
    }


def _of_streams(records: Records, name: str, streams: set[str]) -> pd.DataFrame:
    """The rows of the models that weigh; a run of an earlier version had one model, and no streams of it."""
    rows = records.table(name)
    return rows[rows["stream"].isin(streams)] if "stream" in rows.columns else rows


def baseline_of(records: Records, asked: Slice) -> Facts:
    """The spend that the slice opens with, its adjustments, and how it was shared to segments.

    Returns:
        ``lines``, ``adjustments``, ``segments`` (cost with the factor k and the share of the line), ``unattributed``
        and ``providers`` (who was paid), all of the base year.
    """
    costs = records.table("segment_cost")
    shares = shares_of_segments(costs).rename(columns={"share": "share_of_line"})
    costs = costs.merge(shares, on=["place", "service_line", "segment"], validate="one_to_one")
    paid = records.table("provider_history")
    paid = paid[(paid["financial_year"] == records.base_year) & asked.holds(paid)]
    return {
        "lines": plain(_of(records, asked, "baseline_lines")),
        "adjustments": plain(_of(records, asked, "baseline_adjustments")),
        "segments": plain(costs[asked.holds(costs)]),
        "unattributed": plain(_of(records, asked, "unattributed_spend")),
        "providers": plain(paid.drop(columns="financial_year")),
    }


def set_aside_of(records: Records, asked: Slice) -> Facts:
    """What stands behind carve-outs, risk pool and pace of the places of the slice.

    Returns:
        ``pace``, ``carve_outs``, ``choice`` (by provider), ``high_cost``, ``policy_moves`` and ``risk_pool_cover``.
    """
    cover = records.table("risk_pool_cover")
    places = cover[(cover["scale"] == "place") & (cover["financial_year"] == asked.financial_year)]
    pool = places[places["unit"] == asked.place] if asked.place else places
    return {
        "pace": plain(_of(records, asked, "pace_of_change")),
        "carve_outs": plain(_of(records, asked, "carve_outs")),
        "choice": plain(_of(records, asked, "choice_by_provider")),
        "high_cost": plain(_without_few(_of(records, asked, "high_cost"))),
        "policy_moves": plain(_moves(records, asked)),
        "risk_pool_cover": plain(pool),
    }


def _of(records: Records, asked: Slice, name: str) -> pd.DataFrame:
    return asked.rows(records.table(name))


def _without_few(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts of people above the threshold, and their pounds, without those of few; none at all is a true nought."""
    hidden = rows.astype({name: "Int64" for names in _OF_FEW.values() for name in names})
    for count, names in _OF_FEW.items():
        few = rows[count].between(1, _FEWEST - 1)
        hidden[list(names)] = hidden[list(names)].mask(few)
    return hidden


def _moves(records: Records, asked: Slice) -> pd.DataFrame:
    """Agreed moves of the places; those that name no line are shared over all."""
    moves = records.table("policy_moves")
    mine = (moves["financial_year"] == asked.financial_year) & moves["place"].eq(asked.place or moves["place"])
    line = moves["service_line"].isna() | moves["service_line"].eq(asked.service_line or moves["service_line"])
    return moves[mine & line]
