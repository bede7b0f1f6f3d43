"""How well predictions fit, on people they were not fitted on, in the order in which a report says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.need.ratios import predicted_tenth, predictive_ratios
from budget.need.risk.credibility import credibility
from budget.need.risk.places import calibrated

LEAST_YEARS = 100
"""Person-years of a group below which its figures are chance, and say too much of single people."""

OFF = 0.10
"""A practice is off where expected and actual cost differ by more than this part of actual."""

MEANINGS = {
    "calibration": "expected over actual cost before the scalar; 1 is right",
    "scalar": "what every prediction is multiplied with, so that they add up to the total",
    "calibrated": "expected over actual cost after the scalar",
    "floored_years": "person-years whose prediction was below zero and was set to zero",
    "people_per_cell": "people to a combination of covariates; below 5, cells save little and tell of single people",
    "predictive_ratio": "expected over actual cost; below 1 the group is paid too little",
    "over_per_head": "pence a head and year expected above actual cost; below zero is too little",
    "person_years": "how much of the year the group's people were there, in years",
    "place_actual": "kept cost of the place's people, pence",
    "place_budget": "expected cost of the place's people, pence",
    "place_low": "chance and the model's own error leave the place above this in 39 of 40 years",
    "place_high": "and below this in 39 of 40",
    "experience": "actual over expected cost of the place",
    "credibility": "how much of that is more than chance: 0 none of it, 1 all of it",
    "experience_shrunk": "actual over expected cost, drawn towards 1 as far as it is chance",
    "r_squared": "share of the variance of kept cost between people that is explained",
    "r_squared_uncapped": "the same of whole cost, without a pool",
    "cumming": "share of the absolute distance from the mean that is explained (CPM)",
    "mean_absolute_error": "pence a head by which people's kept cost is off, up or down",
    "pooled_share": "share of cost above the cap, which the pool pays",
    "payment_fit": "share of the variance of whole cost that model and pool together pay",
    "r_squared_practice": "share of the variance of cost a head between practices that is explained",
    "practices_off": "share of practices whose expected cost is more than a tenth off the actual one",
    "coefficient": "pence a head and year (a product: its logarithm); see the table of coefficients for errors",
}


@dataclass(frozen=True)
class Judged:
    """Predictions to be judged, and what to judge them by.

    Attributes:
        name: of the model.
        lived: person-years by covariates, groups and fold, with ``people`` (person-years) and ``y`` (kept cost).
        per_head: expected kept cost a head and year, pence, by row of these; out of fold and not yet scaled.
        groups: columns of them, in the order of the report.
        practices: from ``misses``, on the scaled predictions.
        places: from ``place_budgets``; nothing where the model has no errors.
        coefficients: the table of the model that pays.
        people_per_cell: people over distinct combinations of the covariates.
    """

    name: str
    lived: pd.DataFrame
    per_head: pd.Series
    groups: Sequence[str]
    practices: pd.DataFrame
    places: pd.DataFrame | None
    coefficients: pd.DataFrame
    people_per_cell: float


Row = tuple[str, str, float]


def report(judged: Judged) -> pd.DataFrame:
    """Everything about a model, in order: calibration, groups, places, fit of people and practices, coefficients.

    Returns:
        ``model``, ``position``, ``measure``, ``group``, ``value``, ``meaning``.
    """
    people, actual = judged.lived["people"], judged.lived["y"]
    total = float(actual.sum())
    scaled = calibrated(people, judged.per_head, total)
    rows = [
        ("calibration", "all", float((people * judged.per_head).sum() / total)),
        ("scalar", "all", scaled.scalar),
        ("calibrated", "all", float((people * scaled.per_head).sum() / total)),
        ("floored_years", "all", scaled.floored_people),
        ("people_per_cell", "all", judged.people_per_cell),
        *_groups(judged.lived, judged.groups, scaled.per_head),
        *([] if judged.places is None else _places(judged.places)),
        *person_fit(judged.practices),
        *practice_fit(judged.practices.dropna()),
        *_coefficients(judged.coefficients),
    ]
    found = pd.DataFrame(rows, columns=["measure", "group", "value"]).rename_axis("position").reset_index()
    found = found.assign(meaning=found["measure"].map(MEANINGS), model=judged.name)
    return found[["model", "position", "measure", "group", "value", "meaning"]]


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


def person_fit(practices: pd.DataFrame) -> list[Row]:
    """How well people fit: R-squared of kept and of whole cost, absolute misses, and what pool and model pay together.

    The pool pays its share exactly, so what is missed of kept cost is what model and pool together miss of whole cost.

    Args:
        practices: from ``misses``, whatever the group.
    """
    sums = practices.select_dtypes("number").sum().astype(float)
    people, kept, whole = sums["people"], sums["kept_pence"], sums["whole_pence"]
    spread = sums["whole_squares"] - whole**2 / people
    scale = whole / sums["expected_pence"]
    uncapped = sums["whole_squares"] - 2 * scale * sums["whole_expected"] + scale**2 * sums["expected_squares"]
    return [
        ("r_squared", "all", 1 - sums["missed_squares"] / (sums["kept_squares"] - kept**2 / people)),
        ("r_squared_uncapped", "all", 1 - uncapped / spread),
        ("cumming", "all", cumming(practices)),
        ("mean_absolute_error", "all", sums["missed_pence"] / people),
        ("pooled_share", "all", 1 - kept / whole),
        ("payment_fit", "all", 1 - sums["missed_squares"] / spread),
    ]


def _groups(lived: pd.DataFrame, groups: Sequence[str], per_head: pd.Series) -> Iterator[Row]:
    columns = {group: lived[group] for group in groups}
    columns |= {"predicted_tenth": predicted_tenth(lived["people"], per_head)}
    # places last: they are no covariate, and what a place is over or under is what its budget moves by
    order = [*(group for group in columns if group != "place"), *(["place"] if "place" in columns else [])]
    for group in order:
        found = predictive_ratios(lived["people"], lived["y"], lived["people"] * per_head, columns[group])
        for level, row in found[found["people"] >= LEAST_YEARS].iterrows():
            if np.isfinite(row["ratio"]):
                yield "predictive_ratio", f"{group}: {level}", float(row["ratio"])
            yield "over_per_head", f"{group}: {level}", float(row["over_per_head"])
            yield "person_years", f"{group}: {level}", float(row["people"])


def _places(places: pd.DataFrame) -> Iterator[Row]:
    figures = {
        "place_actual": places["actual"],
        "place_budget": places["budget"],
        "place_low": places["low"],
        "place_high": places["high"],
    }
    if len(places) > 1 and (places["process_error"] > 0).all():
        trust = credibility(places["actual"], places["budget"], places["process_error"] ** 2).table
        figures |= {
            "experience": trust["ratio"],
            "credibility": trust["credibility"],
            "experience_shrunk": trust["shrunk"],
        }
    for place in places.index:
        for measure, values in figures.items():
            yield measure, f"{places.index.name}: {place}", float(values[place])


def _coefficients(table: pd.DataFrame) -> Iterator[Row]:
    for row in table.itertuples():
        yield "coefficient", f"{row.term}={row.level}", float(row.estimate)
