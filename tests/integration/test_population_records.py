"""The twenty records of the method (4.4), through the population stage.

What today's rules say of each: R01 to R14 and R16 to R20 as the method expects. R15 (a continuing-care placement that
stays ours) is right as far as the list goes: the person is not on it and stands among the exceptions. That the
placing body keeps the cost is a rule of money (RC15), for which no input says who placed whom; RC14 and RC16 to RC19
likewise judge stays, aftercare and disputes, not registrations.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from budget.engine import Engine
from budget.kernel.errors import RunStopped
from tests.support.people import areas, count, practices, projection

pytestmark = pytest.mark.integration

HERE, HOSTEL, OUTSIDE = "E01000001", "E01000002", "E01099999"
RECORDS: list[dict[str, Any]] = [
    {"person_id": "p01"},
    {"person_id": "p02", "lsoa_code": OUTSIDE},
    {"person_id": "p03", "practice_code": "PX"},
    {"person_id": "p04", "practice_code": "V81997"},
    {"person_id": "p05", "practice_code": "V81997", "lsoa_code": HOSTEL},
    {"person_id": "p06", "registered_on": date(2019, 1, 1)},
    {"person_id": "p06", "practice_code": "P2", "registered_on": date(2024, 1, 1)},
    {"person_id": "p07", "died_on": date(2025, 3, 10)},
    {"person_id": "p08", "practice_code": "P2", "died_on": date(2025, 5, 16)},
    {"person_id": "p09", "flags": "fp69"},
    {"person_id": "p10", "registration_type": "temporary"},
    {"person_id": "p11", "registration_type": "left"},
    {"person_id": "p12", "flags": "armed_forces"},
    {"person_id": "p13", "flags": "prison"},
    {"person_id": "p14", "flags": "overseas"},
    {"person_id": "p15", "practice_code": "PX", "lsoa_code": OUTSIDE},
    {"person_id": "p16"},
    {"person_id": "p16_old"},
    {"person_id": "p17", "identifier_valid": False},
    {"person_id": "p18", "registered_on": date(2025, 4, 15)},
    {"person_id": "p19", "practice_code": "P2", "registered_on": date(2020, 1, 1), "deregistered_on": date(2018, 1, 1)},
    {"person_id": "p20", "date_of_birth": None},
]
MERGES = [{"person_id": "p16_old", "replaced_by": "p16"}]
LOCALITY = {
    "registered_list": RECORDS,
    "person_merges": MERGES,
    "practices": [*practices("P1", "P2"), *practices("PX", icb="QYY", place="There")],
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def counted(engine: Engine) -> dict[str, pd.DataFrame]:
    return count(engine, LOCALITY)


@pytest.fixture(scope="module")
def people(counted: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return counted["population_base"].set_index("person_id")


def test_the_base_is_ten_people(people: pd.DataFrame) -> None:
    by_practice = people.groupby("practice_code", dropna=False).groups
    assert sorted(by_practice["P1"]) == ["p01", "p02", "p09", "p16", "p20"]
    assert sorted(by_practice["P2"]) == ["p06", "p08", "p19"]
    assert sorted(people.index[people["basis"] == "unregistered_resident"]) == ["p04", "p05"]
    assert len(people) == 10
    assert people.index.is_unique


def test_exceptions_are_counted_by_rule(counted: dict[str, pd.DataFrame]) -> None:
    found = counted["population_exceptions"].set_index(["outcome", "reason_code"])["records"].to_dict()
    assert found == {
        ("exported", "RC12"): 1,  # R03
        ("exported", "RC5"): 2,  # R12, R13
        ("exported", "RC0"): 1,  # R15
        ("quarantined", "RC1"): 1,  # R17
        ("ended", "RC3"): 1,  # R07
        ("ended", "RC7"): 1,  # R11
        ("ended", "RC8"): 1,  # R18
        ("excluded", "RC4"): 1,  # R14
        ("excluded", "RC6"): 1,  # R10
        ("excluded", "RC9"): 1,  # R06
        ("excluded", "RC9M"): 1,  # R16
    }
    assert sum(found.values()) + len(counted["population_base"]) == len(RECORDS)


@pytest.mark.parametrize(
    ("person", "practice", "basis", "marks"),
    [
        ("p01", "P1", "registered_resident", ""),
        ("p02", "P1", "registered_nonresident", "RC11"),
        ("p04", None, "unregistered_resident", ""),
        ("p05", None, "unregistered_resident", ""),
        ("p06", "P2", "registered_resident", ""),
        ("p08", "P2", "registered_resident", ""),
        ("p09", "P1", "registered_resident", "RC10"),
        ("p16", "P1", "registered_resident", ""),
        ("p19", "P2", "registered_resident", "RC7"),
        ("p20", "P1", "registered_resident", "RC20"),
    ],
)
def test_who_is_counted_where_and_why(
    people: pd.DataFrame, person: str, practice: str | None, basis: str, marks: str
) -> None:
    row = people.loc[person]
    assert (row["basis"], row["reason_codes"]) == (basis, marks)
    assert row["practice_code"] == practice if practice else pd.isna(row["practice_code"])
    assert (row["responsible_commissioner"], row["place"]) == ("QXX", "Here")


def test_age_is_unknown_only_where_the_birth_is(people: pd.DataFrame) -> None:
    assert people.index[people["age"].isna()].tolist() == ["p20"]


def test_days_on_the_list(engine: Engine, counted: dict[str, pd.DataFrame]) -> None:
    days = engine.frame("select person_id, member_days from outcomes").groupby("person_id")["member_days"].max()
    assert days["p01"] == 365
    assert days["p08"] == 45, "1 April to 15 May; the day of death does not count"
    assert days["p18"] == 351, "from 15 April, although not on the list at the snapshot"
    assert days["p07"] == 0
    assert days["p19"] == 365


@pytest.mark.parametrize(
    ("registered_on", "days"), [(date(2025, 4, 1), 365), (date(2026, 3, 31), 1), (date(2026, 4, 1), 0)]
)
def test_days_from_a_start_in_the_year(registered_on: date, days: int) -> None:
    with Engine() as engine:
        count(engine, {"registered_list": [{"person_id": "p", "registered_on": registered_on}]})
        assert engine.scalar("select member_days from outcomes") == days


def test_the_statement_ties_for_every_practice(counted: dict[str, pd.DataFrame]) -> None:
    statement = counted["population_reconciliation"].set_index("practice_code")
    assert statement.index.tolist() == ["P1", "P2"]
    got = statement.drop(columns=["published", "difference"]).to_dict("index")
    assert got["P1"] == {
        "opening": 14,
        "joins": 0,
        "births": 0,
        "deaths": 1,
        "leavers": 0,
        "excluded": 6,  # p10, p11, p12, p13, p14 and the second row of p16
        "duplicates": 1,
        "quarantined": 1,
        "closing": 5,
    }
    assert got["P2"] == {name: 0 for name in got["P1"]} | {"opening": 3, "closing": 3}


class TestSeveralRegistrations:
    """RC9 beyond the twenty records: whoever is registered twice is counted once, or not at all."""

    OLD: dict[str, Any] = {"person_id": "p", "registered_on": date(2019, 1, 1)}
    NEW: dict[str, Any] = {"person_id": "p", "registered_on": date(2024, 1, 1)}
    CASES = {
        "the latest start wins": ([OLD, NEW | {"practice_code": "P2"}], "P2", {"RC9": 1}),
        "ties by practice code": ([NEW, NEW | {"practice_code": "P2"}], "P2", {"RC9": 1}),
        "a later one elsewhere wins": ([OLD, NEW | {"practice_code": "PX"}], None, {"RC12": 1, "RC9": 1}),
        "an earlier one elsewhere loses": ([OLD | {"practice_code": "PX"}, NEW], "P1", {"RC9": 1}),
        "a practice wins over none": ([OLD, NEW | {"practice_code": "V81997"}], "P1", {"RC9": 1}),
        "a practice wins over an unknown one": ([OLD, NEW | {"practice_code": "V81999"}], "P1", {"RC9": 1}),
        "on no list twice": ([OLD | {"practice_code": "V81997"}, NEW | {"practice_code": "V81997"}], "", {"RC9": 1}),
        "one that ended does not compete": ([OLD, NEW | {"deregistered_on": date(2025, 1, 1)}], "P1", {"RC7": 1}),
        "a temporary one does not compete": ([OLD, NEW | {"registration_type": "temporary"}], "P1", {"RC6": 1}),
        "the same row twice": ([NEW, NEW], "P1", {"RC9": 1}),
        "an old number at the same practice": ([OLD, NEW | {"person_id": "q"}], "P1", {"RC9M": 1}),
        "an old number at another practice": (
            [OLD | {"practice_code": "P2"}, NEW | {"person_id": "q"}],
            "P1",
            {"RC9": 1},
        ),
    }

    @pytest.mark.parametrize(("records", "practice", "reasons"), CASES.values(), ids=CASES)
    def test_a_person_is_counted_once(
        self, records: list[dict[str, Any]], practice: str | None, reasons: dict[str, int]
    ) -> None:
        merges = [{"person_id": "q", "replaced_by": "p"}]
        with Engine() as engine:
            found = count(engine, LOCALITY | {"registered_list": records, "person_merges": merges})
        base, exceptions = found["population_base"], found["population_exceptions"]
        assert base["person_id"].tolist() == ([] if practice is None else ["p"])
        if practice:
            assert base["practice_code"].tolist() == [practice]
        assert exceptions.groupby("reason_code")["records"].sum().to_dict() == reasons


class TestDates:
    CASES = {
        "last day on the snapshot": ({"deregistered_on": date(2025, 4, 1)}, "counted", 1),
        "last day before the snapshot": ({"deregistered_on": date(2025, 3, 31)}, "RC7", 0),
        "died on the snapshot": ({"died_on": date(2025, 4, 1)}, "RC3", 0),
        "died the day after": ({"died_on": date(2025, 4, 2)}, "counted", 1),
        "registered on the snapshot": ({"registered_on": date(2025, 4, 1)}, "counted", 365),
        "registered the day after": ({"registered_on": date(2025, 4, 2)}, "RC8", 364),
        "left, with a day": ({"registration_type": "left", "deregistered_on": date(2024, 1, 1)}, "RC7", 0),
        "left, with a day to come": (
            {"registration_type": "left", "deregistered_on": date(2025, 4, 30)},
            "counted",
            30,
        ),
        "left before joining": ({"registration_type": "left", "deregistered_on": date(2010, 1, 1)}, "RC7", 365),
        "died before joining": ({"died_on": date(2010, 1, 1)}, "RC3", 0),
    }

    @pytest.mark.parametrize(("facts", "outcome", "days"), CASES.values(), ids=CASES)
    def test_the_edge_of_a_record(self, facts: dict[str, Any], outcome: str, days: int) -> None:
        with Engine() as engine:
            found = count(engine, {"registered_list": [{"person_id": "p"} | facts]})
            assert engine.scalar("select member_days from outcomes") == days
        reasons = found["population_exceptions"]["reason_code"].tolist() or ["counted"]
        assert reasons == [outcome]
        assert_ties(found["population_reconciliation"])

    @pytest.mark.parametrize("joined", [date(2024, 3, 31), date(2024, 10, 1), date(2025, 4, 1)])
    def test_the_statement_ties_where_somebody_died_before_joining(self, joined: date) -> None:
        record = {"person_id": "p", "registered_on": joined, "died_on": date(2020, 1, 1)}
        with Engine() as engine:
            statement = count(engine, {"registered_list": [record]})["population_reconciliation"]
        assert_ties(statement)
        assert statement["deaths"].tolist() == statement["joins"].tolist()

    @pytest.mark.parametrize(
        ("born", "age"),
        [(date(1960, 4, 1), 65), (date(1960, 4, 2), 64), (date(2025, 4, 1), 0), (date(2024, 4, 2), 0), (None, None)],
    )
    def test_a_birthday_on_the_day_counts_as_reached(self, born: date | None, age: int | None) -> None:
        with Engine() as engine:
            base = count(engine, {"registered_list": [{"person_id": "p", "date_of_birth": born}]})["population_base"]
        assert (None if base["age"].isna()[0] else base["age"][0]) == age

    def test_a_snapshot_on_the_29th_of_february(self) -> None:
        with Engine() as engine:
            found = count(engine, {"registered_list": [{"person_id": "p"}]}, snapshot=date(2024, 2, 29))
        assert_ties(found["population_reconciliation"])

    def test_flags_may_be_written_with_spaces(self) -> None:
        with Engine() as engine:
            found = count(engine, {"registered_list": [{"person_id": "p", "flags": "fp69; prison"}]})
        assert found["population_exceptions"]["reason_code"].tolist() == ["RC5"]


class TestPractices:
    def test_a_closed_practice_gives_its_list_and_its_published_count_to_its_successor(self) -> None:
        closed = practices("P0", successor_code="P1", closed_on=date(2024, 1, 1))
        tables = {
            "registered_list": [{"person_id": "a", "practice_code": "P0"}, {"person_id": "b"}],
            "practices": [*practices("P1"), *closed],
            "published_list": [{"practice_code": code, "sex": "F", "age": 44, "patients": 1} for code in ("P0", "P1")],
        }
        with Engine() as engine:
            found = count(engine, tables)
        statement = found["population_reconciliation"].set_index("practice_code")
        assert statement.index.tolist() == ["P1"]
        assert statement.loc["P1", ["closing", "published", "difference"]].tolist() == [2, 2, 0]

    def test_a_practice_of_another_icb_is_not_ours_wherever_its_patients_live(self) -> None:
        tables = {
            "registered_list": [{"person_id": "a", "practice_code": "PX"}],
            "practices": practices("PX", icb="QYY", place="There"),
        }
        with Engine() as engine:
            found = count(engine, tables)
        assert found["population_base"].empty
        assert found["population_reconciliation"].empty


class TestResidents:
    ESTIMATE = {
        "lad_code": "E09000001",
        "sex": "M",
        "age_from": 20,
        "age_to": 29,
        "people": 25.0,
        "evidence": "a count",
    }

    def test_estimates_are_spread_over_their_band(self) -> None:
        with Engine() as engine:
            counts = count(engine, {"registered_list": [], "unregistered_residents": [self.ESTIMATE]})[
                "population_counts"
            ]
        assert counts["basis"].unique().tolist() == ["unregistered"]
        assert counts["age"].tolist() == list(range(20, 30))
        assert counts["people"].tolist() == [2.5] * 10

    def test_a_district_in_two_places_is_refused(self) -> None:
        tables = {"registered_list": [], "areas": [*areas("E01000001"), *areas("E01000002", place="There")]}
        with (
            Engine() as engine,
            pytest.raises(RunStopped, match=r"every district must lie in one place.*\n.*E09000001"),
        ):
            count(engine, tables)

    def test_an_estimate_for_an_unknown_district_is_refused(self) -> None:
        elsewhere = [self.ESTIMATE | {"lad_code": "E09000099"}]
        with (
            Engine() as engine,
            pytest.raises(RunStopped, match=r"every district must be one of the areas(.|\n)*E09000099"),
        ):
            count(engine, {"registered_list": [], "unregistered_residents": elsewhere})

    def test_persons_and_estimates_of_the_same_residents_are_refused(self) -> None:
        tables = {
            "registered_list": [{"person_id": "secret", "practice_code": "V81997"}],
            "unregistered_residents": [self.ESTIMATE],
        }
        with Engine() as engine, pytest.raises(RunStopped, match="not both") as stop:
            count(engine, tables)
        assert "secret" not in str(stop.value)

    def test_lists_are_set_against_residents(self, counted: dict[str, pd.DataFrame]) -> None:
        found = counted["list_against_residents"].set_index(["place", "sex", "age_from"])
        assert found.loc[("Here", "F", 40)].tolist() == [7.0, 50.0]

    def test_growth_is_a_rate_and_everyone_has_one(self) -> None:
        rows = [row | {"persons": 10.0 * (1 + 0.1 * (row["year"] - 2025))} for row in projection()]
        with Engine() as engine:
            found = count(engine, {"registered_list": [], "population_projection": rows})
        growth = found["population_growth"]
        assert set(growth["sex"]) == {"F", "M", "I", "U"}
        by_year = growth.groupby("financial_year")["growth_index"].agg(["min", "max"]).round(12)
        assert by_year.loc["2025/26"].tolist() == [1.0, 1.0]
        assert by_year.loc["2027/28"].tolist() == [1.2, 1.2]
        assert growth["age_from"].isna().sum() == 3 * 4


def assert_ties(statement: pd.DataFrame) -> None:
    parts = statement.eval("opening + joins + births - deaths - leavers - excluded - duplicates - quarantined")
    assert parts.tolist() == statement["closing"].tolist()
