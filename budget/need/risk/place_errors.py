"""How far the need model may be off in places, beside one another: what draws of weighted people are made from."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from budget.need.glm import RiskModel
from budget.need.glm.sums import by_group
from budget.need.risk.supply import at_mean


def need_covariance(model: RiskModel, cells: pd.DataFrame, held: Collection[str] = ()) -> pd.DataFrame:
    """Covariance of the logarithm of places' need a head, over that of all people, by the delta method.

    Need is ``(B / n) / (sum of B / sum of n)`` for expected cost B of n people, so the gradient of its logarithm is
    ``dB / B - (sum of dB) / (sum of B)`` with ``dB = sum of n m'(eta) x``; V is the clustered covariance of the
    coefficients where the model has one, HC1 where it has not. People whose prediction is below zero count as zero
    whatever the coefficients.

    Args:
        model: a fit with its errors.
        cells: everyone who is counted: place, people and the covariates.
        held: terms that move no money, which stand at their mean over the people of the fit.

    Returns:
        The columns of ``need_covariance``, one row a pair of places, both ways round.
    """
    matrix = at_mean(model, model.design.matrix(cells), held)
    # no offset is a true zero: nothing of the predictor is known beforehand
    known = cells[model.offset].to_numpy(dtype=np.float64) if model.offset else 0.0
    eta = matrix @ model.coefficients + known
    mean = model.link.mean(eta)
    people = cells["people"].to_numpy(dtype=np.float64)
    codes, places = pd.factorize(cells["place"], sort=True)
    slope = matrix * (people * np.where(mean > 0, model.link.slope(eta), 0.0))[:, None]
    gradient = np.array([slope[codes == place].sum(axis=0) for place in range(len(places))])
    expected = by_group(codes, people * np.clip(mean, 0, None), len(places))
    of_log = gradient / expected[:, None] - gradient.sum(axis=0) / expected.sum()
    errors = "clustered" if "clustered" in model.covariances else "HC1"
    square = of_log @ model.covariances[errors] @ of_log.T
    pairs = pd.MultiIndex.from_product([places, places], names=["place", "other_place"])
    return pd.Series(square.ravel(), index=pairs, name="covariance").reset_index().assign(errors=errors)
