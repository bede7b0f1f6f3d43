"""Cost above a cap, pooled: what is kept for the model, and how well model and pool together pay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.need.glm.trouble import ImpossibleSums

_ROUNDING = 1e-12


def retained(cells: pd.DataFrame, cap: int, pooled: float = 1.0) -> pd.DataFrame:
    """Cells whose ``y`` and ``yy`` are the cost that the pool leaves: min(y, T) + (1 - a) (y - T)+.

    A model is calibrated on what is kept. The cross term needs no sum of its own, because min(y, T) is T wherever
    there is anything above it.

    Args:
        cells: from ``capped_cells``.
        cap: T, pence.
        pooled: a, the share of cost above the cap that the pool pays.

    Raises:
        ImpossibleSums: the sums of the cap do not add up to those of all cost.
    """
    check_cap(cells, cap)
    left = 1 - pooled
    excess, squared = cells[f"excess_{cap}"].astype(float), cells[f"yexcess_{cap}"]
    return cells.assign(
        y=cells[f"y_{cap}"] + left * excess, yy=cells[f"yy_{cap}"] + 2 * left * cap * excess + left**2 * squared
    )


def pooled_share(cells: pd.DataFrame, cap: int, pooled: float = 1.0) -> float:
    """The share of all cost that the pool pays."""
    return float(pooled * cells[f"excess_{cap}"].sum() / cells["y"].sum())


def check_cap(cells: pd.DataFrame, cap: int) -> None:
    """Cost is what lies below the cap and above it, and so are its squares: Q = Q_T + 2 T E + E2.

    Raises:
        ImpossibleSums: it is not.
    """
    below, above = cells[f"yy_{cap}"].sum(), cells[f"yexcess_{cap}"].sum()
    squares = below + 2.0 * cap * float(cells[f"excess_{cap}"].sum()) + above
    whole = int(cells[f"y_{cap}"].sum()) + int(cells[f"excess_{cap}"].sum())
    if whole != int(cells["y"].sum()) or not np.isclose(squares, cells["yy"].sum(), rtol=_ROUNDING, atol=0):
        raise ImpossibleSums([f"yy, yy_{cap}, yexcess_{cap}"])


def payment_fit(cells: pd.DataFrame, expected: pd.Series, cap: int, pooled: float = 1.0) -> float:
    """The payment system's fit: the share of the variance of people's whole cost that model and pool together pay.

    1 - sum (y - pay)2 / sum (y - mean)2, where pay is what is expected of kept cost and the pool's share of the rest.

    Args:
        cells: from ``capped_cells``.
        expected: of kept cost, a head, pence, by cell.
        cap: T, pence.
        pooled: share of cost above the cap that the pool pays.
    """
    kept = retained(cells, cap, pooled)
    missed = (kept["yy"] - 2 * expected * kept["y"] + cells["people"] * expected**2).clip(lower=0)
    variation = cells["yy"].sum() - float(cells["y"].sum()) ** 2 / cells["people"].sum()
    return float(1 - missed.sum() / variation)
