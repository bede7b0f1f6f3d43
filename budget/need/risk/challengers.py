"""Challengers beside least squares, out of fold, and the rule by which one would replace it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.need.glm.trouble import NotConverged, SeparatedTerms
from budget.need.ratios import predictive_ratios
from budget.need.risk.estimators import DEFAULT, Estimator
from budget.need.risk.fitness import r_squared
from budget.need.risk.folds import gathered, out_of_fold
from budget.need.risk.places import calibrated

GAIN = 0.003
WORSE = 0.01
MOVED = 0.01
LEAST_PEOPLE = 1_000


@dataclass(frozen=True)
class Decision:
    """Whether a challenger replaces the default, and why.

    Attributes:
        replaces: whether it does.
        reason: one sentence.
    """

    replaces: bool
    reason: str


@dataclass(frozen=True)
class Challenged:
    """What the estimators of a contest expect, out of fold.

    Attributes:
        expected: by estimator, of each cell a head, not yet scaled.
        unfit: challengers that have no finite answer on these cells, and why.
    """

    expected: Mapping[str, pd.Series]
    unfit: Mapping[str, str]


def switch(gain: float, worse: float) -> Decision:
    """The rule: out-of-fold R-squared rises enough, and no group is paid much worse.

    Args:
        gain: the challenger's out-of-fold R-squared less the default's.
        worse: the challenger's worst distance of a predictive ratio from 1 less the default's.
    """
    if gain < GAIN:
        return Decision(False, f"R-squared out of fold rises by {gain:.4f}, less than {GAIN}")
    if worse > WORSE:
        return Decision(False, f"the worst predictive ratio moves away from 1 by {worse:.4f}, more than {WORSE}")
    return Decision(True, f"R-squared out of fold rises by {gain:.4f}; the worst ratio changes by {worse:+.4f}")


def expected_by(
    cells: pd.DataFrame,
    response: str,
    terms: Sequence[str | Sequence[str]],
    chosen: Mapping[str, Estimator],
    beside: Sequence[str] = (),
) -> dict[str, pd.Series]:
    """What every estimator expects of each cell, a head, out of fold and not yet scaled.

    Args:
        cells: with ``fold``; ``positives`` where an estimator is of two parts.
        response: column of the sum of cost.
        terms: the covariates.
        chosen: estimators by key.
        beside: columns that an estimator looks at beside the terms.
    """
    predict = _predictor(cells, response, terms, beside)
    return {name: predict(estimator) for name, estimator in chosen.items()}


def challenge(
    cells: pd.DataFrame,
    response: str,
    terms: Sequence[str | Sequence[str]],
    chosen: Mapping[str, Estimator],
    beside: Sequence[str] = (),
) -> Challenged:
    """As ``expected_by``, but a challenger without a finite answer stops nobody: it is named, and out of the contest.

    Raises:
        UnfitCells: the default cannot be fitted, or the cells are no cells.
    """
    predict = _predictor(cells, response, terms, beside)
    expected: dict[str, pd.Series] = {}
    unfit: dict[str, str] = {}
    for name, estimator in chosen.items():
        try:
            expected[name] = predict(estimator)
        except (NotConverged, SeparatedTerms) as error:
            if name == DEFAULT:
                raise
            unfit[name] = error.rule
    return Challenged(expected, unfit)


def _predictor(
    cells: pd.DataFrame, response: str, terms: Sequence[str | Sequence[str]], beside: Sequence[str]
) -> Callable[[Estimator], pd.Series]:
    """What an estimator expects of the cells out of fold; the cells are added up once for all of them."""
    sums = [name for name in ("people", "positives", response, f"y{response}") if name in cells]
    alike, row = gathered(cells, terms, sums, beside=beside)
    return lambda estimator: pd.Series(out_of_fold(alike, estimator, terms).to_numpy()[row], index=cells.index)


def with_unfit(compared: pd.DataFrame, unfit: Mapping[str, str]) -> pd.DataFrame:
    """The comparison with a row for every challenger that has no finite answer, and why; it replaces nothing.

    Args:
        compared: from ``compare``.
        unfit: from ``challenge``.
    """
    if not unfit:
        return compared
    reasons = {name: f"it has no answer here: {why}" for name, why in unfit.items()}
    rows = pd.DataFrame({"reason": reasons, "worst_group": "none", "replaces": False}).rename_axis("estimator")
    unknown = rows.assign(calibration=np.nan, r_squared=np.nan, worst_ratio=np.nan)
    unknown["places_moved"] = pd.array([None] * len(rows), dtype="Int64")
    return pd.concat([compared.astype({"places_moved": "Int64"}), unknown])


def compare(
    cells: pd.DataFrame,
    response: str,
    expected: Mapping[str, pd.Series],
    groups: Sequence[str],
    place: str = "place",
    least_people: int = LEAST_PEOPLE,
) -> pd.DataFrame:
    """Every estimator out of fold, each with one calibration scalar.

    Args:
        cells: with the groups and the place.
        response: column of the sum of cost.
        expected: by estimator, the default among them, from ``expected_by``.
        groups: the declared groups, columns of the cells.
        place: column of places.
        least_people: groups of fewer are not judged by a ratio.

    Returns:
        Indexed by estimator: calibration (expected over actual before the scalar), r_squared, worst_ratio (its distance
        from 1) and worst_group, places_moved (whose share differs from the default's by more than 1%), replaces and
        reason.
    """
    people, actual = cells["people"], cells[response]
    rows, shares = {}, {}
    for name, raw in expected.items():
        scaled = calibrated(people, raw, float(actual.sum()))
        worst, group = worst_ratio(cells, response, scaled.per_head, groups, least_people)
        rows[name] = {
            "calibration": float((people * raw).sum() / actual.sum()),
            "r_squared": r_squared(cells, scaled.per_head, response),
            "worst_ratio": worst,
            "worst_group": group,
        }
        by_place = (people * scaled.per_head).groupby(cells[place]).sum()
        shares[name] = by_place / by_place.sum()
    found = pd.DataFrame.from_dict(rows, orient="index").rename_axis("estimator")
    moved = {name: int(((share / shares[DEFAULT] - 1).abs() > MOVED).sum()) for name, share in shares.items()}
    return _decided(found.assign(places_moved=pd.Series(moved)))


def best(compared: pd.DataFrame) -> str:
    """The challenger that replaces the default and explains most; the default where none does."""
    better = compared[compared["replaces"]]
    return str(better["r_squared"].idxmax()) if len(better) else DEFAULT


def worst_ratio(
    cells: pd.DataFrame, response: str, per_head: pd.Series, groups: Sequence[str], least_people: int
) -> tuple[float, str]:
    """The largest distance of a predictive ratio from 1, and the group that has it."""
    worst, where = 0.0, "none"
    for group in groups:
        found = predictive_ratios(cells["people"], cells[response], cells["people"] * per_head, cells[group])
        away = (found["ratio"] - 1).abs()[found["people"] >= least_people]
        if not away.empty and away.max() > worst:
            worst, where = float(away.max()), f"{group}: {away.idxmax()}"
    return worst, where


def _decided(found: pd.DataFrame) -> pd.DataFrame:
    default = found.loc[DEFAULT]
    decisions = [
        Decision(False, "the default")
        if name == DEFAULT
        else switch(row["r_squared"] - default["r_squared"], row["worst_ratio"] - default["worst_ratio"])
        for name, row in found.iterrows()
    ]
    return found.assign(
        replaces=[decision.replaces for decision in decisions], reason=[decision.reason for decision in decisions]
    )
