"""Where each practice's list is counted, and whose it is: successors, and the dated map."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.population.practices import practice_homes
from tests.support.people import arrow, practices

pytestmark = pytest.mark.unit

Row = dict[str, Any]

SNAPSHOT = date(2025, 4, 1)
LONG_AGO = date(2000, 1, 1)


def homes(rows: list[Any], terms: list[Row] | None = None, snapshot: date = SNAPSHOT) -> pd.DataFrame:
    frames = [
        None if given is None else arrow(name, given).to_pandas(date_as_object=True)
        for name, given in (("practices", rows), ("practice_commissioners", terms))
    ]
    return practice_homes(frames[0], frames[1], snapshot).set_index("practice_code")  # type: ignore[arg-type]


def closed(code: str, successor: str, on: date | None = date(2024, 12, 31), **facts: Any) -> Row:
    (row,) = practices(code, successor_code=successor, closed_on=on, **facts)
    return dict(row)


def term(code: str, icb: str = "QXX", since: date = LONG_AGO, until: date | None = None) -> Row:
    return {"practice_code": code, "icb_code": icb, "effective_from": since, "effective_to": until}


def refused(stop: pytest.ExceptionInfo[RunStopped]) -> tuple[str, str, tuple[str, ...]]:
    (check,) = stop.value.failures
    return check.check_id, check.table, check.keys


class TestSuccessors:
    def test_a_practice_without_a_successor_keeps_its_list(self) -> None:
        found = homes(practices("P1", "P2"))
        assert found["counted_code"].to_dict() == {"P1": "P1", "P2": "P2"}

    def test_a_chain_is_followed_to_its_end(self) -> None:
        chain = [closed("A", "B"), closed("B", "C"), *practices("C", place="Near", icb="QYY")]
        found = homes(chain)
        assert found["counted_code"].to_dict() == {"A": "C", "B": "C", "C": "C"}
        assert set(found["place"]) == {"Near"}, "the list is counted where its successor is"
        assert set(found["icb_code"]) == {"QYY"}

    @pytest.mark.parametrize(
        ("closes", "counted"),
        [
            (None, "B"),
            (date(2020, 1, 1), "B"),
            (date(2025, 3, 31), "B"),
            (date(2025, 4, 1), "A"),
            (date(2025, 4, 2), "A"),
            (date(2030, 1, 1), "A"),
        ],
    )
    def test_a_practice_that_is_still_open_keeps_its_list(self, closes: date | None, counted: str) -> None:
        assert homes([closed("A", "B", closes), *practices("B")])["counted_code"]["A"] == counted

    def test_a_chain_stops_at_a_practice_that_is_still_open(self) -> None:
        found = homes([closed("A", "B"), closed("B", "C", date(2025, 9, 30)), *practices("C")])
        assert found["counted_code"].to_dict() == {"A": "B", "B": "B", "C": "C"}

    @pytest.mark.parametrize(
        "circle",
        [
            [closed("A", "A")],
            [closed("A", "B"), closed("B", "A")],
            [closed("A", "B"), closed("B", "C"), closed("C", "B")],
        ],
        ids=["itself", "two", "two that another leads to"],
    )
    def test_a_circle_is_refused(self, circle: list[Row]) -> None:
        with pytest.raises(RunStopped, match="no chain of successors comes back") as stop:
            homes(circle)
        check_id, table, keys = refused(stop)
        assert (check_id, table) == ("P34", "practices")
        assert set(keys) <= {"A", "B", "C"}

    def test_a_successor_that_nobody_knows_is_refused(self) -> None:
        with pytest.raises(RunStopped, match="successor is itself one of the practices") as stop:
            homes([closed("A", "NOWHERE"), closed("B", "NOBODY"), *practices("C")])
        assert refused(stop) == ("P34", "practices", ("NOBODY", "NOWHERE"))

    def test_an_unknown_successor_of_a_practice_that_is_still_open_can_wait(self) -> None:
        assert homes([closed("A", "NOWHERE", date(2026, 1, 1))])["counted_code"].tolist() == ["A"]


class TestDatedMap:
    def test_without_a_map_the_practices_name_their_icb_for_good(self) -> None:
        found = homes([*practices("P1"), *practices("PX", icb="QYY")])
        assert found["icb_code"].to_dict() == {"P1": "QXX", "PX": "QYY"}
        assert found[["term_from", "term_until"]].isna().all(axis=None)

    @pytest.mark.parametrize(
        ("snapshot", "icb", "first", "after"),
        [
            (date(2024, 9, 30), "QYY", LONG_AGO, date(2024, 10, 1)),
            (date(2024, 10, 1), "QXX", date(2024, 10, 1), date(2026, 1, 1)),
            (date(2025, 12, 31), "QXX", date(2024, 10, 1), date(2026, 1, 1)),
            (date(2026, 1, 1), "QZZ", date(2026, 1, 1), None),
        ],
    )
    def test_the_term_of_the_snapshot_counts_and_its_last_day_belongs_to_it(
        self, snapshot: date, icb: str, first: date, after: date | None
    ) -> None:
        terms = [
            term("P1", "QZZ", date(2026, 1, 1)),
            term("P1", "QYY", LONG_AGO, date(2024, 9, 30)),
            term("P1", "QXX", date(2024, 10, 1), date(2025, 12, 31)),
        ]
        row = homes(practices("P1", icb="ignored"), terms, snapshot).loc["P1"]
        assert (row["icb_code"], row["term_from"], row["term_until"]) == (icb, first, after)

    def test_terms_that_follow_each_other_with_one_icb_are_one(self) -> None:
        terms = [
            term("P1", "QXX", LONG_AGO, date(2025, 6, 30)),
            term("P1", "QXX", date(2025, 7, 1), date(2025, 9, 30)),
            term("P1", "QXX", date(2025, 11, 1)),
            term("P2", "QXX", date(2025, 10, 1)),
            term("P2", "QYY", LONG_AGO, date(2025, 9, 30)),
        ]
        found = homes(practices("P1", "P2"), terms)
        assert found.loc["P1", ["term_from", "term_until"]].tolist() == [LONG_AGO, date(2025, 10, 1)]
        assert found.loc["P2", ["icb_code", "term_until"]].tolist() == ["QYY", date(2025, 10, 1)]

    def test_a_closed_practice_has_the_term_of_its_successor(self) -> None:
        terms = [term("A", "QYY", LONG_AGO, date(2024, 12, 31)), term("B", "QXX", date(2010, 1, 1))]
        found = homes([closed("A", "B"), *practices("B")], terms)
        assert found.loc["A", ["icb_code", "term_from"]].tolist() == ["QXX", date(2010, 1, 1)]

    def test_a_practice_that_opens_later_has_its_first_term(self) -> None:
        new = practices("P2", opened_on=date(2025, 7, 1))
        later = [term("P2", "QXX", date(2025, 7, 1), date(2025, 12, 31)), term("P2", "QYY", date(2026, 1, 1))]
        row = homes([*practices("P1"), *new], [term("P1"), *later]).loc["P2"]
        assert (row["icb_code"], row["term_from"]) == ("QXX", date(2025, 7, 1))

    def test_a_practice_that_has_closed_needs_no_term(self) -> None:
        gone = practices("P0", closed_on=date(2024, 1, 1))
        assert pd.isna(homes([*practices("P1"), *gone], [term("P1")])["icb_code"]["P0"])

    @pytest.mark.parametrize(
        "terms",
        [
            [term("P1")],
            [term("P1"), term("P2", until=date(2025, 3, 31))],
            [term("P1"), term("P2", since=date(2025, 4, 2))],
            [term("P1"), term("P2", until=date(2025, 3, 1)), term("P2", "QYY", date(2025, 5, 1))],
        ],
        ids=["never", "until the day before", "from the day after", "a gap"],
    )
    def test_an_open_practice_that_the_map_leaves_out_is_refused(self, terms: list[Row]) -> None:
        with pytest.raises(RunStopped, match="every practice open on 2025-04-01 belongs to an ICB that day") as stop:
            homes(practices("P1", "P2"), terms)
        assert refused(stop) == ("P35", "practice_commissioners", ("P2",))

    @pytest.mark.parametrize(
        "second",
        [
            term("P1", "QYY", date(2025, 6, 30)),
            term("P1", "QXX", date(2025, 1, 1), date(2025, 2, 1)),
            term("P1", "QYY", LONG_AGO),
        ],
        ids=["one day", "within", "the same first day"],
    )
    def test_two_terms_on_one_day_are_refused(self, second: Row) -> None:
        first = term("P1", "QXX", LONG_AGO, date(2025, 6, 30))
        with pytest.raises(RunStopped, match="no practice belongs to two ICBs on one day") as stop:
            homes(practices("P1"), [second, first])
        assert refused(stop) == ("P36", "practice_commissioners", ("P1",))

    def test_terms_of_different_practices_do_not_overlap(self) -> None:
        assert len(homes(practices("P1", "P2"), [term("P1"), term("P2")])) == 2
