"""Booking one budget year: the steps in order, their movements, and the tables that explain them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.ledger.balance import KEYS, Balance, Change
from budget.ledger.demography import demographic_rows
from budget.ledger.steps import STEPS
from budget.ledger.year import Year

ALLOCATED = "pace_of_change"
"""The step whose result is the allocation of a place."""

_DEMOGRAPHY = "demographic_growth"


@dataclass(frozen=True)
class Booked:
    """One year, booked.

    Attributes:
        keys: the ledger's keys, in order.
        movements: the year's rows of ``budget_ledger``.
        bridge: the year's rows of ``growth_bridge``.
        pace: the year's rows of ``pace_of_change``.
        carve_outs: the year's rows of ``carve_outs``.
        policy: the year's rows of ``policy_moves``.
        demography: the year's rows of ``demographic_growth``.
        allocation: exact pence by key after pace of change, with which the next year opens.
        quantum: pence that were shared.
    """

    keys: pd.DataFrame
    movements: pd.DataFrame
    bridge: pd.DataFrame
    pace: pd.DataFrame
    carve_outs: pd.DataFrame
    policy: pd.DataFrame
    demography: pd.DataFrame
    allocation: NDArray[np.float64]
    quantum: int


def set_year(balance: Balance, year: Year) -> Booked:
    """Apply every step to an empty balance and book what each one moves."""
    moved, bridges, demography, allocation = [], [], [], balance.exact
    for number, step in enumerate(STEPS, 1):
        change = step.apply(balance, year)
        after = balance.moved_to(change.exact)
        moved.append(_Moved.between(balance, after, change, step.name, f"{year.year}-{number:02d}"))
        bridges += _bridge(balance, after, step.name)
        if step.name == _DEMOGRAPHY:
            demography = demographic_rows(balance, after, year)
        balance = after
        if step.name == ALLOCATED:
            allocation = after.booked.astype(np.float64)
    label = str(year.year)
    return Booked(
        keys=balance.keys,
        movements=_movements(balance.keys, moved).assign(financial_year=label),
        bridge=pd.DataFrame(bridges).assign(financial_year=label),
        pace=pd.concat(year.pace, ignore_index=True),
        carve_outs=pd.DataFrame(year.carved),
        policy=pd.DataFrame(year.agreed),
        demography=pd.DataFrame(demography),
        allocation=allocation,
        quantum=int(sum(int(table["target_pence"].sum()) for table in year.pace)),
    )


@dataclass(frozen=True)
class _Moved:
    """The keys that a step moves; a key that it leaves alone has no movement."""

    step: str
    rows: NDArray[np.intp]
    pence: NDArray[np.int64]
    because: list[list[str]]
    names: list[str]

    @classmethod
    def between(cls, before: Balance, after: Balance, change: Change, step: str, prefix: str) -> _Moved:
        amount = after.booked - before.booked
        rows = np.flatnonzero(amount)
        because = [change.reason(int(row)) for row in rows]
        return cls(step, rows, amount[rows], because, [f"{prefix}-{row:05d}" for row in rows])


def _movements(keys: pd.DataFrame, moved: list[_Moved]) -> pd.DataFrame:
    frame = keys[list(KEYS)].take(np.concatenate([part.rows for part in moved])).reset_index(drop=True)
    return frame.assign(
        step=[part.step for part in moved for _ in part.rows],
        provider=None,
        amount_pence=np.concatenate([part.pence for part in moved]),
        assumptions=[names for part in moved for names in part.because],
        movement_id=[name for part in moved for name in part.names],
    )


def _bridge(before: Balance, after: Balance, step: str) -> list[dict[str, object]]:
    was, now = before.by_place(), after.by_place()
    return [
        {
            "place": place,
            "step": step,
            "amount_pence": balance - was[place],
            "balance_pence": balance,
            "share_of_opening": (balance - was[place]) / was[place] if was[place] else None,
        }
        for place, balance in now.items()
    ]
