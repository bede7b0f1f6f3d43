"""Calibration: what one unit of drawn care costs, so that each line meets its share of normalised spend."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.synth.recipe import Recipe


def pence_per_weight(recipe: Recipe, weight: pd.DataFrame, normalised: pd.DataFrame) -> pd.DataFrame:
    """Pence for a unit of weight, by place (rows) and line (columns).

    Over the footprint, a line's cost is the recipe's share of its normalised spend. Between places the cost leans
    towards each place's own spend by the power ``towards_place_spend``, so that attribution factors still differ.

    Args:
        weight: weight of drawn care, by place and line.
        normalised: spend in pence by place and line.

    Raises:
        ConfigurationError: nobody has any care in a line; the sample is too small.
    """
    empty = weight.columns[weight.sum() == 0]
    if len(empty):
        raise ConfigurationError(f"nobody has any care in {', '.join(empty)}; draw more people.")
    # A place of a small sample may have no care in a line; there is nothing in it to cost.
    factor = (normalised / weight.where(weight > 0)).pow(recipe.towards_place_spend)
    shares = pd.Series({name: line.calibrated for name, line in recipe.service_lines.items()})
    return factor * (normalised.sum() * shares / np.nansum(factor * weight, axis=0))
