"""Financial years, 1 April to 31 March: written ``2026/27``, one type everywhere."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from budget.kernel.errors import ConfigurationError

_WRITTEN = re.compile(r"^(\d{4})/(\d{2})$")


@dataclass(frozen=True, order=True)
class FinancialYear:
    """A financial year of the English public sector.

    >>> FinancialYear.parse("2027/28").days
    366
    """

    start: int

    @classmethod
    def parse(cls, text: str) -> FinancialYear:
        """Read ``2026/27``.

        Raises:
            ConfigurationError: the text is not a financial year.
        """
        match = _WRITTEN.match(str(text).strip())
        if not match or (int(match[1]) + 1) % 100 != int(match[2]):
            raise ConfigurationError(f"'{text}' is not a financial year; write it as 2026/27.")
        return cls(int(match[1]))

    @classmethod
    def containing(cls, day: date) -> FinancialYear:
        """The financial year that a day falls in."""
        return cls(day.year if (day.month, day.day) >= (4, 1) else day.year - 1)

    @property
    def first_day(self) -> date:
        """1 April."""
        return date(self.start, 4, 1)

    @property
    def last_day(self) -> date:
        """31 March."""
        return date(self.start + 1, 3, 31)

    @property
    def days(self) -> int:
        """365, or 366 where the year holds a 29 February."""
        return (self.last_day - self.first_day).days + 1

    @property
    def previous(self) -> FinancialYear:
        """The year before."""
        return FinancialYear(self.start - 1)

    def __str__(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02d}"


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter.

    >>> months_before(date(2024, 3, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
