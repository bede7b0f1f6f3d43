"""The quarterly list adjustment (the method, step 15): money follows people through the year.

``sum over q of (n_q - n_0) rate / 4`` by place and segment, n_q being the mean of the quarter's three months. It is
told in two parts: what was known when each month was over, and late news, which the statements after it put right.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from budget.payment.inyear.pennies import booked, booked_in_turn
from budget.payment.inyear.rates import CELL, monthly

Rule = Literal["quarterly", "off"]


def months_known(cells: pd.DataFrame, people: pd.DataFrame, last: int) -> pd.DataFrame:
    """People of every month beside those planned, as known at the end of every month up to one.

    Args:
        cells: ``planned_cells``.
        people: month, known_month, place, segment, people.
        last: the last month.

    Returns:
        month, known_month, place, segment, planned_people, people, rate_pence; a cell that a month has nobody of
        counts none, and one that no list knows stays as planned.
    """
    months = pd.DataFrame(
        [(m, k) for k in range(1, last + 1) for m in range(1, k + 1)], columns=["month", "known_month"]
    )
    grid = months.merge(cells[[*CELL, "planned_people", "rate_pence", "held"]], how="cross")
    keys = ["month", "known_month", *CELL]
    told = grid.merge(people[[*keys, "people"]], on=keys, how="left", validate="one_to_one")
    # nobody was counted there: a true zero
    counted = told["people"].where(told["people"].notna(), 0.0)
    told["people"] = counted.mask(told["held"], told["planned_people"])
    return told.drop(columns="held").sort_values(["known_month", *CELL, "month"], ignore_index=True)


def change_to_date(known: pd.DataFrame) -> pd.DataFrame:
    """What all months up to one come to with what is known at its end, in whole pence.

    Args:
        known: ``months_known``.

    Returns:
        known_month, place, segment, change_pence: ``sum over k of (n_k - n_0) rate / 12``.
    """
    exact = (known["people"] - known["planned_people"]) * monthly(_rates(known))
    sums = known.assign(exact=exact).groupby(["known_month", *CELL], as_index=False)["exact"].sum()
    return sums.assign(change_pence=booked(sums["exact"])).drop(columns="exact")


def price_late_news(late: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Late news as money: what is corrected in each statement, back to the month it is of.

    The rows of a place's segment add up to their exact sum half-up, up to any statement.

    Args:
        late: statement_month, month, place, segment, kind, people.
        cells: ``planned_cells``.

    Returns:
        ``late`` with rate_pence and amount_pence, in order.
    """
    keys = [*CELL, "statement_month", "month", "kind"]
    told = late.merge(cells[[*CELL, "rate_pence"]], on=CELL, how="left", validate="many_to_one")
    told = told.sort_values(keys, ignore_index=True)
    exact = told["people"].astype("float64") * monthly(_rates(told).astype("float64"))
    return told.assign(amount_pence=booked_in_turn(exact, [told[name] for name in CELL]))


def in_two_parts(changes: pd.DataFrame, late: pd.DataFrame) -> pd.DataFrame:
    """The change to date as what was known month by month, and late news.

    Args:
        changes: ``change_to_date``.
        late: ``price_late_news``.

    Returns:
        ``changes`` with first_pence and late_pence, which add up to change_pence.
    """
    by_month = late.groupby([*CELL, "statement_month"], as_index=False)["amount_pence"].sum()
    grid = changes[["known_month", *CELL]].merge(by_month, on=CELL, how="left")
    until = grid[grid["statement_month"] <= grid["known_month"]]
    sums = until.groupby(["known_month", *CELL])["amount_pence"].sum().rename("late_pence").reset_index()
    told = changes.merge(sums, on=["known_month", *CELL], how="left", validate="one_to_one")
    # no late news came: a true zero
    told["late_pence"] = told["late_pence"].where(told["late_pence"].notna(), 0).astype("int64")
    return told.assign(first_pence=told["change_pence"] - told["late_pence"])


def quarterly(known: pd.DataFrame) -> pd.DataFrame:
    """The same by quarter, as the method writes it: ``(n_q - n_0) rate / 4`` of each, unrounded.

    Args:
        known: ``months_known`` as known at the end of one month, of whole quarters.

    Returns:
        quarter, place, segment, planned_people, people (the mean of its months), rate_pence, exact_pence.
    """
    told = known.assign(quarter=(known["month"] - 1) // 3 + 1)
    keys = ["quarter", *CELL]
    means = told.groupby(keys, as_index=False).agg(
        planned_people=("planned_people", "first"), people=("people", "mean"), rate_pence=("rate_pence", "first")
    )
    return means.assign(exact_pence=(means["people"] - means["planned_people"]) * _rates(means) / 4)


def _rates(told: pd.DataFrame) -> pd.Series:
    """Rates a head; a segment that the plan has nobody in has none, and its people move no money (a check names it)."""
    return told["rate_pence"].where(told["rate_pence"].notna(), 0.0)
