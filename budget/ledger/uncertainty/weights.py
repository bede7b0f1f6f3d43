"""Draws of weighted people, from the errors of the need model that sets the targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.assumptions.draws import Draws

Floats = NDArray[np.float64]

MODEL = "model"
"""The method of need whose errors are known."""


@dataclass(frozen=True)
class NeedError:
    """How far the need model may be off in each place.

    Attributes:
        root: symmetric square root of the covariance of the logarithm of need a head, by place and place.
        years: budget years in which the model sets the targets.
    """

    root: pd.DataFrame
    years: frozenset[str]

    @classmethod
    def of(cls, covariance: pd.DataFrame, weights: pd.DataFrame) -> NeedError:
        """The error of the years whose targets the model sets.

        Args:
            covariance: ``need_covariance``.
            weights: ``need_weights``; those used may be of a method on whose error nothing is known.
        """
        square = covariance.pivot(index="place", columns="other_place", values="covariance")
        values, vectors = np.linalg.eigh(square.to_numpy(dtype=np.float64))
        # shares of one whole: one direction has no variance, and rounding may leave it a hair below nought
        root = vectors @ np.diag(np.sqrt(np.clip(values, 0, None))) @ vectors.T
        used = weights[weights["used"] & (weights["method"] == MODEL)]
        return cls(pd.DataFrame(root, square.index, square.columns), frozenset(used["financial_year"].astype(str)))

    def factors(self, places: tuple[str, ...], draws: Draws) -> Floats:
        """What the weighted people of places are multiplied with, by place and draw; the same in every year.

        Raises:
            KeyError: a place has no error.
        """
        normals = np.stack([draws.standard(f"need model@{place}") for place in self.root.columns])
        moved = pd.DataFrame(self.root.to_numpy() @ normals, self.root.index)
        drawn: Floats = np.exp(moved.loc[list(places)].to_numpy())
        return drawn
