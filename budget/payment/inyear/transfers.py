"""Transfers between places for people who have moved: what one loses the other gains, at one stated rate."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from budget.payment.inyear.months import MONTHS
from budget.payment.inyear.pennies import booked
from budget.payment.inyear.rates import CELL

Basis = Literal["own", "sender", "receiver", "national"]


def transfers(moves: pd.DataFrame, cells: pd.DataFrame, basis: Basis, parts_of_year: int = MONTHS) -> pd.DataFrame:
    """Money that follows people from one place to another; over all places it adds up to nothing, to the penny.

    Args:
        moves: from_place, to_place, segment, people (people-months by default).
        cells: ``planned_cells``.
        basis: at whose rate: that of the place they came from (sender), of the one they went to (receiver), or of the
            segment over all places (national).
        parts_of_year: how many of the units of ``people`` make a year: 12 for people-months, 4 for quarters.

    Returns:
        place, segment, transfer_pence.

    Raises:
        ValueError: the basis is none of the three; at each place's own rate a transfer does not add up to nothing.
    """
    exact = moves["people"] * _rate(moves, cells, basis) / parts_of_year
    pence = booked(exact)
    gains = moves.rename(columns={"to_place": "place"}).assign(transfer_pence=pence)
    losses = moves.rename(columns={"from_place": "place"}).assign(transfer_pence=-pence)
    columns = [*CELL, "transfer_pence"]
    return pd.concat([gains[columns], losses[columns]]).groupby(CELL, as_index=False)["transfer_pence"].sum()


def rate_corrections(moves: pd.DataFrame, cells: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """What puts people who moved between places from each place's own rate, as the list change pays them, to one rate.

    Args:
        moves: from_place, to_place, segment, people (people-months).
        cells: ``planned_cells``.
        basis: ``transfer_rate_basis``; ``own`` corrects nothing.

    Returns:
        place, segment, correction_pence.
    """
    if basis == "own" or moves.empty:
        return pd.DataFrame({"place": [], "segment": [], "correction_pence": pd.Series([], dtype="int64")})
    at_one_rate = transfers(moves, cells, basis)
    own = _net(moves).merge(cells[[*CELL, "rate_pence"]], on=CELL, how="left", validate="one_to_one")
    # a segment without planned people has no rate, and the list change paid nothing for it
    rate = own["rate_pence"].where(own["rate_pence"].notna(), 0.0)
    own = own.assign(own_pence=booked(own["people"] * rate / MONTHS))
    told = at_one_rate.merge(own[[*CELL, "own_pence"]], on=CELL, how="left", validate="one_to_one")
    return told.assign(correction_pence=told["transfer_pence"] - told["own_pence"])[[*CELL, "correction_pence"]]


def _net(moves: pd.DataFrame) -> pd.DataFrame:
    """People gained less people lost, by place and segment."""
    gains = moves.rename(columns={"to_place": "place"})
    losses = moves.rename(columns={"from_place": "place"}).assign(people=-moves["people"])
    columns = [*CELL, "people"]
    return pd.concat([gains[columns], losses[columns]]).groupby(CELL, as_index=False)["people"].sum()


def _rate(moves: pd.DataFrame, cells: pd.DataFrame, basis: Basis) -> pd.Series:
    match basis:
        case "sender" | "receiver":
            at = "from_place" if basis == "sender" else "to_place"
            rates = cells[[*CELL, "rate_pence"]].rename(columns={"place": at})
            found = moves.merge(rates, on=[at, "segment"], how="left", validate="many_to_one")["rate_pence"]
        case "national":
            sums = cells[cells["planned_people"] > 0].groupby("segment")[["wpap_pence", "planned_people"]].sum()
            found = moves["segment"].map(sums["wpap_pence"] / sums["planned_people"])
        case _:
            raise ValueError(f"a transfer is at the rate of sender, receiver or national, not {basis}")
    # a segment that a place has no planned people in has no rate there, so nothing goes with whoever moved
    return found.where(found.notna(), 0.0).set_axis(moves.index)
