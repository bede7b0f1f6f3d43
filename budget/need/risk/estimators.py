"""The estimators by name: least squares in levels, which pays, and its challengers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import pandas as pd

from budget.need.glm import fit
from budget.need.risk.cell_mean import fit_cell_mean
from budget.need.risk.two_part import fit_two_part

DEFAULT = "wls"

FAMILIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        DEFAULT: ("gaussian", "identity"),
        "poisson_log": ("poisson", "log"),
        "poisson_sqrt": ("poisson", "sqrt"),
        "gamma_log": ("gamma", "log"),
        "tweedie_log": ("tweedie", "log"),
    }
)
"""Family and link of the estimators that are one generalised linear model."""


class Predicts(Protocol):
    """A fitted estimator."""

    def predict(self, cells: pd.DataFrame) -> pd.Series:
        """Expected cost a head of each cell, pence."""
        ...


Estimator = Callable[[pd.DataFrame], Predicts]
"""Fits cells."""

Terms = Sequence[str | Sequence[str]]


def estimators(response: str, terms: Terms) -> Mapping[str, Estimator]:
    """Every estimator by its key, on one response and the same terms.

    Levels that cannot stand alone are pooled with a neighbour, so that a fold without them can still be fitted.

    Args:
        response: column of the sum of cost (its squares under the name with a ``y`` before it).
        terms: as ``budget.need.glm.fit`` takes them.
    """

    def model(family: str, link: str) -> Estimator:
        return lambda cells: fit(cells, response, terms, family, link, pool=True)

    return {
        **{name: model(family, link) for name, (family, link) in FAMILIES.items()},
        "two_part": lambda cells: fit_two_part(cells, response, terms),
        "cell_mean": lambda cells: fit_cell_mean(cells, response, terms),
    }
