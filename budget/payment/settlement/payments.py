"""What each party is due by its payment form, on a plan that follows its people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from budget.payment.agreements.model import Payment
from budget.payment.forms import Care, PaymentForm, Together
from budget.payment.inyear.months import MONTHS
from budget.payment.inyear.pennies import booked

_DEPENDS_ON_SCORE = ("F12", "F18")


def unscored(payment: Payment, line: str) -> PaymentForm | Together:
    """The form of a line without what outcomes earn: that is settled as an item of its own."""
    told = payment.on(line)
    kept = tuple(one for one in told.adjusted_by if one.id not in _DEPENDS_ON_SCORE)
    return told.model_copy(update={"adjusted_by": kept}).form()


def share_at_stake(payment: Payment, line: str, otherwise: float) -> float:
    """The share of a line's payment that outcomes have to earn: the form's own, else the contract's."""
    own = [one.parameters["share"] for one in payment.on(line).adjusted_by if one.id in _DEPENDS_ON_SCORE]
    return float(own[0]) if own else otherwise


def due_to_date(payment: Payment, lines: pd.DataFrame, month: int) -> pd.DataFrame:
    """What a form pays for the months so far, line by line.

    Activity and cost are taken to go on as they have, so that what a form states by the year (a floor, a fixed sum)
    holds; the months so far are their part of that year. A line whose units are not known, or were not planned, is due
    what is planned.

    Args:
        payment: how the party is paid.
        lines: service_line, planned_pence and cost_pence to date, planned_units a year, actual_units to date.
        month: how many months.

    Returns:
        service_line, due_pence, followed (whether activity was looked at), form.
    """
    rows: list[dict[str, Any]] = []
    for line in lines.itertuples(index=False):
        form = unscored(payment, line.service_line)
        care = _care(line, form, MONTHS / month)
        due = float(line.planned_pence)
        if care is not None:
            due = float(np.asarray(form.pay(care)).sum()) * month / MONTHS
        rows.append({"service_line": line.service_line, "due": due, "followed": care is not None, "form": form.id})
    table = pd.DataFrame(rows, columns=["service_line", "due", "followed", "form"])
    return table.assign(due_pence=booked(table["due"])).drop(columns="due")


def _care(line: Any, form: PaymentForm | Together, year: float) -> Care | None:
    """A year of care at the pace so far; None where the form looks at units that nobody knows."""
    value, cost = line.planned_pence * year, line.cost_pence * year
    if form.counts == "people" or not _looks_at_units(form):
        return Care.of([1.0], [1.0], [value], cost=[cost], expected=[value])
    if pd.isna(line.actual_units) or not line.planned_units > 0:
        return None
    price = value / line.planned_units
    return Care.of([line.planned_units], [line.actual_units * year], [price], cost=[cost], expected=[value])


def _looks_at_units(form: PaymentForm | Together) -> bool:
    """Whether a payment moves with units: a block does not, nor does what pays cost as it is."""
    base = form.base if isinstance(form, Together) else form
    return base.id not in ("F01", "F15", "F19", "F20")
