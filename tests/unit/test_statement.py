"""SQL text with typed literals: nothing that a value says becomes SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

import budget
from budget.engine.statement import Sql, Statement, literal, quote

pytestmark = pytest.mark.unit


def read_back(value: Any) -> Any:
    return duckdb.execute(f"select {literal(value)}").fetchall()[0][0]


# DuckDB holds no NUL in SQL text; every other character comes back.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@given(TEXT)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert read_back(text) == text


@pytest.mark.parametrize("text", ["'; drop table people; --", "it''s", "\\'", "$$", "{other}", "O'Brien"])
def test_quotes_do_not_end_a_literal(text: str) -> None:
    assert read_back(text) == text
    assert quote(text).count("'") % 2 == 0


@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.booleans(), st.none(), st.dates()))
def test_plain_values_come_back(value: Any) -> None:
    found = read_back(value)
    assert found == value
    assert type(found) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_every_bit(value: float) -> None:
    assert float(read_back(value)) == value


def test_decimals_stay_exact() -> None:
    assert literal(Decimal("0.0415")) == "0.0415"
    assert read_back(Decimal("12.34")) == Decimal("12.34")


def test_lists_are_lists_of_literals() -> None:
    assert literal(("a'b", 1, date(2025, 4, 1), None)) == "('a''b', 1, date '2025-04-01', null)"
    assert duckdb.execute(f"select 'b' in {literal(['a', 'b'])}").fetchall() == [(True,)]


def test_only_our_own_sql_enters_as_it_is() -> None:
    assert literal(Sql("age >= 5")) == "age >= 5"
    assert literal("age >= 5") == "'age >= 5'"


@pytest.mark.parametrize("value", [{"a": 1}, {1}, object(), b"x"])
def test_what_has_no_literal_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no SQL literal"):
        literal(value)


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="snapshot"):
        Statement("select {snapshot}").with_values(other=1)


def test_a_value_is_not_searched_for_placeholders() -> None:
    assert Statement("select {a}, {b}").with_values(a="{b}", b=1) == "select '{b}', 1"


def test_braces_of_sql_itself_are_left_alone() -> None:
    text = "select {'key': 1}, regexp_full_match(x, '[0-9]{10}')"
    assert Statement(text).with_values() == text


def test_every_statement_of_the_package_begins_with_its_rule() -> None:
    files = sorted(Path(budget.__file__).parent.rglob("*.sql"))
    assert files
    silent = [file.name for file in files if not Statement.read(file).text.startswith("-- ")]
    assert silent == []
