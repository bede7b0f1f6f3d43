"""Columns are traced through SQL: values, what decides the rows, and step after step."""

from __future__ import annotations

import pytest

from budget.audit.lineage.columns import trace

pytestmark = pytest.mark.unit

KNOWN = {"people": ("person_id", "born", "place"), "cost": ("person_id", "line", "pence")}


def columns(sql: str, *before: tuple[str, str]) -> dict[str, set[tuple[str, str]]]:
    traced = trace([*before, ("made", sql)], KNOWN)["made"]
    return {name: set(origins) for name, origins in traced.columns.items()}


def rows(sql: str, *before: tuple[str, str]) -> set[tuple[str, str]]:
    return set(trace([*before, ("made", sql)], KNOWN)["made"].rows)


def test_values_come_from_the_columns_that_are_computed_with() -> None:
    found = columns("select place, sum(pence) as whole from people join cost using (person_id) group by place")
    assert found == {"place": {("people", "place")}, "whole": {("cost", "pence")}}


def test_joins_filters_and_groups_decide_the_rows() -> None:
    sql = "select c.pence from people as p join cost as c on c.person_id = p.person_id where p.born > date '2000-01-01'"
    assert rows(sql) == {("cost", "person_id"), ("people", "person_id"), ("people", "born")}


def test_earlier_steps_are_seen_through() -> None:
    old = ("old", "select person_id, place as home from people where born < date '1960-01-01'")
    found = columns("select home, pence from old join cost using (person_id)", old)
    assert found == {"home": {("people", "place")}, "pence": {("cost", "pence")}}
    assert ("people", "born") in rows("select home from old", old)


def test_a_name_that_is_used_again_means_the_latest() -> None:
    again = [("step", "select born as value from people"), ("step", "select place as value from people")]
    assert columns("select value from step", *again) == {"value": {("people", "place")}}


def test_common_tables_windows_stars_and_unions_are_traced() -> None:
    sql = """
        with ranked as (
            select *, row_number() over (partition by person_id order by pence desc) as rank from cost
        )
        select person_id, rank from ranked
        union all by name
        select place as rank, person_id from people
    """
    found = columns(sql)
    assert found["person_id"] == {("cost", "person_id"), ("people", "person_id")}
    assert found["rank"] == {("cost", "person_id"), ("cost", "pence"), ("people", "place")}


def test_a_query_within_is_traced() -> None:
    sql = "select place, (select max(pence) from cost where cost.person_id = people.person_id) as most from people"
    assert columns(sql)["most"] >= {("cost", "pence")}


def test_what_cannot_be_read_is_left_out_with_nothing_guessed() -> None:
    found = trace([("odd", "this is no SQL"), ("fine", "select born from people")], KNOWN)
    assert set(found) == {"fine"}


def test_a_constant_comes_from_nowhere() -> None:
    assert columns("select 1 as one, null as none from people") == {"one": set(), "none": set()}
