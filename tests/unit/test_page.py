"""The report page: complete, offline, labelled, honest about what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from budget.report.blocks import FigureBlock, TextBlock
from budget.report.facts import RunFacts, RunTables
from budget.report.notes import reading_notes
from budget.report.page import render_page, write_page
from budget.report.sections import PARTS, blocks_of
from budget.report.sections.bridge import _levels
from budget.report.show import index, millions, number, people, percent, pounds
from budget.report.views import budget as views
from tests.report_tables import YEARS, run_facts, run_tables

pytestmark = pytest.mark.unit

_LOADING = {"src", "srcset", "poster", "data", "action", "background"}


class _Reader(HTMLParser):
    """Collects what the tests ask of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


@pytest.fixture(scope="module")
def tables() -> RunTables:
    return run_tables()


@pytest.fixture(scope="module")
def facts() -> RunFacts:
    return run_facts()


@pytest.fixture(scope="module")
def page(tables: RunTables, facts: RunFacts) -> str:
    return render_page(tables, facts)


def test_the_same_run_gives_the_same_bytes(page: str, facts: RunFacts, tmp_path: Path) -> None:
    write_page(run_tables(), facts, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == page.encode()


def test_the_page_loads_nothing(page: str) -> None:
    reader = _read(page)
    for tag, attributes in reader.tags:
        assert not _LOADING & attributes.keys(), tag
        href = attributes.get("href") or attributes.get("xlink:href") or ""
        assert href.startswith(("#", "data:,")) or not href, (tag, href)
    assert not reader.all("script")
    assert "@import" not in page and not re.search(r"url\((?!#)", page)
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= namespaces
    policy = next(meta["content"] for meta in reader.all("meta") if meta.get("http-equiv"))
    assert policy is not None and policy.startswith("default-src 'none'")


def test_it_is_small(page: str) -> None:
    assert len(page.encode()) < 600_000


def test_every_drawing_has_a_name_and_a_table(page: str) -> None:
    drawings = _read(page).all("svg")
    assert len(drawings) == 23
    for drawing in drawings:
        assert drawing["role"] == "img"
        for label in str(drawing["aria-labelledby"]).split():
            assert re.search(rf'id="{label}">[^<]+<', page), label
    assert page.count("<figure>") == page.count("<details>") == len(drawings)


def test_ids_are_unique_and_anchors_lead_somewhere(page: str) -> None:
    reader = _read(page)
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = {str(link["href"])[1:] for link in reader.all("a")}
    assert anchors <= set(ids)
    assert {part.id for part in PARTS} <= anchors
    assert {name for name in re.findall(r"url\(#([^)]+)\)", page)} <= set(ids)


def test_headings_are_in_order(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in _read(page).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_language_title_notice_and_status(page: str, facts: RunFacts) -> None:
    reader = _read(page)
    assert reader.all("html")[0]["lang"] == "en-GB"
    assert "Inner North East London: integrated budgets 2026/27 (draft)" in page
    assert facts.notice in page.split("<main", maxsplit=1)[0]
    assert facts.run_id in page


def test_tables_have_captions_and_headed_rows(page: str) -> None:
    reader = _read(page)
    assert page.count("<caption>") == page.count("<table>")
    assert all(heading.get("scope") in {"col", "row"} for heading in reader.all("th"))
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        columns = table.count('scope="col"')
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)[1:]:
            assert row.count("<td") + row.count("<th") == columns


def test_headline_figures_are_the_budget(page: str, tables: RunTables) -> None:
    for year in views.by_year(tables).itertuples():
        assert f">{millions(year.allocation_pence)}</button></strong>" in page
        assert f"{pounds(year.per_head_pence)} a head for {people(year.people)} people" in page


def test_the_waterfall_ends_at_the_core_budget(tables: RunTables, facts: RunFacts) -> None:
    bridge = views.bridge(tables)
    sums = bridge.groupby(["financial_year", "step_number", "step"], observed=True)["amount_pence"].sum().reset_index()
    levels = _levels(sums[sums["financial_year"] == YEARS[0]], facts)
    first = tables["integrated_budget"].query("financial_year == @YEARS[0]")
    balances = levels.set_index("label")["balance"]
    assert balances["Allocation"] == first["allocation_pence"].sum()
    assert balances["Core budget"] == first["core_pence"].sum()
    assert levels["kind"].tolist().count("level") == 3


def test_every_unverified_assumption_is_marked(page: str, facts: RunFacts) -> None:
    marked = re.findall(r'<tr class="warn"><th scope="row">((?:(?!</th>).)*)</th><td>UNVERIFIED', page)
    assert sorted(name.replace("<wbr>", "") for name in marked) == sorted(facts.unverified["name"])
    assert "2 of 7 values are unverified" in page


def test_limits_are_told(page: str) -> None:
    text = re.sub(r"<[^>]+>", "", page)
    assert text.count("not the official algorithm") == 2
    assert "older_precedence = complex_first" in text
    assert "floor_then_raise_lowest" in text


def test_checks_that_did_not_pass_are_shown(page: str, facts: RunFacts) -> None:
    for check in facts.checks:
        assert (check.rule in page) == (check.outcome != "passed") or check.rule == "Every row is judged."
    assert "Every row is judged." not in page
    assert "W-2026-03" not in page.split("<main", maxsplit=1)[0]


def test_text_from_tables_cannot_become_markup(page: str) -> None:
    assert "<from memory>" not in page
    assert "&lt;from memory&gt;" in page


@pytest.mark.parametrize("lost", sorted({name for part in PARTS for name in part.needs}))
def test_a_part_without_its_table_says_so(lost: str, tables: RunTables, facts: RunFacts) -> None:
    without = {name: table for name, table in tables.items() if name != lost}
    parts = [part for part in PARTS if lost in part.needs]
    said = [blocks_of(part, without, facts) for part in parts]
    assert said == [(TextBlock(f"This part is left out: the run has no rows in {lost}."),)] * len(parts)


def test_a_run_of_totals_alone_still_has_its_page(tables: RunTables, facts: RunFacts) -> None:
    few = {name: tables[name] for name in ("integrated_budget", "growth_bridge", "carve_outs")}
    page = render_page(few, facts)
    assert all(f'<section id="{part.id}"' in page for part in PARTS)
    assert page.count("This part is left out") == 23
    assert "the run has no rows in choice_by_provider" in page


def test_one_place_has_no_need_to_compare(tables: RunTables, facts: RunFacts) -> None:
    one = dict(tables) | {name: tables[name].query("place == 'Newham'") for name in ("pace_of_change", "need_weights")}
    assert "There is one place" in render_page(one, facts)


def test_notes_follow_the_run(facts: RunFacts) -> None:
    verified = facts.assumptions.assign(status="approved")
    notes = {note.heading: note.text for note in reading_notes(replace(facts, assumptions=verified, notice=""))}
    assert "Data" not in notes
    assert notes["Assumptions"] == "No assumption of this run is marked unverified."


def test_unverified_values_are_named_with_what_they_are(page: str, facts: RunFacts) -> None:
    text = re.sub(r"<[^>]+>", "", page)
    assert (
        "2 values are unverified and must be checked before the figures are used: "
        "choice_share = 0.13 (line:acute_elective), risk_pool_share = 0.005."
    ) in text
    both = facts.assumptions.assign(status=["unverified"] * 2 + ["approved"] * 5, value="0.02")
    both["name"] = ["efficiency_factor"] * 2 + list(both["name"][2:])
    both["financial_year"] = ["2026/27", "2027/28", *["any"] * 5]
    notes = {note.heading: note.text for note in reading_notes(replace(facts, assumptions=both))}
    assert notes["Assumptions"].endswith("used: efficiency_factor = 0.02 (2026/27, 2027/28).")


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"known_on": date(2025, 6, 26)}, "what was published by 26 June 2025"),
        ({"published_to": date(2025, 6, 27)}, "everything in the packs; the newest is of 27 June 2025"),
        ({}, "everything in the packs"),
    ],
)
def test_the_page_says_as_of_when_it_knows(
    tables: RunTables, facts: RunFacts, known: dict[str, date], told: str
) -> None:
    assert f"assumptions: {told}, product version" in render_page(tables, replace(facts, **known))


def test_scenarios_and_their_warnings_are_told(facts: RunFacts) -> None:
    changed = replace(facts, scenarios=("lean", "idle"), warnings=("scenario idle changes nothing",))
    notes = {note.heading: note.text for note in reading_notes(changed)}
    assert notes["Scenarios"] == ("Laid over the packs, in order: lean, idle. Warning: scenario idle changes nothing.")
    assert "Scenarios" not in {note.heading for note in reading_notes(facts)}


def test_numbers_are_half_up_and_never_hide_what_is_missing() -> None:
    assert pounds(250) == "£3" and pounds(-250, signed=True) == "\u2212£3"
    assert millions(123_456_789_00) == "£123.5m"
    assert percent(0.0125) == "1.3%" and percent(0.01, signed=True) == "+1.0%"
    assert index(1.0005) == "1.000" and people(1_234.5) == "1,235"
    assert {pounds(None), percent(float("nan")), people(None), index(None)} == {"not known"}
    assert [number(value) for value in (0.1273, 1_234_567.0, 100.0000001)] == ["0.1273", "1,234,567", "100"]


def test_every_need_model_has_a_report_of_its_own(tables: RunTables, facts: RunFacts) -> None:
    part = next(part for part in PARTS if part.id == "need-model")
    reports = ("risk_diagnostics", "risk_challengers", "risk_caps")
    both = {name: pd.concat([tables[name].assign(stream=of) for of in ("community", "all")]) for name in reports}
    one_line = tables["need_by_line"]["service_line"] == "community"
    by_line = tables["need_by_line"].assign(
        method=tables["need_by_line"]["method"].mask(one_line, "model"),
        stream=tables["need_by_line"]["stream"].mask(one_line, "community"),
    )
    columns = ["stream", "service_line", "cost_pence", "weighed"]
    lines = pd.DataFrame([("community", "community", 12_345_678_900, True)], columns=columns)
    alone = blocks_of(part, tables, facts)
    blocks = blocks_of(part, {**tables, **both, "need_by_line": by_line, "need_model_lines": lines}, facts)
    assert len(blocks) == 2 * len(alone) + 1
    told = [[block.table if isinstance(block, FigureBlock) else block for block in some] for some in (alone, blocks)]
    assert told[1][: len(alone)] == told[0], "the report of whole cost comes first, and says what it said"
    of_stream = blocks[len(alone)]
    assert isinstance(of_stream, TextBlock)
    assert of_stream.text.startswith("The need model (Community), Least squares, weighs Community. It is judged")
    captions = [block.caption for block in blocks if not isinstance(block, TextBlock)]  # type: ignore[union-attr]
    assert len(set(captions)) == len(captions) and captions[-1] == "Lines whose cost each model is of"
    charts = [block.svg.chart_id for block in blocks if isinstance(block, FigureBlock)]
    assert len(charts) == len(set(charts)) == 6
