"""Stays, placements, aftercare and disputes: whose cost the care of a case is (RC15 to RC19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.engine import DuckEngine
from budget.kernel.errors import RunStopped
from budget.kernel.yaml import read_yaml, write_yaml
from budget.population.rules import CommissionerRules
from tests.support.given import REPOSITORY
from tests.support.people import count, practices

pytestmark = pytest.mark.integration

Record = dict[str, Any]

SHIPPED = REPOSITORY / "config/population/responsible_commissioner.yaml"
PRACTICES = [*practices("P1", "P2"), *practices("PX", icb="QYY", place="There")]
ADMITTED, MOVED = date(2025, 5, 1), date(2025, 7, 1)


def case(person: str, kind: str, commissioner: str | None = "QYY", **facts: Any) -> Record:
    return {"person_id": person, "kind": kind, "commissioner": commissioner, "begins_on": ADMITTED} | facts


def judged(
    cases: Sequence[Record], records: Iterable[Record] = ({"person_id": "ours"},), **tables: Any
) -> dict[str, pd.DataFrame]:
    settings = {name: tables.pop(name) for name in ("snapshot", "rules") if name in tables}
    people = {"registered_list": list(records), "commissioner_cases": cases, "practices": PRACTICES}
    with DuckEngine() as engine:
        return count(engine, people | tables, **settings)


def shares(found: dict[str, pd.DataFrame], *columns: str) -> list[tuple[Any, ...]]:
    cells = found["commissioner_shares"][list(columns)].astype(object)
    return list(cells.where(cells.notna(), None).itertuples(index=False, name=None))


def counts(found: dict[str, pd.DataFrame]) -> list[tuple[Any, ...]]:
    cells = found["commissioner_case_counts"].astype(object)
    return list(cells.where(cells.notna(), None).itertuples(index=False, name=None))


KINDS = {
    ("dispute", "QYY"): ("RC19", "QYY", 50),
    ("dispute", None): ("RC19", None, None),
    ("continuing_care_placement", "QYY"): ("RC15", "QYY", 0),
    ("continuing_care_placement", "QXX"): ("RC15", "QXX", 100),
    ("continuing_care_placement", None): ("RC15", None, None),
    ("supported_living", "QYY"): ("RC15S", "QYY", None),
    ("section_117", "QYY"): ("RC16", "QYY", 0),
    ("section_117", "QXX"): ("RC16", "QXX", 100),
    ("detention", "QYY"): ("RC17D", "QYY", None),
    ("detention", None): ("RC17D", None, None),
    # the list at admission was ours, whatever the case says
    ("hospital_stay", "QYY"): ("RC17", "QXX", 100),
    ("hospital_stay", None): ("RC17", "QXX", 100),
}


@pytest.fixture(scope="module")
def every_kind() -> dict[tuple[str, str | None], tuple[Any, ...]]:
    names = {f"{kind} {commissioner}": (kind, commissioner) for kind, commissioner in KINDS}
    found = judged([case(name, *of) for name, of in names.items()], [{"person_id": name} for name in names])
    return {names[person]: told for person, *told in shares(found, "person_id", "reason_code", "payer", "our_percent")}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_who_pays_for_a_case_of_somebody_on_our_list(
    every_kind: dict[tuple[str, str | None], list[Any]], kind: tuple[str, str | None]
) -> None:
    assert tuple(every_kind[kind]) == KINDS[kind]


def test_every_kind_of_the_rules_is_tried_above() -> None:
    assert {kind for kind, _ in KINDS} == {rule.kind for rule in CommissionerRules.read(SHIPPED).cases}


class TestSeveralCases:
    def test_each_keeps_the_rank_of_its_rule(self) -> None:
        """Which of two wins on a day is left to the costs; the least rank does, and a dispute comes first."""
        found = judged([case("ours", "section_117"), case("ours", "dispute"), case("ours", "hospital_stay")])
        assert sorted(shares(found, "rank", "reason_code")) == [(1, "RC19"), (4, "RC16"), (6, "RC17")]

    def test_cases_of_one_line_and_of_all_care_stand_beside_each_other(self) -> None:
        one_line = case("ours", "dispute", service_line="community", ends_on=date(2025, 6, 30))
        found = judged([one_line, case("ours", "dispute")])
        assert set(shares(found, "service_line", "ends_on", "our_percent")) == {
            ("community", date(2025, 6, 30), 50),
            (None, None, 50),
        }
        assert counts(found) == [("RC19", "dispute", "QYY", 2, 1, 1, 0)]

    def test_cases_change_nobody_who_is_counted(self) -> None:
        cases = [case(person, kind) for person in ("ours", "stranger") for kind, _ in KINDS]
        distinct = list({(row["person_id"], row["kind"]): row for row in cases}.values())
        with_cases, without = judged(distinct), judged([])
        assert without["commissioner_shares"].empty and without["commissioner_case_counts"].empty
        for name in set(without) - {"commissioner_shares", "commissioner_case_counts"}:
            pd.testing.assert_frame_equal(with_cases[name], without[name], obj=name)


class TestCounts:
    def test_somebody_who_is_on_no_list_of_ours_may_be_our_cost(self) -> None:
        """Placed by us on a list elsewhere, or unknown to every list that we have."""
        placed = [case(person, "continuing_care_placement", "QXX") for person in ("theirs", "stranger")]
        found = judged(placed, [{"person_id": "theirs", "practice_code": "PX", "lsoa_code": "E01099999"}])
        assert found["population_base"].empty
        assert shares(found, "our_percent") == [(100,), (100,)]
        assert counts(found) == [("RC15", "continuing_care_placement", "QXX", 2, 2, 0, 0)]

    def test_only_cases_that_need_a_payer_and_name_none_are_unresolved(self) -> None:
        kinds = sorted({kind for kind, _ in KINDS})
        people = [{"person_id": kind} for kind in kinds if kind != "hospital_stay"]
        found = judged([case(kind, kind, None) for kind in kinds], people)
        unresolved = {kind: lost for _, kind, _, _, _, _, lost in counts(found)}
        assert unresolved == {
            "continuing_care_placement": 1,
            "dispute": 1,
            "section_117": 1,
            "hospital_stay": 1,  # of nobody whom we know
            "detention": 0,
            "supported_living": 0,
        }

    def test_an_identifier_that_was_replaced_is_the_survivor(self) -> None:
        merges = [{"person_id": "old", "replaced_by": "ours"}]
        found = judged([case("old", "dispute"), case("ours", "section_117")], person_merges=merges)
        assert set(shares(found, "person_id", "reason_code")) == {("ours", "RC19"), ("ours", "RC16")}
        assert [row[4:6] for row in counts(found)] == [(1, 1), (1, 1)]


def stay(records: list[Record], **facts: Any) -> tuple[str | None, int | None]:
    """Payer and our percentage of one hospital stay."""
    tables = {
        name: facts.pop(name) for name in ("practices", "practice_commissioners", "person_merges") if name in facts
    }
    found = judged([case("p", "hospital_stay", None, **facts)], [{"person_id": "p"} | row for row in records], **tables)
    ((payer, percent),) = shares(found, "payer", "our_percent")
    return payer, percent


class TestStays:
    """RC17: the commissioner of the list at admission pays the whole stay."""

    def test_a_move_to_us_during_a_stay_leaves_it_with_them(self) -> None:
        moves = [{"practice_code": "PX", "deregistered_on": date(2025, 6, 30)}, {"registered_on": MOVED}]
        assert stay(moves) == ("QYY", 0)

    def test_a_move_away_during_a_stay_leaves_it_with_us(self) -> None:
        moves = [{"deregistered_on": date(2025, 6, 30)}, {"practice_code": "PX", "registered_on": MOVED}]
        assert stay(moves) == ("QXX", 100)

    def test_of_two_lists_on_the_day_the_later_counts(self) -> None:
        both = [{"registered_on": date(2019, 1, 1)}, {"practice_code": "PX", "registered_on": date(2024, 1, 1)}]
        assert stay(both) == ("QYY", 0)
        assert stay(both, begins_on=date(2023, 12, 31)) == ("QXX", 100)

    def test_the_first_and_the_last_day_of_a_registration_count(self) -> None:
        left = [{"practice_code": "PX", "deregistered_on": ADMITTED}, {"registered_on": date(2025, 5, 2)}]
        assert stay(left) == ("QYY", 0)
        assert stay([{"practice_code": "PX", "registered_on": ADMITTED}]) == ("QYY", 0)

    def test_somebody_on_no_list_is_paid_for_where_they_live(self) -> None:
        assert stay([{"practice_code": "V81997"}]) == ("QXX", 100)
        assert stay([{"practice_code": "V81997"}, {"practice_code": "PX"}]) == ("QYY", 0)

    WITHOUT: dict[str, Record] = {
        "not yet": {"registered_on": MOVED},
        "left before": {"deregistered_on": date(2025, 4, 30)},
        "nobody knows whose": {"practice_code": "PY"},
        "on no list and lives elsewhere": {"practice_code": "V81997", "lsoa_code": "E01099999"},
        "a test": {"flags": "test_patient"},
        "temporary": {"registration_type": "temporary"},
        "an invalid identifier": {"identifier_valid": False},
    }

    def test_without_a_list_on_the_day_the_case_itself_says(self) -> None:
        records = [{"person_id": name} | facts for name, facts in self.WITHOUT.items()]
        named = judged([case(name, "hospital_stay", "QZZ") for name in self.WITHOUT], records)
        assert set(shares(named, "payer", "our_percent")) == {("QZZ", 0)}
        unnamed = judged([case(name, "hospital_stay", None) for name in self.WITHOUT], records)
        assert set(shares(unnamed, "payer", "our_percent")) == {(None, None)}

    def test_a_stay_under_an_old_identifier(self) -> None:
        moves = [{"person_id": "q", "practice_code": "PX", "deregistered_on": MOVED}, {"registered_on": MOVED}]
        assert stay(moves, person_merges=[{"person_id": "q", "replaced_by": "p"}]) == ("QYY", 0)

    def test_the_map_of_the_day_says_whose_the_list_was(self) -> None:
        """P1 has been ours since April 2025; a stay of the winter before is still theirs."""
        changes = [
            {
                "practice_code": "P1",
                "icb_code": "QYY",
                "effective_from": date(2000, 1, 1),
                "effective_to": date(2025, 3, 31),
            },
            {"practice_code": "P1", "icb_code": "QXX", "effective_from": date(2025, 4, 1)},
        ]
        tables = {"practices": practices("P1"), "practice_commissioners": changes}
        assert stay([{}], begins_on=date(2025, 3, 31), **tables) == ("QYY", 0)
        assert stay([{}], begins_on=date(2025, 4, 1), **tables) == ("QXX", 100)

    def test_a_list_that_has_merged_was_its_own_on_the_day(self) -> None:
        """P0 was theirs until it closed into P1, which is ours."""
        terms = [
            {
                "practice_code": "P0",
                "icb_code": "QYY",
                "effective_from": date(2000, 1, 1),
                "effective_to": date(2024, 12, 31),
            },
            {"practice_code": "P1", "icb_code": "QXX", "effective_from": date(2000, 1, 1)},
        ]
        closed = practices("P0", successor_code="P1", closed_on=date(2024, 12, 31))
        tables = {"practices": [*practices("P1"), *closed], "practice_commissioners": terms}
        assert stay([{"practice_code": "P0"}], begins_on=date(2024, 6, 1), **tables) == ("QYY", 0)
        assert stay([{"practice_code": "P0"}], begins_on=date(2025, 6, 1), **tables) == ("QXX", 100)


class TestRulesInForce:
    def test_the_rule_for_stays_is_not_in_force_before_september_2020(self) -> None:
        cases = [case("ours", kind, begins_on=date(2020, 2, 1)) for kind in ("hospital_stay", "section_117")]
        before = judged(cases, snapshot=date(2020, 8, 31))
        assert shares(before, "reason_code") == [("RC16",)]
        assert sorted(shares(judged(cases, snapshot=date(2020, 9, 1)), "reason_code")) == [("RC16",), ("RC17",)]

    def test_without_a_rule_in_force_a_case_changes_nothing(self, tmp_path: Path) -> None:
        (dispute,) = (rule for rule in read_yaml(SHIPPED)["cases"] if rule["kind"] == "dispute")
        ended = dispute | {"until": date(2025, 3, 31)}
        write_yaml(tmp_path / "rules.yaml", read_yaml(SHIPPED) | {"cases": [ended]})
        found = judged([case("ours", "dispute")], rules=tmp_path / "rules.yaml")
        assert found["commissioner_shares"].empty and found["commissioner_case_counts"].empty

    def test_a_kind_that_no_rule_knows_is_refused_without_naming_anybody(self) -> None:
        cases = [case("secret", "holiday"), case("secret", "dispute"), case("ours", "holiday")]
        with pytest.raises(RunStopped, match=r"every kind of case has a rule; known: .*dispute(.|\n)*holiday") as stop:
            judged(cases)
        (check,) = stop.value.failures
        assert (check.check_id, check.rows_failed, check.keys) == ("P37", 2, ("holiday",))
        assert "secret" not in str(stop.value)
