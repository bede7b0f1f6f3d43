"""Predicted over actual cost, by group: who is paid too little and who too much."""

from __future__ import annotations

import numpy as np
import pandas as pd

TENTHS = 10


def predictive_ratios(people: pd.Series, actual: pd.Series, predicted: pd.Series, group: pd.Series) -> pd.DataFrame:
    """People, cost and prediction by group.

    Args:
        people: by cell.
        actual: sum of cost by cell, pence.
        predicted: expected cost by cell, pence (all its people together).
        group: by cell.

    Returns:
        Indexed by group: people, actual, predicted, ``ratio`` (predicted over actual, nothing where actual is zero) and
        ``over_per_head`` (pence a head predicted above actual; below zero is too little).
    """
    sums = pd.DataFrame({"people": people, "actual": actual, "predicted": predicted}).astype(float)
    by_group = sums.groupby(group.to_numpy(), sort=True, observed=True).sum()
    by_group = by_group[by_group["people"] > 0]
    spent = by_group["actual"].where(by_group["actual"] != 0)
    return by_group.assign(
        ratio=by_group["predicted"] / spent,
        over_per_head=(by_group["predicted"] - by_group["actual"]) / by_group["people"],
    )


def predicted_tenth(people: pd.Series, per_head: pd.Series) -> pd.Series:
    """The tenth of people that each cell falls into by predicted cost, 1 the cheapest.

    Cells of the same prediction stay together, in the tenth of their middle person.
    """
    by_value = people.groupby(per_head.to_numpy()).sum().sort_index()
    middle = by_value.cumsum() - by_value / 2
    tenth = np.minimum((middle / by_value.sum() * TENTHS).astype(int) + 1, TENTHS)
    return pd.Series(per_head.to_numpy(), index=people.index).map(tenth).map("{:02d}".format)
