"""Pence of amounts that build up over statements: each is booked as far as the sum so far has grown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.money import half_up


def booked(exact: NDArray[np.float64] | pd.Series) -> NDArray[np.int64]:
    """Every estimate half-up to a penny."""
    return np.array([half_up(float(value)) for value in np.asarray(exact, dtype=np.float64)], dtype=np.int64)


def booked_in_turn(exact: pd.Series, keys: Sequence[pd.Series]) -> NDArray[np.int64]:
    """Estimates of statements that follow one another, so that those of a key add up to their sum half-up.

    Each is what the sum so far comes to in whole pence, less what was booked before.

    Args:
        exact: pence, in the order of the statements.
        keys: what is booked by itself, such as a place's segment.

    Returns:
        int64 pence, in the order given.
    """
    groups = list(keys)
    so_far = pd.Series(booked(exact.groupby(groups).cumsum()), index=exact.index, dtype="int64")
    before = so_far.groupby(groups).shift(fill_value=0)
    return (so_far - before).to_numpy(dtype=np.int64)
