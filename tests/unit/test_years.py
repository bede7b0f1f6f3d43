"""Financial years, 1 April to 31 March."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear

pytestmark = pytest.mark.unit


@given(st.integers(1900, 2200))
def test_what_is_written_is_read_back(start: int) -> None:
    year = FinancialYear(start)
    assert FinancialYear.parse(str(year)) == year


def test_the_turn_of_the_century() -> None:
    assert str(FinancialYear(1999)) == "1999/00"
    assert FinancialYear.parse("1999/00").start == 1999


@pytest.mark.parametrize("text", ["2026", "2026/28", "2026-27", "26/27", "2026/2027", "", "2026/27x", "None"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigurationError, match="write it as 2026/27"):
        FinancialYear.parse(text)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_every_day_lies_in_its_year_and_no_other(day: date) -> None:
    year = FinancialYear.containing(day)
    assert year.first_day <= day <= year.last_day
    assert year.previous.last_day + timedelta(days=1) == year.first_day


@pytest.mark.parametrize(("text", "days"), [("2025/26", 365), ("2027/28", 366), ("2023/24", 366), ("2024/25", 365)])
def test_days_of_a_year(text: str, days: int) -> None:
    assert FinancialYear.parse(text).days == days


def test_years_are_ordered() -> None:
    assert FinancialYear(2025) < FinancialYear(2026)
    assert FinancialYear(2026).previous == FinancialYear(2025)
