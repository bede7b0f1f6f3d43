"""Credibility: how far a place's observed spend, beside what is expected of it, is more than chance.

For observed spend alone. The need share is never shrunk silently: a small place keeps its need and shows its interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Credibility:
    """Ratios of observed to expected spend, drawn towards 1 as far as they are chance.

    Attributes:
        between: variance of true ratios between places (DerSimonian and Laird).
        table: by place: ratio, variance (of chance), credibility (0 to 1), shrunk.
    """

    between: float
    table: pd.DataFrame


def credibility(observed: pd.Series, expected: pd.Series, process_variance: pd.Series) -> Credibility:
    """Shrink each place's ratio of observed to expected spend towards 1.

    r = A / E; s2 = variance of A / E2; tau2 by DerSimonian and Laird (Controlled Clinical Trials 1986);
    z = tau2 / (tau2 + s2); shrunk = 1 + z (r - 1).

    Args:
        observed: spend by place, pence.
        expected: by place, pence, above zero.
        process_variance: of spend by place if its people differ by chance alone, pence squared.

    Raises:
        ValueError: fewer than two places, or one without expected spend or variance.
    """
    if len(observed) < 2:
        raise ValueError("credibility needs two places or more")
    if (expected <= 0).any() or (process_variance <= 0).any():
        raise ValueError("every place needs expected spend and a variance above zero")
    ratio, variance = observed / expected, process_variance / expected**2
    between = between_variance(ratio.to_numpy(dtype=np.float64), variance.to_numpy(dtype=np.float64))
    trust = between / (between + variance)
    table = pd.DataFrame(
        {"ratio": ratio, "variance": variance, "credibility": trust, "shrunk": 1 + trust * (ratio - 1)}
    )
    return Credibility(between, table)


def between_variance(ratio: np.ndarray, variance: np.ndarray) -> float:
    """DerSimonian and Laird's moment estimate of the variance between places; never below zero."""
    weight = 1 / variance
    centre = (weight @ ratio) / weight.sum()
    heterogeneity = weight @ (ratio - centre) ** 2
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(0.0, (heterogeneity - (len(ratio) - 1)) / spread))
