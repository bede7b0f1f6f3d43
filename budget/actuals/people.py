"""People of the year's months from what was handed over: a later extract of the list, or counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from budget.actuals.folder import Handed
from budget.engine import Engine
from budget.kernel.years import FinancialYear
from budget.payment.inyear.months import MonthlyCount
from budget.payment.inyear.people import Counting, ListNews, read_list
from budget.population.practices import practice_homes
from budget.population.rules import CommissionerRules

_MOVES = ["month", "known_month", "from_place", "to_place", "segment", "people"]
_LATE = ["statement_month", "month", "place", "segment", "kind", "people"]


def news_of_list(
    engine: Engine, handed: Handed, rules: Path, snapshot: date, year: FinancialYear, last: int, count: MonthlyCount
) -> ListNews:
    """Count people from a later extract of the list, by the rules of the run.

    Args:
        engine: sees ``population`` of the run, ``later_list`` and ``later_merges``.
        handed: the actuals.
        rules: the rules of responsible commissioner of the run.
        snapshot: day on which the run counted people, whose rules hold.
        year: the budget year.
        last: the last month.
        count: ``monthly_count``.
    """
    known = CommissionerRules.read(rules).on(snapshot)
    homes = homes_of(engine, handed, year)
    return read_list(engine, homes, Counting(year, last, count, known.rule, known.which("counted")))


def homes_of(engine: Engine, handed: Handed, year: FinancialYear) -> pd.DataFrame:
    """Practice and place: those handed over with the actuals, else those of the run's people."""
    if "practices" in handed.frames:
        homes = practice_homes(handed.frames["practices"], None, year.last_day)
        places = set(engine.frame("select distinct place from population")["place"])
        return homes.loc[homes["place"].isin(places), ["practice_code", "place"]]
    found = engine.frame(
        "select practice_code, place, count(*) as people from population where practice_code is not null group by all"
    )
    largest = found.sort_values(["practice_code", "people", "place"], ascending=[True, False, True])
    return largest.drop_duplicates("practice_code")[["practice_code", "place"]]


def news_of_counts(people: pd.DataFrame, last: int) -> ListNews:
    """People of months as they were counted elsewhere: known when their month was over, and never put right.

    Args:
        people: ``actual_people``.
        last: the last month.
    """
    here = people[people["month"] <= last]
    known = pd.DataFrame(
        [(m, k) for k in range(1, last + 1) for m in range(1, k + 1)], columns=["month", "known_month"]
    )
    table = here.merge(known, on="month")[["month", "known_month", "place", "segment", "people"]]
    return ListNews(table, pd.DataFrame(columns=_LATE), pd.DataFrame(columns=_MOVES), {})


def listed_people(engine: Engine) -> pd.DataFrame:
    """People on a list as the run counted them: place, segment, people."""
    return engine.frame(
        "select place, segment, count(*) as people from population where basis <> 'unregistered_resident' group by all"
        " order by all"
    )


def of_list(engine: Engine, homes: pd.DataFrame) -> dict[str, int]:
    """What the later extract is like: rows, rows with a day on which they were recorded, of practices nobody knows."""
    engine.lend("known_homes", homes)
    counts = """
        select
            count(*) as rows,
            count(recorded_on) as recorded,
            count(case when home.practice_code is null then 1 end) as strangers
        from later_list as list
        left join known_homes as home on home.practice_code = list.practice_code"""
    return {str(name): int(value) for name, value in engine.frame(counts).iloc[0].items()}
