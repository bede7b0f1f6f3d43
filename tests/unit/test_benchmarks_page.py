"""The page of measurements: medians of several runs, tables as they were printed, and what is not measured."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
TABLE = [
    ["people", "run, s", "slowest"],
    ["---:", "---:", "---"],
    ["250,000", "9.5", "costs 4"],
    ["2,500,000", "80", ""],
]


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmarks_page", ROOT / "benchmarks/page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, spec.name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(module, "PAGE", tmp_path / "benchmarks.md")
    return module


def keep(page: Any, monkeypatch: pytest.MonkeyPatch, printed: list[str]) -> Any:
    """Keep a benchmark that prints these texts, one a run."""
    texts = iter(printed)
    monkeypatch.setattr(page, "_printed", lambda benchmark: next(texts))
    benchmark = page.Benchmark(
        "scale", "Growth", "All of it.", ("scale.py",), times=len(printed), growth=("people", "run, s")
    )
    monkeypatch.setattr(page, "BENCHMARKS", (benchmark,))
    page.keep(benchmark)
    page.write_page()
    return json.loads((page.RESULTS / "scale.json").read_text(encoding="utf-8"))


def markdown(table: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in table)


def test_every_benchmark_has_its_script(page: Any) -> None:
    assert all((ROOT / "benchmarks" / benchmark.words[0]).is_file() for benchmark in page.BENCHMARKS)


def test_what_is_not_measured_says_so(page: Any) -> None:
    page.write_page()
    text = page.PAGE.read_text(encoding="utf-8")
    assert text.count("Not measured yet: `python benchmarks/") == len(page.BENCHMARKS)


def test_medians_are_of_numbers_and_words_are_those_of_the_first_run(page: Any) -> None:
    other = [cells.copy() for cells in TABLE]
    other[2][1:], other[3][1] = ["10.5", "costs 5"], "1,100"
    assert page.medians([TABLE, other, TABLE])[2:] == TABLE[2:]
    assert page.medians([TABLE, other, other])[2:] == [["250,000", "10.5", "costs 4"], ["2,500,000", "1,100", ""]]


def test_a_result_is_kept_with_what_it_was_measured_on(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(page, monkeypatch, [f"told on the way\n{markdown(TABLE)}\n"] * 2)
    assert kept["tables"] == TABLE
    assert kept["machine"]["cores"] and kept["versions"]["duckdb"] and kept["day"]


def test_the_page_shows_the_table_and_a_picture_of_its_growth(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(page, monkeypatch, [markdown(TABLE)])
    text = page.PAGE.read_text(encoding="utf-8")
    assert "| 2,500,000 | 80 |" in text and "|---:|---:|---|" in text and "once" in text
    assert "![Growth: growth](benchmarks-scale.svg)" in text
    assert "<svg" in page.PAGE.with_name("benchmarks-scale.svg").read_text(encoding="utf-8")


def test_a_row_that_is_measured_again_replaces_that_row_alone(page: Any) -> None:
    again = [*TABLE[:2], ["2,500,000", "70", "need 9"], ["25,000,000", "700", ""]]
    assert page.with_rows(TABLE, again) == [*TABLE[:3], *again[2:]]
    assert page.with_rows([["people", "run, s"], *TABLE[1:]], again) == again


def test_numbers_after_a_name_are_those_to_measure(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(page, "keep", lambda benchmark: asked.append(benchmark.words))
    page.main(["scale", "25000000", "run"])
    assert asked == [("scale.py", "25000000"), ("run.py", "east_london")]


def test_a_name_that_nothing_has_is_refused(page: Any) -> None:
    with pytest.raises(SystemExit, match="no benchmark is called speed; known: run, rerun"):
        page.main(["speed"])
