"""Booking one budget year: the steps in order, their movements, and the tables that explain them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.ledger.balance import KEYS, Balance, Change
from budget.ledger.steps import STEPS
from budget.ledger.year import Year

ALLOCATED = "pace_of_change"
"""The step whose result is the allocation of a place."""


@dataclass(frozen=True)
class Booked:
    """One year, booked.

    Attributes:
        keys: the ledger's keys, in order.
        movements: the year's rows of ``budget_ledger``.
        bridge: the year's rows of ``growth_bridge``.
        pace: the year's rows of ``pace_of_change``.
        carve_outs: the year's rows of ``carve_outs``.
        allocation: exact pence by key after pace of change, with which the next year opens.
        quantum: pence that were shared.
    """

    keys: pd.DataFrame
    movements: pd.DataFrame
    bridge: pd.DataFrame
    pace: pd.DataFrame
    carve_outs: pd.DataFrame
    allocation: NDArray[np.float64]
    quantum: int


def set_year(balance: Balance, year: Year) -> Booked:
    """Apply every step to an empty balance and book what each one moves."""
    movements, bridges, allocation = [], [], balance.exact
    for number, step in enumerate(STEPS, 1):
        change = step.apply(balance, year)
        after = balance.moved_to(change.exact)
        movements.append(_movements(balance, after, change, step.name, f"{year.year}-{number:02d}"))
        bridges.append(_bridge(balance, after, step.name))
        balance = after
        if step.name == ALLOCATED:
            allocation = after.booked.astype(np.float64)
    label = str(year.year)
    return Booked(
        keys=balance.keys,
        movements=pd.concat(movements, ignore_index=True).assign(financial_year=label),
        bridge=pd.concat(bridges, ignore_index=True).assign(financial_year=label),
        pace=pd.concat(year.pace, ignore_index=True),
        carve_outs=pd.DataFrame(year.carved),
        allocation=allocation,
        quantum=int(sum(int(table["target_pence"].sum()) for table in year.pace)),
    )


def _movements(before: Balance, after: Balance, change: Change, step: str, prefix: str) -> pd.DataFrame:
    """The keys that a step moves; a key that it leaves alone has no movement."""
    amount = after.booked - before.booked
    moved = np.flatnonzero(amount)
    frame = before.keys.iloc[moved][list(KEYS)].reset_index(drop=True)
    return frame.assign(
        step=step,
        provider=None,
        amount_pence=amount[moved],
        assumptions=[change.reason(int(row)) for row in moved],
        movement_id=[f"{prefix}-{row:05d}" for row in moved],
    )


def _bridge(before: Balance, after: Balance, step: str) -> pd.DataFrame:
    was, now = before.by_place(), after.by_place()
    return pd.DataFrame(
        {
            "place": list(now),
            "step": step,
            "amount_pence": [now[place] - was[place] for place in now],
            "balance_pence": list(now.values()),
            "share_of_opening": [(now[place] - was[place]) / was[place] if was[place] else None for place in now],
        }
    )
