"""The twenty records of the method (4.4), through the population stage.

R08's day of death does not count. R15, a continuing-care placement that stays ours, is on another list; our cost of the
care follows from the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from budget.engine import DuckEngine, Engine
from tests.support.people import areas, by_rule, count, practices, projection

pytestmark = pytest.mark.integration

HERE, HOSTEL, OUTSIDE = "E01000001", "E01000002", "E01099999"
RECORDS: list[dict[str, Any]] = [
    {"person_id": "p01"},
    {"person_id": "p02", "lsoa_code": OUTSIDE},
    {"person_id": "p03", "practice_code": "PX"},
    {"person_id": "p04", "practice_code": "V81997"},
    {"person_id": "p05", "practice_code": "V81997", "lsoa_code": HOSTEL, "flags": "no_fixed_abode"},
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
PLACEMENT = {
    "person_id": "p15",
    "kind": "continuing_care_placement",
    "commissioner": "QXX",
    "begins_on": date(2024, 11, 1),
}
MERGES = [{"person_id": "p16_old", "replaced_by": "p16"}]
LOCALITY = {
    "registered_list": RECORDS,
    "person_merges": MERGES,
    "commissioner_cases": [PLACEMENT],
    "practices": [*practices("P1", "P2"), *practices("PX", icb="QYY", place="There")],
    "areas": areas(HERE, HOSTEL),
    "population_projection": projection(),
}


@pytest.fixture(scope="module")
def engine() -> DuckEngine:
    return DuckEngine()


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


def test_exceptions_are_counted_by_rule_and_payer(counted: dict[str, pd.DataFrame]) -> None:
    assert by_rule(counted) == {
        ("exported", "RC12", "QYY"): 1,  # R03
        ("exported", "RC5", "NHSE"): 2,  # R12, R13
        ("exported", "RC0", "QYY"): 1,  # R15
        ("quarantined", "RC1", None): 1,  # R17
        ("excluded", "RC3", None): 1,  # R07
        ("excluded", "RC4", None): 1,  # R14
        ("excluded", "RC6", None): 1,  # R10
        ("excluded", "RC7", None): 1,  # R11
        ("excluded", "RC8", None): 1,  # R18
        ("excluded", "RC9", None): 1,  # R06
        ("excluded", "RC9M", None): 1,  # R16
    }


def test_every_record_has_one_outcome_and_a_reason(engine: Engine, counted: dict[str, pd.DataFrame]) -> None:
    outcomes = engine.frame("select outcome, reason_code from outcomes")
    shown = outcomes["outcome"].replace({"ended": "excluded", "unregistered": "counted"}).value_counts().to_dict()
    assert shown == {"counted": 10, "excluded": 7, "exported": 4, "quarantined": 1}
    assert len(outcomes) == len(RECORDS) == 22
    assert outcomes.loc[outcomes["outcome"] != "counted", "reason_code"].notna().all()
    assert len(counted["population_base"]) + counted["population_exceptions"]["records"].sum() == len(RECORDS)


def test_a_placement_of_ours_stays_our_cost_though_not_our_patient(
    people: pd.DataFrame, counted: dict[str, pd.DataFrame]
) -> None:
    assert "p15" not in people.index
    shares = counted["commissioner_shares"].to_dict("records")
    assert [(share["person_id"], share["reason_code"], share["our_percent"]) for share in shares] == [
        ("p15", "RC15", 100)
    ]
    assert counted["commissioner_case_counts"].to_dict("records") == [
        {
            "reason_code": "RC15",
            "kind": "continuing_care_placement",
            "commissioner": "QXX",
            "cases": 1,
            "people": 1,
            "counted_here": 0,
            "unresolved": 0,
        }
    ]


@pytest.mark.parametrize(
    ("person", "commissioners"),
    [("p01", ("QXX", "QXX", "QXX")), ("p02", ("QXX", None, "QXX")), ("p04", (None, "QXX", "QXX"))],
)
def test_who_registers_houses_and_pays_for_a_person(
    people: pd.DataFrame, person: str, commissioners: tuple[str | None, ...]
) -> None:
    columns = ["registered_commissioner", "resident_commissioner", "responsible_commissioner"]
    told = tuple(None if pd.isna(code) else code for code in people.loc[person, columns])
    assert told == commissioners


@pytest.mark.parametrize(
    ("person", "practice", "basis", "marks"),
    [
        ("p01", "P1", "registered_resident", ""),
        ("p02", "P1", "registered_nonresident", "RC11"),
        ("p04", None, "unregistered_resident", "RC13"),
        ("p05", None, "unregistered_resident", "RC14"),
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


def test_days_on_the_list(engine: Engine, people: pd.DataFrame, counted: dict[str, pd.DataFrame]) -> None:
    """R08 dies on 16 May: 1 April to 15 May. R18 joins on 15 April, and is on no list of the snapshot."""
    assert people["member_days"].to_dict() == dict.fromkeys(people.index, 365) | {"p08": 45}
    days = engine.frame("select person_id, list_days from outcomes").groupby("person_id")["list_days"].sum()
    assert days["p18"] == 351
    assert days[["p07", "p10", "p11", "p14", "p17"]].tolist() == [0] * 5
    by_payer = counted["member_days"].groupby("commissioner")[["people", "member_days"]].sum()
    assert by_payer.loc["QXX"].tolist() == [10, 9 * 365 + 45 + 351]
    assert by_payer.loc["QYY"].tolist() == [0, 2 * 365]
    assert by_payer.loc["NHSE"].tolist() == [0, 2 * 365]


def test_everybody_lives_somewhere(counted: dict[str, pd.DataFrame]) -> None:
    where = counted["district_reconciliation"].set_index("lad_code").drop(columns=["place"])
    assert where.loc["E09000001"].tolist() == [7, 3, 2, 1920]  # p03, p12 and p13 are somebody else's
    assert where.loc["outside"].fillna(-1).tolist() == [1, 0, 0, -1]


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
        "month_before": 14,
    }
    assert got["P2"] == {name: 0 for name in got["P1"]} | {"opening": 3, "closing": 3, "month_before": 3}
    assert_ties(counted["population_reconciliation"])


def test_lists_are_set_against_residents(counted: dict[str, pd.DataFrame]) -> None:
    found = counted["list_against_residents"].set_index(["place", "sex", "age_from"])
    assert found.loc[("Here", "F", 40)].tolist() == [7.0, 50.0]


@pytest.fixture(scope="module")
def settled() -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Everybody who is counted, and every record's outcome; each case has a person of its own."""
    cases = enumerate(TestSeveralRegistrations.CASES.values())
    records = [row | {"person_id": f"{n}{row['person_id']}"} for n, (rows, *_) in cases for row in rows]
    merges = [{"person_id": f"{n}q", "replaced_by": f"{n}p"} for n in range(len(TestSeveralRegistrations.CASES))]
    with DuckEngine() as engine:
        found = count(engine, LOCALITY | {"registered_list": records, "person_merges": merges})
        assert_ties(found["population_reconciliation"])
        yield (
            found["population_base"],
            engine.frame(
                "select person_id, reason_code from outcomes where outcome not in ('counted', 'unregistered')"
            ),
        )


class TestSeveralRegistrations:
    """RC9 beyond the twenty records: whoever is registered twice is counted once, or not at all."""

    OLD: dict[str, Any] = {"person_id": "p", "registered_on": date(2019, 1, 1)}
    NEW: dict[str, Any] = {"person_id": "p", "registered_on": date(2024, 1, 1)}
    CASES = {
        "the latest start wins": ([OLD, NEW | {"practice_code": "P2"}], "P2", {"RC9": 1}),
        "ties by practice code": ([NEW, NEW | {"practice_code": "P2"}], "P2", {"RC9": 1}),
        "ties by the latest record": (
            [NEW | {"recorded_on": date(2025, 2, 1)}, NEW | {"practice_code": "P2", "recorded_on": date(2025, 1, 1)}],
            "P1",
            {"RC9": 1},
        ),
        "a record without a day is the older one": (
            [NEW | {"recorded_on": date(2025, 1, 1)}, NEW | {"practice_code": "P2"}],
            "P1",
            {"RC9": 1},
        ),
        "a later one elsewhere wins": ([OLD, NEW | {"practice_code": "PX"}], None, {"RC12": 1, "RC9": 1}),
        "an earlier one elsewhere loses": ([OLD | {"practice_code": "PX"}, NEW], "P1", {"RC9": 1}),
        "a practice wins over none": ([OLD, NEW | {"practice_code": "V81997"}], "P1", {"RC9": 1}),
        "a practice wins over an unknown one": ([OLD, NEW | {"practice_code": "V81999"}], "P1", {"RC13U": 1}),
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

    @pytest.mark.parametrize("case", CASES)
    def test_a_person_is_counted_once(self, settled: tuple[pd.DataFrame, pd.DataFrame], case: str) -> None:
        base, outcomes = settled
        person = f"{list(self.CASES).index(case)}p"
        _, practice, reasons = self.CASES[case]
        counted = base.loc[base["person_id"] == person, "practice_code"].tolist()
        assert [code if isinstance(code, str) else "" for code in counted] == ([] if practice is None else [practice])
        told = outcomes.loc[outcomes["person_id"] == person, "reason_code"].value_counts().to_dict()
        assert told == reasons


@pytest.fixture(scope="module")
def outcomes() -> Iterator[pd.DataFrame]:
    """What became of every record, each of a person of its own."""
    with DuckEngine() as engine:
        records = [{"person_id": name} | facts for name, (facts, *_) in TestDates.CASES.items()]
        assert_ties(count(engine, {"registered_list": records})["population_reconciliation"])
        yield engine.frame("select person_id, coalesce(reason_code, outcome) as told, list_days from outcomes")


class TestDates:
    CASES = {
        "last day on the snapshot": ({"deregistered_on": date(2025, 4, 1)}, "counted", 1),
        "last day before the snapshot": ({"deregistered_on": date(2025, 3, 31)}, "RC7", 0),
        "died on the snapshot": ({"died_on": date(2025, 4, 1)}, "RC3", 0),
        "died the day after": ({"died_on": date(2025, 4, 2)}, "counted", 1),
        "registered on the snapshot": ({"registered_on": date(2025, 4, 1)}, "counted", 365),
        "registered the day after": ({"registered_on": date(2025, 4, 2)}, "RC8", 364),
        "registered on the last day": ({"registered_on": date(2026, 3, 31)}, "RC8", 1),
        "registered after the year": ({"registered_on": date(2026, 4, 1)}, "RC8", 0),
        "left, with a day": ({"registration_type": "left", "deregistered_on": date(2024, 1, 1)}, "RC7", 0),
        "left, with a day to come": (
            {"registration_type": "left", "deregistered_on": date(2025, 4, 30)},
            "counted",
            30,
        ),
        "left before joining": ({"registration_type": "left", "deregistered_on": date(2010, 1, 1)}, "RC7", 0),
        "flags written with spaces": ({"flags": "fp69; prison"}, "RC5", 365),
        "died before joining": ({"died_on": date(2010, 1, 1)}, "RC3", 0),
        "died on a day of May": ({"died_on": date(2025, 5, 31), "died_precision": "day"}, "counted", 60),
        "died in May": ({"died_on": date(2025, 5, 31), "died_precision": "month"}, "counted", 44),
        "died in April, after the first": ({"died_on": date(2025, 4, 1), "died_precision": "month"}, "counted", 14),
        "died in March": ({"died_on": date(2025, 3, 31), "died_precision": "month"}, "RC3", 0),
        "died in 2025": ({"died_on": date(2025, 1, 1), "died_precision": "year"}, "counted", 91),
        "died in 2024": ({"died_on": date(2024, 12, 31), "died_precision": "year"}, "RC3", 0),
        "born and registered in the year": (
            {"date_of_birth": date(2025, 9, 1), "registered_on": date(2025, 9, 1)},
            "RC8",
            212,
        ),
        "born and died in the year": (
            {"date_of_birth": date(2025, 9, 1), "registered_on": date(2025, 9, 1), "died_on": date(2025, 9, 4)},
            "RC8",
            3,
        ),
    }

    @pytest.mark.parametrize("case", CASES)
    def test_the_edge_of_a_record(self, outcomes: pd.DataFrame, case: str) -> None:
        _, outcome, days = self.CASES[case]
        (row,) = outcomes[outcomes["person_id"] == case].to_dict("records")
        assert (row["told"], row["list_days"]) == (outcome, days)

    def test_the_statement_ties_where_people_died_before_joining(self) -> None:
        """Each joins and dies on one day; only those of the year are movements of it."""
        days = (date(2024, 3, 31), date(2024, 10, 1), date(2025, 4, 1))
        records = [{"person_id": str(day), "registered_on": day, "died_on": date(2020, 1, 1)} for day in days]
        with DuckEngine() as engine:
            statement = count(engine, {"registered_list": records})["population_reconciliation"]
        assert_ties(statement)
        assert statement[["joins", "deaths", "closing"]].to_numpy().tolist() == [[2, 2, 0]]

    def test_a_birthday_on_the_day_counts_as_reached(self) -> None:
        ages = {date(1960, 4, 1): 65, date(1960, 4, 2): 64, date(2025, 4, 1): 0, date(2024, 4, 2): 0, None: None}
        records = [{"person_id": str(born), "date_of_birth": born} for born in ages]
        with DuckEngine() as engine:
            base = count(engine, {"registered_list": records})["population_base"].set_index("person_id")
        told = {born: base.loc[str(born), "age"] for born in ages}
        assert {born: None if pd.isna(age) else age for born, age in told.items()} == ages

    def test_a_snapshot_on_the_29th_of_february(self) -> None:
        with DuckEngine() as engine:
            found = count(engine, {"registered_list": [{"person_id": "p"}]}, snapshot=date(2024, 2, 29))
        assert_ties(found["population_reconciliation"])


def assert_ties(statement: pd.DataFrame) -> None:
    parts = statement.eval("opening + joins + births - deaths - leavers - excluded - duplicates - quarantined")
    assert parts.tolist() == statement["closing"].tolist()
