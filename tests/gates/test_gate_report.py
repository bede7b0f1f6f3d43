"""The gate report: whole, honest, offline, the same each time."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from budget.kernel.checks import CheckResult
from expectations.report import Tally, observed_text, outcome_of, write_gate_report, write_gate_results

pytestmark = pytest.mark.unit

RESULTS = (
    CheckResult("intake", "I01", "fail", "passed", "spend", "every row is kept", 0, "at most 0"),
    CheckResult(
        "costs",
        "B01",
        "fail",
        "failed",
        "ledger_control",
        "spend ties",
        0.01666,
        "at most 0.005",
        0,
        "inputs/spend",
        ("QMF all",),
    ),
    CheckResult("costs", "B03w", "warn", "failed", "line_attribution", "a <b>bold</b> rule", 0.07, "at most 0.05"),
    CheckResult("costs", "B12", "warn", "waived", "person_cost", "likely share", 0.5, "0.20 to 0.45", waiver_id="W-1"),
    CheckResult(
        "costs", "B17", "info", "failed", "spend", "not restated", 1, "at most 0", keys=("Newham acute -1.0%",)
    ),
    CheckResult("publish", "O05i", "info", "failed", "segment_summary", "no small number", 1_234, "at most 0"),
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def page(tmp_path: Path) -> str:
    write_gate_report(RESULTS, tmp_path / "gates.html", title="Run <1>", notice="Synthetic people")
    return (tmp_path / "gates.html").read_text(encoding="utf-8")


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def test_the_report_says_everything(page: str) -> None:
    text = re.sub(r"\s+", " ", " ".join(_read(page).text))
    for part in (
        "Run <1>",
        "Synthetic people",
        "A gate stopped the run.",
        "Which: QMF all",
        "Which: Newham acute -1.0%",
        "Mend: inputs/spend",
        "0.01666",
        "W-1",
        "1,234",
    ):
        assert part in text
    assert "a <b>bold</b> rule" in text


def test_the_report_asks_for_nothing_from_outside(page: str) -> None:
    assert not re.search(r"https?://|url\(|@import", page)
    assert not {tag for tag, _ in _read(page).tags} & {"script", "link", "img", "iframe"}


def test_the_report_can_be_read_aloud(page: str) -> None:
    tags = _read(page).tags
    assert dict(tags)["html"]["lang"] == "en-GB"
    headings = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert max(headings) == 2
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags) == 4
    assert all(attributes.get("scope") for tag, attributes in tags if tag == "th")
    regions = [attributes for _, attributes in tags if attributes.get("role") == "region"]
    assert all(region.get("aria-label") and region.get("tabindex") == "0" for region in regions)


def test_the_same_checks_make_the_same_bytes(page: str, tmp_path: Path) -> None:
    write_gate_report(RESULTS, tmp_path / "again.html", title="Run <1>", notice="Synthetic people")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_a_report_without_open_checks_says_so(tmp_path: Path) -> None:
    write_gate_report(RESULTS[:1], tmp_path / "gates.html", title="t", notice="")
    page = (tmp_path / "gates.html").read_text(encoding="utf-8")
    assert "No gate stopped the run." in page
    assert "Nothing: every check passed" in page
    assert 'class="notice"' not in page


def test_the_json_holds_every_check(tmp_path: Path) -> None:
    write_gate_results(RESULTS, tmp_path / "gates.json", title="t")
    written = json.loads((tmp_path / "gates.json").read_text(encoding="utf-8"))
    assert written["stopped"] is True
    assert written["checks"] == [result.as_dict() for result in RESULTS]


def test_outcomes_are_counted_by_gate() -> None:
    assert [outcome_of(result) for result in RESULTS] == ["passed", "failed", "warning", "waived", "noted", "noted"]
    assert Tally.of("costs", RESULTS[1:4]) == Tally("costs", passed=0, failed=1, warned=1, noted=0, waived=1)


def test_what_was_found_is_written_in_full_where_it_is_whole() -> None:
    pence = CheckResult("ledger", "C01", "fail", "failed", "t", "r", 9_007_199_254_740_993)
    assert observed_text(pence) == "9,007,199,254,740,993"
    assert observed_text(CheckResult("need", "W01", "fail", "failed", "t", "r")) == "not measured"
