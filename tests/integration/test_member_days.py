"""Days on the list: every day of the year counts once, for whoever pays that day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from budget.engine import DuckEngine
from tests.support.people import count, practices

pytestmark = pytest.mark.integration

Record = dict[str, Any]

JUNE, JULY, SEPTEMBER = date(2025, 6, 30), date(2025, 7, 1), date(2025, 9, 30)
PRACTICES = [*practices("P1", "P2"), *practices("PX", icb="QYY", place="There")]


def at(practice: str, since: date = date(2019, 5, 1), until: date | None = None, **facts: Any) -> Record:
    return {"practice_code": practice, "registered_on": since, "deregistered_on": until, **facts}


MOVES: dict[str, tuple[list[Record], int | None, dict[str, int]]] = {
    "to another practice of ours": ([at("P1", until=JUNE), at("P2", JULY)], 365, {"QXX": 365}),
    "without leaving": ([at("P1"), at("P2", JULY)], 365, {"QXX": 365}),
    "leaving late": ([at("P1", until=SEPTEMBER), at("P2", JULY)], 365, {"QXX": 365}),
    "ten days later": ([at("P1", until=JUNE), at("P2", date(2025, 7, 11))], 355, {"QXX": 355}),
    "there and back": (
        [at("P1", until=JUNE), at("P2", JULY, SEPTEMBER), at("P1", date(2025, 10, 1))],
        365,
        {"QXX": 365},
    ),
    "away": ([at("P1", until=JUNE), at("PX", JULY)], 91, {"QXX": 91, "QYY": 274}),
    "away without leaving": ([at("P1"), at("PX", JULY)], 91, {"QXX": 91, "QYY": 274}),
    "away and gone": ([at("P1"), at("PX", JULY, SEPTEMBER)], 91, {"QXX": 91, "QYY": 92}),
    "to us": ([at("PX", until=JUNE), at("P1", JULY)], None, {"QXX": 274, "QYY": 91}),
    "on two lists at once": ([at("P1"), at("P2", date(2020, 1, 1))], 365, {"QXX": 365}),
    "on two lists from one day": ([at("P1", JULY), at("P2", JULY)], None, {"QXX": 274}),
    "the same row twice": ([at("P1", until=JUNE), at("P1", until=JUNE)], 91, {"QXX": 91}),
    "from no list": ([at("V81997"), at("P1", JULY)], 365, {"QXX": 365}),
    "to no list": ([at("P1", until=JUNE), at("V81997", JULY)], 365, {"QXX": 365}),
    "from no list to theirs": ([at("V81997"), at("PX", JULY)], 91, {"QXX": 91, "QYY": 274}),
    "on no list between two": (
        [at("P1", until=JUNE), at("V81997", JULY), at("PX", date(2025, 10, 1))],
        183,
        {"QXX": 183, "QYY": 182},
    ),
    "on no list while on one": ([at("P1", until=SEPTEMBER), at("V81997", JULY)], 365, {"QXX": 365}),
    "into the army": ([at("P1", until=JUNE), at("P1", JULY, flags="armed_forces")], 91, {"QXX": 91, "NHSE": 274}),
    "a test is no registration": ([at("P1"), at("PX", JULY, flags="test_patient")], 365, {"QXX": 365}),
    "temporarily away": ([at("P1"), at("PX", JULY, registration_type="temporary")], 365, {"QXX": 365}),
    "an earlier life": ([at("P1"), at("P2", date(2010, 1, 1), date(2018, 1, 1))], 365, {"QXX": 365}),
    "dead in June": ([at("P1", died_on=JULY), at("P2", date(2025, 5, 1), died_on=JULY)], 91, {"QXX": 91}),
}
"""Registrations of one person, their days in the base where they are counted, and days by who pays."""


@pytest.fixture(scope="module")
def moved() -> dict[str, tuple[int | None, dict[str, int]]]:
    """Everybody counted in one run, each for themselves."""
    records = [{"person_id": name} | row for name, (rows, *_) in MOVES.items() for row in rows]
    with DuckEngine() as engine:
        base = count(engine, {"registered_list": records, "practices": PRACTICES})["population_base"]
        stays = engine.frame(
            "select person_id, responsible_commissioner as payer, cast(sum(list_days) as integer) as days "
            "from outcomes where list_days > 0 group by all"
        )
    ours = base.set_index("person_id")["member_days"].to_dict()
    return {
        name: (ours.get(name), stays[stays["person_id"] == name].set_index("payer")["days"].to_dict()) for name in MOVES
    }


@pytest.mark.parametrize("move", MOVES)
def test_a_move_neither_loses_nor_doubles_a_day(moved: dict[str, tuple[int | None, dict[str, int]]], move: str) -> None:
    _, counted, by_payer = MOVES[move]
    assert moved[move] == (counted, by_payer)


@pytest.mark.parametrize(
    ("record", "days"),
    [
        (at("P1"), 366),
        (at("P1", until=date(2028, 2, 28)), 334),
        (at("P1", until=date(2028, 2, 29)), 335),
        (at("P1", died_on=date(2028, 2, 29)), 334),
        (at("P1", died_on=date(2028, 2, 1), died_precision="month"), 320),
    ],
)
def test_a_year_with_a_29th_of_february(record: Record, days: int) -> None:
    with DuckEngine() as engine:
        tables = {"registered_list": [{"person_id": "p"} | record]}
        found = count(engine, tables, base_year="2027/28", snapshot=date(2027, 4, 1))
    assert found["population_base"]["member_days"].tolist() == [days]
    assert found["member_days"]["average_people"].tolist() == [days / 366]


def test_the_average_counts_who_came_and_went_beside_the_snapshot() -> None:
    """One stays, one leaves at the end of June, one joins in July: three people, two of them at the snapshot."""
    records = [
        {"person_id": "stays"} | at("P1"),
        {"person_id": "leaves"} | at("P1", until=JUNE),
        {"person_id": "joins"} | at("P1", JULY),
    ]
    with DuckEngine() as engine:
        (row,) = count(engine, {"registered_list": records})["member_days"].to_dict("records")
    assert (row["people"], row["member_days"], row["average_people"]) == (2, 365 + 91 + 274, 2.0)


def terms(*periods: tuple[str, date, date | None]) -> list[Record]:
    return [
        {"practice_code": "P1", "icb_code": icb, "effective_from": since, "effective_to": until}
        for icb, since, until in periods
    ]


LONG_AGO = date(2000, 1, 1)


@pytest.mark.parametrize(
    ("periods", "days"),
    [
        ([("QXX", LONG_AGO, None)], 365),
        ([("QXX", LONG_AGO, JUNE), ("QYY", JULY, None)], 91),
        ([("QXX", LONG_AGO, JUNE), ("QXX", JULY, None)], 365),
        ([("QXX", LONG_AGO, JUNE), ("QXX", JULY, SEPTEMBER), ("QYY", date(2025, 10, 1), None)], 183),
        ([("QXX", LONG_AGO, JUNE), ("QXX", date(2025, 8, 1), None)], 91),
        ([("QYY", LONG_AGO, date(2025, 3, 31)), ("QXX", date(2025, 4, 1), None)], 365),
    ],
    ids=["never changes", "leaves us", "renewed", "renewed, then leaves us", "nobody's for a month", "newly ours"],
)
def test_days_last_as_long_as_the_practice_is_ours(periods: list[tuple[str, date, date | None]], days: int) -> None:
    tables = {
        "registered_list": [{"person_id": "p"}],
        "practices": practices("P1"),
        "practice_commissioners": terms(*periods),
    }
    with DuckEngine() as engine:
        assert count(engine, tables)["population_base"]["member_days"].tolist() == [days]


def test_days_begin_when_the_practice_becomes_ours() -> None:
    """Seen from the autumn, a practice that was another's until June has been ours since July."""
    tables = {
        "registered_list": [{"person_id": "p"}],
        "practices": practices("P1"),
        "practice_commissioners": terms(("QYY", LONG_AGO, JUNE), ("QXX", JULY, None)),
    }
    with DuckEngine() as engine:
        found = count(engine, tables, snapshot=date(2025, 10, 1))
    assert found["population_base"]["member_days"].tolist() == [274]


def test_a_move_to_a_practice_that_opens_later_loses_no_day() -> None:
    opened = practices("P2", opened_on=JULY)
    new = {"practice_code": "P2", "icb_code": "QXX", "effective_from": JULY, "effective_to": None}
    tables = {
        "registered_list": [{"person_id": "p"} | at("P1", until=JUNE), {"person_id": "p"} | at("P2", JULY)],
        "practices": [*practices("P1"), *opened],
        "practice_commissioners": [*terms(("QXX", LONG_AGO, None)), new],
    }
    with DuckEngine() as engine:
        assert count(engine, tables)["population_base"]["member_days"].tolist() == [365]


LAST_JUNE, LAST_JULY, LAST_OCTOBER = date(2024, 6, 30), date(2024, 7, 1), date(2024, 10, 1)
CARE: dict[str, tuple[list[Record], int, int]] = {
    "there all along": ([at("P1")], 365, 365),
    "born in December": ([at("P1", date(2024, 12, 31), date_of_birth=date(2024, 12, 31))], 91, 365),
    "born on the snapshot": ([at("P1", date(2025, 4, 1), date_of_birth=date(2025, 4, 1))], 0, 365),
    "dies in May after it": ([at("P1", died_on=date(2025, 5, 16))], 365, 45),
    "between two of ours": ([at("P1", until=LAST_JUNE), at("P2", LAST_JULY)], 365, 365),
    "between two of ours without leaving": ([at("P1"), at("P2", LAST_JULY)], 365, 365),
    "from elsewhere": ([at("PX", until=LAST_JUNE), at("P1", LAST_JULY)], 274, 365),
    "from no list": ([at("V81997"), at("P1", LAST_JULY)], 365, 365),
    "away, back in October": ([at("P1", until=LAST_JUNE), at("P1", LAST_OCTOBER)], 273, 365),
    "elsewhere, back in October": (
        [at("P1", until=LAST_JUNE), at("PX", LAST_JULY, date(2024, 9, 30)), at("P2", LAST_OCTOBER)],
        273,
        365,
    ),
    "away, back on the snapshot": ([at("P1", until=LAST_JUNE), at("P2", date(2025, 4, 1))], 91, 365),
    "elsewhere meanwhile": ([at("P1"), at("PX", LAST_JULY, date(2024, 9, 30))], 91, 365),
    "elsewhere before": ([at("PX", until=date(2024, 3, 31)), at("P1", date(2024, 4, 1))], 365, 365),
    "moves away in the base year": ([at("P1"), at("P2", JULY, SEPTEMBER)], 365, 183),
    "both years": ([at("P1", until=LAST_JUNE), at("P2", LAST_JULY, JUNE)], 365, 91),
    "the same row twice": ([at("P1", until=LAST_JUNE), at("P1", until=LAST_JUNE), at("P2", LAST_JULY)], 365, 365),
}
"""Registrations of one person who is counted on 1 April 2025, days in the year before, and days in the year after."""


@pytest.fixture(scope="module")
def cared_for() -> dict[str, tuple[int, int]]:
    """Everybody's days of the year of care and of the base year, counted in one run."""
    records = [{"person_id": name} | row for name, (rows, *_) in CARE.items() for row in rows]
    with DuckEngine() as engine:
        tables = {"registered_list": records, "practices": PRACTICES}
        base = count(engine, tables, activity_year="2024/25")["population_base"]
    return dict(zip(base["person_id"], zip(base["care_days"], base["member_days"], strict=True), strict=True))


@pytest.mark.parametrize("case", CARE)
def test_days_in_the_year_of_care(cared_for: dict[str, tuple[int, int]], case: str) -> None:
    _, *days = CARE[case]
    assert cared_for[case] == tuple(days)


def test_days_of_care_under_an_identifier_that_was_replaced() -> None:
    records = [{"person_id": "old"} | at("P1", until=LAST_JUNE), {"person_id": "new"} | at("P2", LAST_JULY)]
    tables = {"registered_list": records, "person_merges": [{"person_id": "old", "replaced_by": "new"}]}
    with DuckEngine() as engine:
        assert count(engine, tables, activity_year="2024/25")["population_base"]["care_days"].tolist() == [365]


def test_days_of_care_begin_when_the_practice_becomes_ours() -> None:
    tables = {
        "registered_list": [{"person_id": "p"}],
        "practices": practices("P1"),
        "practice_commissioners": terms(("QYY", LONG_AGO, date(2024, 9, 30)), ("QXX", LAST_OCTOBER, None)),
    }
    with DuckEngine() as engine:
        found = count(engine, tables, activity_year="2024/25")["population_base"]
    assert found[["care_days", "member_days"]].values.tolist() == [[182, 365]]


def test_a_year_of_care_with_a_29th_of_february() -> None:
    with DuckEngine() as engine:
        found = count(engine, {"registered_list": [{"person_id": "p"}]}, activity_year="2023/24")["population_base"]
    assert found[["care_days", "member_days"]].values.tolist() == [[366, 365]]
