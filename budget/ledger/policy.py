"""Agreed investments and savings: what each one moves, and who answers for it (the method, step 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.pack import Entry, cite
from budget.kernel.errors import ConfigurationError
from budget.kernel.money import apportion, half_up
from budget.ledger.balance import Balance
from budget.ledger.year import Year

Kind = Literal["investment", "savings"]

POLICY_COLUMNS = [
    "financial_year",
    "move_id",
    "kind",
    "service_line",
    "place",
    "amount_pence",
    "owner",
    "reason",
    "source",
    "status",
]

SIGNS: tuple[tuple[Kind, int], ...] = (("investment", 1), ("savings", -1))
"""Kinds of agreed moves, in order, and their signs."""


@dataclass(frozen=True)
class PolicyMove:
    """One agreed amount, shared over the lines and places that it names.

    Attributes:
        kind: investment or savings.
        entry: the assumption that states it, with its owner and reason.
        exact: signed pence by key, unrounded.
    """

    kind: Kind
    entry: Entry
    exact: NDArray[np.float64]


def policy_moves(before: Balance, year: Year) -> tuple[PolicyMove, ...]:
    """Every agreed investment and saving of a year, each shared by what is there before any of them.

    Raises:
        ConfigurationError: an amount names a line or place that the budget does not have, or savings exceed it.
    """
    return tuple(
        _move(before, year, kind, sign, entry)
        for kind, sign in SIGNS
        for entry in year.assumptions.scoped(kind, year.year)
        if entry.value != 0
    )


def _move(before: Balance, year: Year, kind: Kind, sign: int, entry: Entry) -> PolicyMove:
    pence = float(entry.value) * 100  # type: ignore[arg-type]
    mask = _named(before, entry.scope.line, entry.scope.place)
    base = before.exact_where(mask)
    if base <= 0 or (sign < 0 and pence > base):
        raise ConfigurationError(f"{cite(entry)} in {year.year}: there is not enough budget there to change.")
    return PolicyMove(kind, entry, np.where(mask, sign * pence * before.exact / base, 0.0))


def _named(balance: Balance, line: str | None, place: str | None) -> NDArray[np.bool_]:
    mask = np.ones(len(balance.keys), dtype=bool)
    if line:
        mask &= balance.column("service_line") == line
    if place:
        mask &= balance.column("place") == place
    return mask


def policy_rows(moves: tuple[PolicyMove, ...], before: Balance, year: Year) -> list[dict[str, object]]:
    """Rows of ``policy_moves``: each move by place, in whole pence that add up to what was agreed."""
    rows = []
    for move in moves:
        by_place = before.tree.by_place(move.exact)
        pence = apportion(half_up(float(by_place.sum())), np.abs(by_place))
        rows += [
            _row(move, year, place, int(amount))
            for place, amount in zip(before.tree.places, pence, strict=True)
            if amount
        ]
    return rows


def _row(move: PolicyMove, year: Year, place: str, pence: int) -> dict[str, object]:
    entry = move.entry
    return {
        "financial_year": str(year.year),
        "move_id": cite(entry),
        "kind": move.kind,
        "service_line": entry.scope.line,
        "place": place,
        "amount_pence": pence,
        "owner": entry.owner,
        "reason": entry.reason,
        "source": str(entry.source),
        "status": entry.status,
    }
