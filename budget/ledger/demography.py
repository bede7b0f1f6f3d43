"""Demographic growth in two parts: more people, and people of another mix (the method, step 6)."""

from __future__ import annotations

from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.money import half_up
from budget.ledger.balance import Balance
from budget.ledger.year import Year


def demographic_rows(before: Balance, after: Balance, year: Year) -> list[dict[str, object]]:
    """Rows of ``demographic_growth``: what the step moved in each place, numbers apart from mix.

    Numbers are the growth of everyone of the place, ``sum of n1 / sum of n0 - 1``; the rest of ``D / N - 1`` is mix.

    Args:
        before: the balance before demographic growth.
        after: the balance after it.
        year: the year.
    """
    now = after.by_place()
    return [_row(year, place, opening, now[place] - opening) for place, opening in before.by_place().items()]


def _row(year: Year, place: str, opening: int, moved: int) -> dict[str, object]:
    numbers = year.growth[place, UNATTRIBUTED] - 1
    population = half_up(opening * numbers)
    return {
        "financial_year": str(year.year),
        "place": place,
        "opening_pence": opening,
        "population_pence": population,
        "case_mix_pence": moved - population,
        "amount_pence": moved,
        "population_growth": numbers,
        "case_mix_growth": moved / opening - numbers if opening else None,
    }
