"""Late news: the SELECTs agree with plain loops, and statements add up to what full knowledge would have paid."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from budget.payment.inyear.list_change import change_to_date, in_two_parts, months_known, price_late_news
from budget.payment.inyear.months import MonthlyCount
from budget.payment.inyear.pennies import booked
from budget.payment.inyear.people import ListNews
from tests.oracle.inyear import Record, people
from tests.support.inyear import PLACES, YEAR, news

pytestmark = pytest.mark.unit

PERSONS = tuple(f"person{n}" for n in range(150))
RUN = {name: (PLACES[n % 2], "AMW" if n % 3 else "OA", 46) for n, name in enumerate(PERSONS)}
SEGMENTS = {name: segment for name, (_, segment, _) in RUN.items()}
ANN = {"ann": (PLACES[0], "AMW", 46)}
Told = tuple[MonthlyCount, list[Record], ListNews]
COUNTS: tuple[MonthlyCount, ...] = ("days", "snapshot_day", "average")


def extract_of(seed: int) -> list[Record]:
    """Up to three registrations a person, with ends, deaths and days on which they became known."""
    rng = random.Random(seed)
    return [record for person in PERSONS for record in _registrations(person, rng)]


def _registrations(person: str, rng: random.Random) -> list[Record]:
    found = []
    for start in {date(2026, 3, 1) + timedelta(days=rng.randrange(400)) for _ in range(rng.randint(1, 3))}:
        ended = start + timedelta(days=rng.randrange(200)) if rng.random() < 0.6 else None
        died = ended is not None and rng.random() < 0.4
        late = timedelta(days=rng.randrange(120))
        recorded = (ended or start) + late if rng.random() < 0.7 else None
        record = Record(person, rng.choice(PLACES), start, None if died else ended, ended if died else None, recorded)
        found.append(record)
        if recorded and rng.random() < 0.2:  # what was recorded of an end is put right some weeks after
            found.append(replace(record, left_on=None, died_on=None, recorded_on=recorded + timedelta(days=45)))
    return found


@pytest.fixture(scope="module", params=COUNTS)
def told(request: pytest.FixtureRequest) -> Told:
    records = extract_of(COUNTS.index(request.param))
    return request.param, records, news(records, RUN, count=request.param)


def test_people_of_months_agree_with_plain_loops(told: Told) -> None:
    count, records, answer = told
    found = {tuple(row[:4]): row[4] for row in answer.people.itertuples(index=False)}
    expected = {key: value for key, value in people(records, SEGMENTS, 12, count, YEAR).items() if value}
    assert found == pytest.approx(expected)


def test_late_news_is_what_is_known_later_less_what_was_known_before(told: Told) -> None:
    answer = told[2]
    keys = ["month", "place", "segment"]
    known = answer.people.pivot_table(index=keys, columns="known_month", values="people", aggfunc="sum").fillna(0.0)
    late = answer.late.groupby(["statement_month", *keys])["people"].sum()
    moved = 0
    for cell, row in known.iterrows():
        for statement in range(int(cell[0]) + 1, 13):
            step = row.get(statement, 0.0) - row.get(statement - 1, 0.0)
            assert late.get((statement, *cell), 0.0) == pytest.approx(step, abs=1e-9)
            moved += step != 0
    assert moved > 20
    assert set(answer.late["kind"]) == {"death", "leaver", "joiner"}
    assert (answer.late.loc[answer.late["kind"] == "joiner", "people"] > 0).all()
    assert (answer.late.loc[answer.late["kind"] != "joiner", "people"] < 0).all()


def cells(rate: float = 123_456.78) -> pd.DataFrame:
    rows = [(place, segment, 2.0, rate * n, False) for place in PLACES for n, segment in enumerate(("AMW", "OA"), 1)]
    table = pd.DataFrame(rows, columns=["place", "segment", "planned_people", "rate_pence", "held"])
    return table.assign(wpap_pence=1)


def test_statements_add_up_to_what_full_knowledge_would_have_paid(told: Told) -> None:
    answer, plan = told[2], cells()
    known = months_known(plan, answer.people, 12)
    parts = in_two_parts(change_to_date(known), price_late_news(answer.late, plan))
    last = parts[parts["known_month"] == 12].set_index(["place", "segment"])
    full = known[known["known_month"] == 12]
    exact = ((full["people"] - full["planned_people"]) * full["rate_pence"] / 12).groupby(
        [full["place"], full["segment"]]
    )
    for cell, pence in exact.sum().items():
        assert last.loc[cell, "change_pence"] == booked(pd.Series([pence]))[0]
        assert last.loc[cell, "first_pence"] + last.loc[cell, "late_pence"] == last.loc[cell, "change_pence"]
    late = price_late_news(answer.late, plan).groupby(["place", "segment"])["amount_pence"].sum()
    for cell, pence in late.items():
        assert last.loc[cell, "late_pence"] == pence


def test_a_death_reported_late_is_taken_back_to_its_day() -> None:
    records = [Record("ann", PLACES[0], date(2020, 1, 1), died_on=date(2026, 4, 16), recorded_on=date(2026, 6, 5))]
    told = news(records, ANN, last=3)
    found = told.people.set_index(["month", "known_month"])["people"]
    assert found.to_dict() == {(1, 1): 1.0, (1, 2): 1.0, (2, 2): 1.0, (1, 3): 0.5}
    late = told.late[["statement_month", "month", "kind", "people"]].to_dict("records")
    assert late == [
        {"statement_month": 3, "month": 1, "kind": "death", "people": -0.5},
        {"statement_month": 3, "month": 2, "kind": "death", "people": -1.0},
    ]


def test_a_move_is_a_leaver_there_and_a_joiner_here() -> None:
    records = [
        Record("ann", PLACES[0], date(2020, 1, 1), left_on=date(2026, 4, 30), recorded_on=date(2026, 6, 5)),
        Record("ann", PLACES[1], date(2026, 5, 1), recorded_on=date(2026, 6, 5)),
    ]
    told = news(records, ANN, last=3)
    late = told.late[told.late["month"] == 2].set_index("kind")
    assert late["place"].to_dict() == {"leaver": PLACES[0], "joiner": PLACES[1]}
    assert late["people"].to_dict() == {"leaver": -1.0, "joiner": 1.0}
    assert told.moves[["month", "from_place", "to_place", "people"]].to_dict("records") == [
        {"month": 2, "from_place": PLACES[0], "to_place": PLACES[1], "people": 1.0},
        {"month": 3, "from_place": PLACES[0], "to_place": PLACES[1], "people": 1.0},
    ]


def test_newcomers_are_put_into_the_mix_of_their_place_and_nobody_is_lost() -> None:
    run = {"a": ("Northtown", "AMW", 46), "b": ("Northtown", "AMW", 46), "c": ("Northtown", "ACX", 46)}
    run |= {"d": ("Northtown", "OA", 80), "e": ("Southtown", "OA", 80)}
    records = [Record(name, PLACES[0], date(2026, 4, 1)) for name in ("new", "ancient", "unborn")]
    born = {"ancient": date(1900, 1, 1), "unborn": None}
    told = news(records, run, last=1, born=born).people.set_index("segment")["people"]
    assert told.to_dict() == pytest.approx({"AMW": 2 / 3 + 1.0, "ACX": 1 / 3 + 0.5, "OA": 0.5})
    assert told.sum() == pytest.approx(3.0)


def test_who_has_grown_out_of_a_segment_is_put_into_the_mix() -> None:
    run = {f"child{n}": ("Northtown", "U5", 4) for n in range(3)} | {"older": ("Northtown", "CMW", 5)}
    records = [Record("child0", PLACES[0], date(2022, 1, 1)), Record("child1", PLACES[0], date(2022, 1, 1))]
    told = news(records, run, last=1, born={"child0": date(2021, 3, 31), "child1": date(2021, 4, 2)})
    assert told.people.set_index("segment")["people"].to_dict() == {"CMW": 1.0, "U5": 1.0}
    assert told.facts == {"people": 2, "matched": 2, "grown": 1}


def test_a_replaced_identifier_is_followed() -> None:
    told = news([Record("old", PLACES[0], date(2020, 1, 1))], ANN, last=1, merges={"old": "ann"})
    assert told.facts["matched"] == 1
