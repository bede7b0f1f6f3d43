"""Hashes: the same for the same content, another for any other."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from budget.kernel.hashing import hash_code, hash_file, hash_value

pytestmark = pytest.mark.unit


def test_a_file_is_hashed_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert hash_file(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()


def test_the_order_of_keys_does_not_matter_and_of_items_does() -> None:
    assert hash_value({"a": 1, "b": 2}) == hash_value({"b": 2, "a": 1})
    assert hash_value([1, 2]) != hash_value([2, 1])


def test_values_are_told_apart() -> None:
    values = ["1", 1, None, "None", [], {}, Decimal("0.1"), Decimal("0.10"), date(2025, 4, 1), True, "é"]
    hashes = [hash_value(value) for value in values]
    assert len(set(hashes)) == len(values)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "room" / "sql").mkdir(parents=True)
    (tmp_path / "room" / "a.py").write_text("x = 1\n")
    (tmp_path / "room" / "sql" / "a.sql").write_text("select 1\n")
    (tmp_path / "other.py").write_text("y = 2\n")
    return tmp_path


def test_code_is_hashed_by_name_and_content(package: Path) -> None:
    before = hash_code([package / "room"], package)
    (package / "room" / "notes.txt").write_text("not code")
    assert hash_code([package / "room"], package) == before
    assert hash_code([package / "room", package / "room"], package) == before
    assert hash_code([package / "room", package / "other.py"], package) != before
    (package / "room" / "sql" / "a.sql").write_text("select 2\n")
    changed = hash_code([package / "room"], package)
    assert changed != before
    (package / "room" / "a.py").rename(package / "room" / "b.py")
    assert hash_code([package / "room"], package) not in (before, changed)
