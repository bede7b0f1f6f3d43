"""A small later extract, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pandas as pd
import pyarrow as pa

from budget.contracts import table
from budget.engine import DuckEngine
from budget.engine.statement import Sql
from budget.kernel.years import FinancialYear
from budget.payment.inyear.months import MonthlyCount
from budget.payment.inyear.people import Counting, ListNews, read_list
from tests.oracle.inyear import Record

YEAR = FinancialYear(2026)
BORN = date(1980, 1, 1)
PLACES = ("Northtown", "Southtown")


def extract(records: Iterable[Record], born: Mapping[str, date | None] | None = None) -> pa.Table:
    """The rows of a later extract, one practice a place."""
    rows = [
        {
            "person_id": record.person,
            "practice_code": record.place,
            "sex": "F",
            "date_of_birth": (born or {}).get(record.person, BORN),
            "registered_on": record.registered_on,
            "deregistered_on": record.left_on,
            "died_on": record.died_on,
            "registration_type": "regular",
            "recorded_on": record.recorded_on,
            "identifier_valid": True,
        }
        for record in records
    ]
    contract = table("registered_list")
    columns = {c.name: pa.array([row.get(c.name) for row in rows], type=c.arrow) for c in contract.columns}
    return pa.table(columns)


def population(people: Mapping[str, tuple[str, str, int]]) -> pd.DataFrame:
    """People of a run: place, segment and age by person."""
    rows = [
        (person, place, segment, "F", age, "registered_resident") for person, (place, segment, age) in people.items()
    ]
    return pd.DataFrame(rows, columns=["person_id", "place", "segment", "sex", "age", "basis"])


def counting(last: int = 12, count: MonthlyCount = "days") -> Counting:
    """Everyone at a known practice counts."""
    return Counting(YEAR, last, count, Sql("case when not identifier_valid or not regular then 1 else 0 end"), (0,))


def news(
    records: Sequence[Record],
    run: Mapping[str, tuple[str, str, int]],
    *,
    last: int = 12,
    count: MonthlyCount = "days",
    born: Mapping[str, date | None] | None = None,
    merges: Mapping[str, str] | None = None,
) -> ListNews:
    """What an extract says of the months of 2026/27."""
    homes = pd.DataFrame({"practice_code": PLACES, "place": PLACES})
    with DuckEngine(threads=1) as engine:
        engine.lend("later_list", extract(records, born))
        engine.lend("population", population(run))
        pairs = list((merges or {}).items())
        engine.lend("later_merges", pd.DataFrame(pairs, columns=["person_id", "replaced_by"]).astype("string"))
        return read_list(engine, homes, counting(last, count))
