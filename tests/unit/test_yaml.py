"""YAML as configuration is written in: exact, strict, and found again when it is wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_layers, read_strictly, read_yaml, write_yaml
from budget.kernel.yaml_quick import UNREADABLE, read_quickly
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

FILES = sorted(path for room in ("budget", "config") for path in (REPOSITORY / room).rglob("*.yaml"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.yaml"


def test_decimals_are_exact(file: Path) -> None:
    file.write_text("a: 0.1\nb: 0.0415\nc: 1_000.25\nd: 2\ne: 1.5e3\n")
    read = read_yaml(file)
    assert read["a"] + read["a"] + read["a"] == Decimal("0.3")
    assert read["b"] == Decimal("0.0415")
    assert read["c"] == Decimal("1000.25")
    assert read["d"] == 2
    assert isinstance(read["d"], int)
    assert read["e"] == Decimal(1500)


def test_days_are_dates_and_years_stay_text(file: Path) -> None:
    file.write_text("day: 2025-06-27\nyear: 2025/26\n")
    assert read_yaml(file) == {"day": date(2025, 6, 27), "year": "2025/26"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3"),
        ("a: [1, 2\n", "line"),
        ("a: 1\nb: !!python/object/apply:os.getcwd []\n", "line 2"),
        ("a: 1\nb: .inf\n", "line 2"),
        ("a: 1\nb: .nan\n", "line 2"),
    ],
    ids=["duplicate key", "broken", "tag", "infinity", "no number"],
)
def test_mistakes_are_named_with_file_and_line(file: Path, text: str, line: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as stop:
        read_yaml(file)
    assert "settings.yaml" in str(stop.value)
    assert line in str(stop.value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "-".join(path.parts[-2:]))
def test_the_quick_reader_reads_every_file_as_the_strict_one_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    quick = read_quickly(text)
    assert quick is not UNREADABLE
    assert typed(quick) == typed(read_strictly(text))


@pytest.mark.parametrize(
    "text", ["a: yes\nb: off\n", "a: 0o17\nb: 0x1F\nc: 007\n", "a: 1e3\nb: +.5\nc: ~\n", "a: 12:30:45\n", ""]
)
def test_both_readers_hold_to_yaml_1_2(file: Path, text: str) -> None:
    file.write_text(text)
    assert typed(read_yaml(file)) == typed(read_strictly(text))


def typed(value: Any) -> Any:
    """A value with the types of everything in it, keys in their order."""
    if isinstance(value, dict):
        return [(typed(key), typed(inner)) for key, inner in value.items()]
    return [typed(inner) for inner in value] if isinstance(value, list) else (type(value), value)


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"settings\.yaml: there is no such file"):
        read_yaml(file)


def test_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes("name: Caf\xe9".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"settings\.yaml: not valid YAML"):
        read_yaml(file)


def test_what_is_written_is_read_back_in_order(file: Path) -> None:
    value = {"z": "0.10", "a": [1, 2], "day": date(2025, 4, 1), "none": None, "nested": {"b": "é", "a": True}}
    write_yaml(file, value)
    read = read_yaml(file)
    assert read == value
    assert list(read) == list(value)
    assert list(read["nested"]) == ["b", "a"]


def test_a_file_is_laid_key_by_key_over_the_one_it_extends(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/base.yaml").write_text("a: 1\nb: {c: [1, 2], d: {e: 3, f: 4}}\n")
    file = tmp_path / "mine.yaml"
    file.write_text("extends: shared/base.yaml\nb: {c: [9], d: {f: 5}}\ng: 6\n")
    assert read_layers(file) == {"a": 1, "b": {"c": [9], "d": {"e": 3, "f": 5}}, "g": 6}
    assert list(read_layers(file)) == ["a", "b", "g"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("extends: settings.yaml\na: 1\n", "extends itself"),
        ("extends: nowhere.yaml\na: 1\n", "no such file"),
        ("- 1\n", "expected names and their values"),
    ],
)
def test_a_file_that_cannot_be_laid_over_another_is_refused(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=says):
        read_layers(file)
