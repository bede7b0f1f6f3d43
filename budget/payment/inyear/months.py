"""The twelve months of a financial year: 1 is April, 12 is March."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Literal

import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear

MONTHS = 12
QUARTERS = 4
PER_QUARTER = 3

MonthlyCount = Literal["snapshot_day", "days", "average"]


def first_day(year: FinancialYear, month: int) -> date:
    """The first day of a month; month 13 is the April after the year.

    >>> first_day(FinancialYear(2026), 1), first_day(FinancialYear(2026), 10)
    (datetime.date(2026, 4, 1), datetime.date(2027, 1, 1))
    """
    at = 3 + month - 1
    return date(year.start + at // 12, at % 12 + 1, 1)


def days_in(year: FinancialYear, month: int) -> int:
    """Days of a month."""
    day = first_day(year, month)
    return monthrange(day.year, day.month)[1]


def last_month(quarter: int | None) -> int:
    """The last month of a quarter; of the year where none is named.

    Raises:
        ConfigurationError: there is no such quarter.
    """
    if quarter is not None and not 1 <= quarter <= QUARTERS:
        raise ConfigurationError(f"--quarter {quarter}: a year has quarters 1 to {QUARTERS}.")
    return MONTHS if quarter is None else PER_QUARTER * quarter


def quarter_of(month: int) -> int:
    """The quarter that a month lies in."""
    return (month - 1) // PER_QUARTER + 1


def whole_of(year: FinancialYear, month: int, count: MonthlyCount) -> int:
    """How many parts make one person in a month: its days, one snapshot, or two."""
    return {"days": days_in(year, month), "snapshot_day": 1, "average": 2}[count]


def calendar(year: FinancialYear, last: int) -> pd.DataFrame:
    """The months up to one: month, first_day, next_day (the first of the month after), later_day.

    ``later_day`` is the day after the last one that any way of counting looks at: the next month's first.
    """
    rows = [(month, first_day(year, month), first_day(year, month + 1)) for month in range(1, last + 1)]
    table = pd.DataFrame(rows, columns=["month", "first_day", "next_day"])
    later = pd.to_datetime(table["next_day"]) + pd.Timedelta(days=1)
    return table.assign(later_day=later.dt.date)
