"""How well predictions fit, on people they were not fitted on, in the order in which a report says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.need.glm import RiskModel
from budget.need.ratios import predicted_tenth, predictive_ratios
from budget.need.risk.caps import payment_fit, pooled_share, retained
from budget.need.risk.places import calibrated

OFF = 0.10
"""A practice is off where expected and actual cost differ by more than this part of actual."""

MEANINGS = {
    "calibration": "expected over actual cost before the scalar; 1 is right",
    "scalar": "what every prediction is multiplied with, so that they add up to the total",
    "predictive_ratio": "expected over actual cost; below 1 the group is paid too little",
    "over_per_head": "pence a head expected above actual cost; below zero is too little",
    "place_budget": "expected cost of the place's people, pence",
    "place_low": "chance and the model's own error leave the place above this in 39 of 40 years",
    "place_high": "and below this in 39 of 40",
    "r_squared": "share of the variance of kept cost between people that is explained",
    "r_squared_uncapped": "the same of whole cost, without a pool",
    "r_squared_practice": "share of the variance of cost a head between practices that is explained",
    "practices_off": "share of practices whose expected cost is more than a tenth off the actual one",
    "cumming": "share of the absolute distance from the mean that is explained (CPM)",
    "mean_absolute_error": "pence a head by which people's kept cost is off, up or down",
    "pooled_share": "share of cost above the cap, which the pool pays",
    "payment_fit": "share of the variance of whole cost that model and pool together pay",
    "coefficient": "as fitted on all folds; see the table of coefficients for errors",
}


@dataclass(frozen=True)
class Judged:
    """Predictions to be judged, and what to judge them by.

    Attributes:
        name: of the model.
        cells: from ``capped_cells``.
        per_head: expected kept cost, pence, by cell, out of fold and not yet scaled.
        cap: pence.
        groups: columns of the cells, in the order of the report.
        places: from ``place_budgets``.
        practices: from ``misses``, on the scaled predictions.
        model: fitted on all folds.
        pooled: share of cost above the cap that the pool pays.
    """

    name: str
    cells: pd.DataFrame
    per_head: pd.Series
    cap: int
    groups: Sequence[str]
    places: pd.DataFrame
    practices: pd.DataFrame
    model: RiskModel
    pooled: float = 1.0


Row = tuple[str, str, float]


def report(judged: Judged) -> pd.DataFrame:
    """Everything about a model, in order: calibration, groups, places, fit of people and practices, coefficients.

    Returns:
        ``model``, ``measure``, ``group``, ``value``, ``meaning``.
    """
    kept = retained(judged.cells, judged.cap, judged.pooled)
    people, actual = kept["people"], kept["y"]
    scaled = calibrated(people, judged.per_head, float(actual.sum()))
    rows = [
        ("calibration", "all", float((people * judged.per_head).sum() / actual.sum())),
        ("scalar", "all", scaled.scalar),
        *_groups(kept, judged.groups, scaled.per_head),
        *_places(judged.places),
        *_people(judged, kept, scaled.per_head),
        *practice_fit(judged.practices),
        *(("coefficient", str(name), float(value)) for name, value in judged.model.params.items()),
    ]
    found = pd.DataFrame(rows, columns=["measure", "group", "value"])
    meaning = found["measure"].map(MEANINGS)
    return found.assign(meaning=meaning, model=judged.name)[["model", "measure", "group", "value", "meaning"]]


def r_squared(cells: pd.DataFrame, per_head: pd.Series, response: str = "y", squares: str | None = None) -> float:
    """Share of the variance between people that a prediction explains, from sums.

    Args:
        cells: ``people``, the response and its squares.
        per_head: expected cost a head by cell.
        response: column of the sum of cost.
        squares: column of its squares; the response's name with a ``y`` before it when not given.
    """
    total = cells[response].astype(float)
    of_squares = cells[squares or f"y{response}"].astype(float)
    missed = (of_squares - 2 * per_head * total + cells["people"] * per_head**2).clip(lower=0).sum()
    return float(1 - missed / (of_squares.sum() - total.sum() ** 2 / cells["people"].sum()))


def cumming(practices: pd.DataFrame) -> float:
    """Cumming's measure: 1 less the absolute misses of the model over those of the mean."""
    return float(1 - practices["missed_pence"].sum() / practices["missed_by_mean_pence"].sum())


def practice_fit(practices: pd.DataFrame) -> list[Row]:
    """How well practices fit, each weighted with its people, and how many are off by more than a tenth.

    Args:
        practices: one row a practice: people, kept_pence, expected_pence; those without cost are left out.
    """
    used = practices[practices["kept_pence"] > 0].astype({"kept_pence": float})
    people = used["people"]
    actual, expected = used["kept_pence"] / people, used["expected_pence"] / people
    mean = used["kept_pence"].sum() / people.sum()
    explained = 1 - (people * (actual - expected) ** 2).sum() / (people * (actual - mean) ** 2).sum()
    off = ((expected / actual - 1).abs() > OFF).mean()
    return [("r_squared_practice", "all", float(explained)), ("practices_off", "all", float(off))]


def _groups(kept: pd.DataFrame, groups: Sequence[str], per_head: pd.Series) -> Iterator[Row]:
    columns = {group: kept[group] for group in groups}
    columns["predicted_tenth"] = predicted_tenth(kept["people"], per_head)
    for group, levels in columns.items():
        found = predictive_ratios(kept["people"], kept["y"], kept["people"] * per_head, levels)
        for level, row in found.iterrows():
            if np.isfinite(row["ratio"]):
                yield "predictive_ratio", f"{group}: {level}", float(row["ratio"])
            yield "over_per_head", f"{group}: {level}", float(row["over_per_head"])


def _places(places: pd.DataFrame) -> Iterator[Row]:
    for place, row in places.iterrows():
        for measure, column in (("place_budget", "budget"), ("place_low", "low"), ("place_high", "high")):
            yield measure, f"{places.index.name}: {place}", float(row[column])


def _people(judged: Judged, kept: pd.DataFrame, per_head: pd.Series) -> Iterator[Row]:
    cells, cap = judged.cells, judged.cap
    whole = calibrated(cells["people"], per_head, float(cells["y"].sum())).per_head
    people = judged.practices["people"].sum()
    yield "r_squared", "all", r_squared(kept, per_head)
    yield "r_squared_uncapped", "all", r_squared(cells, whole)
    yield "cumming", "all", cumming(judged.practices)
    yield "mean_absolute_error", "all", float(judged.practices["missed_pence"].sum() / people)
    yield "pooled_share", "all", pooled_share(cells, cap, judged.pooled)
    yield "payment_fit", "all", payment_fit(cells, per_head, cap, judged.pooled)
