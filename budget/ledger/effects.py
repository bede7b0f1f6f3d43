"""What each other way of counting people would do to the first budget year's allocations, in pounds."""

from __future__ import annotations

from itertools import takewhile

import pandas as pd

from budget.ledger.balance import Balance
from budget.ledger.book import ALLOCATED
from budget.ledger.growth import growth_of
from budget.ledger.steps import STEPS
from budget.ledger.target import solved_pace
from budget.ledger.year import Year

_ADJUSTMENT = "list_inflation_adjustment"


def population_effects(
    alternatives: pd.DataFrame, people: pd.DataFrame, adjustment: str, opening: Balance, year: Year
) -> pd.DataFrame:
    """Allocations under every alternative, less those under the assumptions of the run.

    Need a head stays as it is: an alternative changes how many people a place and a segment have. How list inflation
    is met weighs places alone, and leaves the growth of their segments as it is.

    Args:
        alternatives: ``segment_people_alternatives``.
        people: ``segment_people``.
        adjustment: how the run meets list inflation.
        opening: the empty balance that the year starts from.
        year: the first budget year.

    Returns:
        The columns of ``population_effects``.
    """
    counted = _two_years(people, year)
    way = ["assumption", "alternative"]
    wide = _two_years(alternatives, year, *way)
    ways = {key: rows.droplevel(way) for key, rows in wide.groupby(level=way)}
    chosen = _allocations(opening, year.afresh())
    tables = []
    for (assumption, alternative), other in ways.items():  # type: ignore[misc]
        weighs = assumption == _ADJUSTMENT
        now = ways[_ADJUSTMENT, adjustment] if weighs else counted
        growth = year.growth if weighs else year.growth | growth_of(other["now"], other["before"])
        compared = _compare(other, now, growth, opening, year, chosen)
        tables.append(compared.assign(assumption=assumption, alternative=alternative))
    return pd.concat(tables, ignore_index=True).assign(financial_year=str(year.year))


def _two_years(people: pd.DataFrame, year: Year, *keys: str) -> pd.DataFrame:
    """People ``now`` (in the year) and ``before`` (in the year before), by some keys, place and segment."""
    names = {str(year.year): "now", str(year.year.previous): "before"}
    both = people[people["financial_year"].isin(list(names))]
    wide = both.pivot(index=[*keys, "place", "segment"], columns="financial_year", values="people")
    return wide.rename(columns=names)


def _compare(
    other: pd.DataFrame,
    people: pd.DataFrame,
    growth: dict[tuple[str, str], float],
    opening: Balance,
    year: Year,
    chosen: pd.Series,
) -> pd.DataFrame:
    heads, heads_now = (rows["now"].groupby(level="place").sum() for rows in (other, people))
    ratio = (heads / heads_now).reindex(year.weighted_people.index)
    changed = year.afresh(weighted_people=year.weighted_people * ratio, growth=growth)
    allocation = _allocations(opening, changed)
    change = (allocation - chosen).astype("int64")
    people_change = (heads - heads_now).reindex(allocation.index)
    per_hundred = (change / people_change * 100).where(people_change.abs() > 1e-6)
    return pd.DataFrame(
        {
            "place": allocation.index,
            "people": heads.reindex(allocation.index).to_numpy(),
            "people_change": people_change.to_numpy(),
            "allocation_pence": allocation.to_numpy(),
            "change_pence": change.to_numpy(),
            "pence_per_hundred": per_hundred.to_numpy(),
        }
    )


def _allocations(opening: Balance, year: Year) -> pd.Series:
    """Pence by place after the pace of change; nothing is booked on the way."""
    balance = opening
    for step in takewhile(lambda step: step.name != ALLOCATED, STEPS):
        balance = balance.estimated(step.apply(balance, year).exact)
    return solved_pace(balance, year).set_index("place")["allocation_pence"].loc[list(opening.tree.places)]
