"""Whose care people with a stay were: the same days as days on the list, but for births and deaths."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from budget.engine import DuckEngine
from tests.integration.test_member_days import JULY, JUNE, MOVES, PRACTICES, Record, at
from tests.support.people import count

pytestmark = pytest.mark.integration

FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
STAY = {"activity_date": date(2025, 6, 25), "ended_on": date(2025, 7, 4), "service_line": "acute_nonelective"}


def terms_of(records: list[Record], people: list[str], **tables: Any) -> pd.DataFrame:
    """The terms of people who each have one stay."""
    stays = [{"person_id": person} | STAY for person in people]
    with DuckEngine() as engine:
        given: dict[str, Any] = {"registered_list": records, "practices": PRACTICES, "activity": stays} | tables
        return count(engine, given)["commissioner_terms"]


def only(records: list[Record], **tables: Any) -> list[tuple[Any, ...]]:
    """The terms of one person: who, from, to."""
    found = terms_of([{"person_id": "p"} | record for record in records], ["p"], **tables)
    rows = found.sort_values("begins_on")[["commissioner", "begins_on", "ends_on"]].itertuples(index=False)
    return [(row[0], day(row[1]), day(row[2])) for row in rows]


def day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


@pytest.fixture(scope="module")
def moved() -> pd.DataFrame:
    records = [{"person_id": name} | row for name, (rows, *_) in MOVES.items() for row in rows]
    return terms_of(records, list(MOVES))


@pytest.mark.parametrize("move", sorted(MOVES.keys() - {"dead in June"}))
def test_the_days_of_the_year_are_those_on_the_list(moved: pd.DataFrame, move: str) -> None:
    found: dict[str, int] = {}
    for row in moved[moved["person_id"] == move].itertuples():
        begins, ends = max(day(row.begins_on) or FIRST, FIRST), min(day(row.ends_on) or LAST, LAST)
        found[row.commissioner] = found.get(row.commissioner, 0) + max(0, (ends - begins).days + 1)
    assert {payer: days for payer, days in found.items() if days} == MOVES[move][2]


def test_no_day_is_two_commissioners(moved: pd.DataFrame) -> None:
    for _, own in moved.sort_values(["person_id", "begins_on"]).groupby("person_id"):
        ends = [day(end) or date.max for end in own["ends_on"]]
        begins = [pd.Timestamp(begin).date() for begin in own["begins_on"]]
        assert all(end < begin for end, begin in zip(ends, begins[1:], strict=False))


def test_years_before_and_after_are_there_as_well() -> None:
    records = [at("PX", date(2010, 1, 1), date(2019, 4, 30)), at("P1")]
    assert only(records) == [
        ("QYY", date(2010, 1, 1), date(2019, 4, 30)),
        ("QXX", date(2019, 5, 1), None),
    ]


def test_a_death_ends_nothing() -> None:
    assert only([at("P1", died_on=JULY)]) == [("QXX", date(2019, 5, 1), None)]


@pytest.mark.parametrize(
    ("born", "registered", "since"),
    [
        (date(2025, 6, 25), JULY, date(2025, 6, 25)),
        (date(2025, 6, 25), date(2026, 6, 25), date(2025, 6, 25)),
        (date(2025, 6, 24), date(2026, 6, 25), date(2026, 6, 25)),
        (date(2025, 7, 2), JULY, JULY),
    ],
)
def test_a_childs_first_list_speaks_for_it_since_birth(born: date, registered: date, since: date) -> None:
    (term,) = only([at("P1", registered, date_of_birth=born)])
    assert term == ("QXX", since, None)


def test_a_childs_second_list_does_not() -> None:
    born = date(2025, 5, 1)
    records = [at("PX", date(2025, 5, 10), JUNE, date_of_birth=born), at("P1", JULY, date_of_birth=born)]
    assert only(records) == [("QYY", born, JUNE), ("QXX", JULY, None)]


@pytest.mark.parametrize(
    ("handed_over", "term"),
    [
        (date(2025, 2, 1), ("QXX", date(2025, 2, 1), None)),
        (date(2025, 7, 1), ("QYY", date(2019, 5, 1), date(2025, 6, 30))),
    ],
)
def test_a_practice_is_its_commissioners_of_the_snapshot_while_it_is(handed_over: date, term: tuple[Any, ...]) -> None:
    long_ago, day_before = date(2000, 1, 1), handed_over - timedelta(days=1)
    contracts = [
        {"practice_code": "P1", "icb_code": "QYY", "effective_from": long_ago, "effective_to": day_before},
        {"practice_code": "P1", "icb_code": "QXX", "effective_from": handed_over},
        {"practice_code": "P2", "icb_code": "QXX", "effective_from": long_ago},
        {"practice_code": "PX", "icb_code": "QYY", "effective_from": long_ago},
    ]
    assert only([at("P1")], practice_commissioners=contracts) == [term]


def test_replaced_identifiers_count_for_the_one_that_survives() -> None:
    merges = [{"person_id": "old", "replaced_by": "new"}]
    found = terms_of([{"person_id": "new"} | at("P1")], ["old"], person_merges=merges)
    assert found["person_id"].tolist() == ["new"]


def test_people_without_a_stay_are_not_there() -> None:
    assert terms_of([{"person_id": "p"} | at("P1")], ["somebody else"]).empty
    assert terms_of([{"person_id": "p"} | at("P1")], []).empty
