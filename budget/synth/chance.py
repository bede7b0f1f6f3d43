"""Random numbers: one stream a place and step, so that a change in one step leaves the others as they are."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stream(seed: int, *names: str) -> np.random.Generator:
    """The PCG64 stream of a place and step."""
    key = tuple(crc32(name.encode()) for name in names)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def systematic(chances: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw each element with its chance by systematic sampling.

    Every stretch of neighbours gets its expected number to within one, so that small areas and small samples
    keep the published prevalence.

    Args:
        chances: between 0 and 1, in an order in which neighbours are alike.
    """
    reached = np.floor(np.cumsum(chances) + rng.random())
    return np.diff(reached, prepend=0.0) >= 1.0


def pick(weights: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Draw positions with replacement, in proportion to weights."""
    cumulated = np.cumsum(weights)
    drawn = np.searchsorted(cumulated, rng.random(count) * cumulated[-1], side="right")
    return np.minimum(drawn, len(weights) - 1)


def days_between(
    first: NDArray[np.datetime64], last: NDArray[np.datetime64], rng: np.random.Generator
) -> NDArray[np.datetime64]:
    """One day for each pair of days, both included, all equally likely."""
    span = (last - first).astype(np.int64) + 1
    drawn: NDArray[np.datetime64] = first + np.floor(rng.random(len(first)) * span).astype("timedelta64[D]")
    return drawn
