"""Prices of an earlier year, brought to the base year by published uplift and efficiency (the method, step 4)."""

from __future__ import annotations

import pyarrow as pa

from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError
from budget.kernel.years import FinancialYear

FACTORS = pa.schema(
    [
        ("service_line", pa.string()),
        ("price_year", pa.string()),
        ("years", pa.string()),
        ("factor", pa.float64()),
    ]
)


def uplift(assumptions: Assumptions, line: str, price_year: FinancialYear, base_year: FinancialYear) -> float:
    """Price of the base year over that of an earlier one: the product over the years between of their net uplift.

    A year's net uplift is its cost uplift less its efficiency: published tariff numbers subtract (the method, step 8).

    Args:
        assumptions: with ``price_cost_uplift`` and ``price_efficiency`` of every year after the price's.
        line: the service line, which may have an efficiency of its own.

    Raises:
        ConfigurationError: a year between has no value.
    """
    factor = 1.0
    for year in years_between(price_year, base_year):
        rise = assumptions.number("price_cost_uplift", year, line=line)
        saved = assumptions.number("price_efficiency", year, line=line)
        factor *= 1 + rise - saved
    return factor


def years_between(price_year: FinancialYear, base_year: FinancialYear) -> tuple[FinancialYear, ...]:
    """The years whose uplift a price lacks: those after its own, the base year included."""
    return tuple(FinancialYear(start) for start in range(price_year.start + 1, base_year.start + 1))


def factors(assumptions: Assumptions, found: list[tuple[str, str]], base_year: FinancialYear) -> pa.Table:
    """The factor of every line and price year in use; one whose years lack a value has no row.

    Args:
        found: service line and price year.
    """
    rows = []
    for line, written in found:
        price_year = FinancialYear.parse(written)
        try:
            factor = uplift(assumptions, line, price_year, base_year)
        except ConfigurationError:
            continue
        years = "; ".join(str(year) for year in years_between(price_year, base_year))
        rows.append({"service_line": line, "price_year": written, "years": years, "factor": factor})
    return pa.Table.from_pylist(rows, schema=FACTORS)
