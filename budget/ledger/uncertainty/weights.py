"""Draws of weighted people, from the errors of the need model that sets the targets."""

from __future__ import annotations

from collections.abc import Mapping
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
    """How far the need models may be off in each place.

    Attributes:
        roots: by stream, symmetric square root of the covariance of the logarithm of need a head, by place and place.
        streams: by budget year whose targets one model sets, the stream of that model.
    """

    roots: Mapping[str, pd.DataFrame]
    streams: Mapping[str, str]

    @classmethod
    def of(cls, covariance: pd.DataFrame, weights: pd.DataFrame) -> NeedError:
        """The error of the years whose targets one model sets.

        Args:
            covariance: ``need_covariance``.
            weights: ``need_weights``; those used may be of a method on whose error nothing is known, or of several
                lines together, whose errors beside one another are not known.
        """
        roots = {str(stream): _root(rows) for stream, rows in covariance.groupby("stream")}
        used = weights[weights["used"] & (weights["method"] == MODEL) & weights["stream"].isin(list(roots))]
        return cls(roots, dict(zip(used["financial_year"].astype(str), used["stream"].astype(str), strict=True)))

    def factors(self, year: str, places: tuple[str, ...], draws: Draws) -> Floats:
        """What the weighted people of places are multiplied with, by place and draw; the same in all years of a stream.

        Raises:
            KeyError: no model sets the targets of the year, or a place has no error.
        """
        root = self.roots[self.streams[year]]
        normals = np.stack([draws.standard(f"need model@{place}") for place in root.columns])
        moved = pd.DataFrame(root.to_numpy() @ normals, root.index)
        drawn: Floats = np.exp(moved.loc[list(places)].to_numpy())
        return drawn


def _root(covariance: pd.DataFrame) -> pd.DataFrame:
    square = covariance.pivot(index="place", columns="other_place", values="covariance")
    values, vectors = np.linalg.eigh(square.to_numpy(dtype=np.float64))
    # shares of one whole: one direction has no variance, and rounding may leave it a hair below nought
    root = vectors @ np.diag(np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return pd.DataFrame(root, square.index, square.columns)
