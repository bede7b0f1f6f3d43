"""Who counts for a month: people of a month as known at the end of a month, from a later extract of the list.

Person-level work is one SELECT a step (``sql/``) and ends in whole numbers by place, segment, sex and age; those whose
segment is not known are then put into the mix of segments of their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from budget.engine import Engine
from budget.engine.statement import Sql, Statement
from budget.kernel.years import FinancialYear
from budget.payment.inyear.mix import Mix
from budget.payment.inyear.months import MonthlyCount, calendar, whole_of

_SQL = Path(__file__).parent / "sql"
_OLDEST = 90
"""People of this age and over are one year of age: too few are of each for a mix."""

_PARTS: Mapping[MonthlyCount, str] = {
    "snapshot_day": "cast(spell.from_day <= month.first_day and spell.until_day > month.first_day as integer)",
    "days": "greatest(0, date_diff('day', greatest(spell.from_day, month.first_day),"
    " least(spell.until_day, month.next_day)))",
    "average": "(cast(spell.from_day <= month.first_day and spell.until_day > month.first_day as integer)"
    " + cast(spell.from_day <= month.next_day and spell.until_day > month.next_day as integer))",
}
"""How many parts of a month a spell is worth, by way of counting."""

_HOMES = pa.schema([("practice_code", pa.string()), ("place", pa.string())])
_CELL = ["place", "segment"]


@dataclass(frozen=True)
class Counting:
    """How people of months are counted.

    Attributes:
        year: the financial year.
        last: the last month that is looked at, 1 to 12.
        count: ``monthly_count``.
        rule: the rules of who counts, as an SQL expression over the facts of a registration.
        counts: the numbers of the rules by which a registration on a list counts.
    """

    year: FinancialYear
    last: int
    count: MonthlyCount
    rule: Sql
    counts: tuple[int, ...]


@dataclass(frozen=True)
class ListNews:
    """What a later extract says of the months of a year; people may be fractional.

    Attributes:
        people: month, known_month, place, segment, people.
        late: statement_month, month, place, segment, kind (death, leaver, joiner), people (a loss is negative).
        moves: month, known_month, from_place, to_place, segment, people.
        facts: how many people were matched to the run, were new, had grown out of their segment.
    """

    people: pd.DataFrame
    late: pd.DataFrame
    moves: pd.DataFrame
    facts: Mapping[str, int]


def read_list(engine: Engine, homes: pd.DataFrame, counting: Counting) -> ListNews:
    """Count the people of every month from a later extract.

    Args:
        engine: sees ``population`` of the run, ``later_list`` (``registered_list`` with its pseudonyms) and
            ``later_merges``.
        homes: practice_code, place of every practice of the footprint.
        counting: how.
    """
    engine.lend("list_homes", pa.Table.from_pandas(homes, schema=_HOMES, preserve_index=False))
    engine.lend("months", calendar(counting.year, counting.last))
    values = _values(counting)
    for name in ("year_counted", "year_news", "year_spells", "year_people"):
        engine.step(name, Statement.read(_SQL / f"{name}.sql"), **values)
    mix = Mix.of(engine.frame(Statement.read(_SQL / "segment_mix.sql"), **values))

    def asked(name: str) -> pd.DataFrame:
        parts = engine.frame(Statement.read(_SQL / f"{name}.sql"), **values)
        return _as_people(parts, mix, counting)

    people, late, moves = (asked(name) for name in ("people_of_months", "late_news", "moves_of_months"))
    return ListNews(people, late, moves, _facts(engine))


def _values(counting: Counting) -> dict[str, Any]:
    steps = {"counted": "year_counted", "news": "year_news", "spells": "year_spells", "people": "year_people"}
    return {
        **{name: Sql(step) for name, step in steps.items()},
        "rule": counting.rule,
        "counts": counting.counts,
        "first_day": counting.year.first_day,
        # the last snapshot that any way of counting looks at is the first day after the year
        "horizon": counting.year.last_day + timedelta(days=2),
        "last_month": counting.last,
        "oldest": _OLDEST,
        "parts": Sql(_PARTS[counting.count]),
    }


def _as_people(parts: pd.DataFrame, mix: Mix, counting: Counting) -> pd.DataFrame:
    """Parts as people, those without a segment in the mix of their place; added up in a fixed order."""
    whole = {month: whole_of(counting.year, month, counting.count) for month in range(1, counting.last + 1)}
    told = parts.assign(people=parts["parts"] / parts["month"].map(whole))
    placed = mix.place(told, at="to_place" if "to_place" in told else "place")
    keys = [name for name in placed.columns if name not in ("people", "parts", "sex", "age")]
    return placed.groupby(keys, as_index=False)["people"].sum() if len(placed) else placed[[*keys, "people"]]


def _facts(engine: Engine) -> dict[str, int]:
    counts = """
        select
            count(distinct person_id) as people,
            count(distinct case when in_run then person_id end) as matched,
            count(distinct case when in_run and segment is null then person_id end) as grown
        from year_people"""
    found = engine.frame(counts).iloc[0]
    return {str(name): int(value) for name, value in found.items()}
