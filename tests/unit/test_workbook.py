"""The workbook: live formulas with their values, totals to the penny, one plain table a sheet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from budget.audit.waivers import Waiver
from budget.contracts import PREVIOUS, output_tables
from budget.kernel.errors import ConfigurationError
from budget.report.book import model
from budget.report.book.formulas import value_of
from budget.report.book.model import Formula, book
from budget.report.book.ties import NAME as TIES
from budget.report.facts import RunFacts, RunTables
from budget.report.show import thousands
from budget.report.workbook import write_workbook
from tests.report_tables import PLACES, YEARS, run_facts, run_tables

pytestmark = pytest.mark.unit

_HEADER = 5


@pytest.fixture(scope="module")
def tables() -> RunTables:
    return run_tables()


@pytest.fixture(scope="module")
def facts() -> RunFacts:
    return run_facts()


@pytest.fixture(scope="module")
def file(tables: RunTables, facts: RunFacts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "budget.xlsx"
    write_workbook(tables, facts, path)
    return path


@pytest.fixture(scope="module")
def formulas(file: Path) -> Workbook:
    return openpyxl.load_workbook(file)


@pytest.fixture(scope="module")
def values(file: Path) -> Workbook:
    return openpyxl.load_workbook(file, data_only=True)


def _rows(workbook: Workbook, name: str) -> list[dict[str, object]]:
    sheet = workbook[name].iter_rows(min_row=_HEADER, values_only=True)
    headers = [str(header) for header in next(sheet)]
    return [dict(zip(headers, row, strict=True)) for row in sheet]


def _pence(pounds: object) -> int:
    return round(float(str(pounds)) * 100)


def test_the_same_run_gives_the_same_bytes(facts: RunFacts, file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    write_workbook(run_tables(), facts, again)
    assert again.read_bytes() == file.read_bytes()


def test_the_order_of_rows_does_not_matter(tables: RunTables, facts: RunFacts, file: Path, tmp_path: Path) -> None:
    shuffled = dict(tables) | {"integrated_budget": tables["integrated_budget"].iloc[::-1]}
    write_workbook(shuffled, facts, tmp_path / "shuffled.xlsx")
    before, after = (
        _rows(openpyxl.load_workbook(path, data_only=True), "Budget by place")
        for path in (file, tmp_path / "shuffled.xlsx")
    )
    assert [row["Allocation (£)"] for row in before] == [row["Allocation (£)"] for row in after]


def test_totals_agree_with_the_budget_to_the_penny(tables: RunTables, values: Workbook) -> None:
    budget = tables["integrated_budget"]
    for name in ("Budget by place", "Budget by segment", "Budget by line", "Budget by commissioner"):
        totals = {row["Financial year"]: row for row in _rows(values, name) if "Total" in row.values()}
        assert set(totals) == set(YEARS)
        for year, row in totals.items():
            mine = budget[budget["financial_year"] == year]
            assert _pence(row["Allocation (£)"]) == mine["allocation_pence"].sum()
            assert _pence(row["Core budget (£)"]) == mine["core_pence"].sum()


def test_people_are_counted_once(tables: RunTables, values: Workbook) -> None:
    people = tables["integrated_budget"].drop_duplicates(["financial_year", "place", "segment"])
    row = next(
        r for r in _rows(values, "Budget by place") if r["Financial year"] == YEARS[0] and r["Place"] == PLACES[0]
    )
    mine = people[(people["financial_year"] == YEARS[0]) & (people["place"] == PLACES[0])]
    assert row["People"] == pytest.approx(mine["people"].sum())
    per_head = tables["integrated_budget"].query("financial_year == @YEARS[0] and place == @PLACES[0]")
    expected = per_head["allocation_pence"].sum() / mine["people"].sum() / 100
    assert row["Allocation a head (£)"] == pytest.approx(expected, abs=0.005)


def test_thousands_are_half_up() -> None:
    assert [thousands(pence) for pence in (50_000, 49_999, 150_000, -50_000, -49_999)] == [1, 0, 2, -1, 0]


def test_every_formula_has_its_value(formulas: Workbook, values: Workbook) -> None:
    count = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    count += 1
                    assert values[sheet.title][cell.coordinate].value not in (None, ""), (sheet.title, cell.coordinate)
    assert count > 500


def test_totals_are_live(formulas: Workbook) -> None:
    last = formulas["Budget by place"].max_row
    assert str(formulas["Budget by place"].cell(last, 3).value).startswith("=SUMPRODUCT(--(")
    place = _rows(formulas, "Budget by place")[0]
    assert str(place["Payment (£)"]).startswith("=SUM(")
    assert str(place["Allocation (£ thousand)"]).startswith("=ROUND(")


def test_all_arithmetic_checks_agree(values: Workbook, formulas: Workbook) -> None:
    rows = _rows(values, TIES)
    assert len(rows) == len(book().ties) * len(YEARS)
    assert {row["Difference (£)"] for row in rows} == {0}
    assert {row["Result"] for row in rows} == {"agrees"}
    assert all(str(row["Difference (£)"]).startswith("=ROUND(") for row in _rows(formulas, TIES))


def test_a_lost_penny_shows(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    bridge = tables["growth_bridge"].copy()
    bridge.loc[0, "amount_pence"] -= 1
    write_workbook(dict(tables) | {"growth_bridge": bridge}, facts, tmp_path / "lost.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "lost.xlsx", data_only=True)
    wrong = [row for row in _rows(workbook, TIES) if row["Result"] != "agrees"]
    assert [(row["Financial year"], row["Difference (£)"], row["Result"]) for row in wrong] == [
        (YEARS[0], 0.01, "DOES NOT AGREE")
    ]
    cover = {row["Item"]: row["Value"] for row in _rows(workbook, "Cover")}
    assert cover["All arithmetic checks agree"] == "No"


def test_every_sheet_is_one_plain_table(formulas: Workbook) -> None:
    for sheet in formulas:
        assert len(sheet.title) <= 31
        assert not sheet.merged_cells.ranges, sheet.title
        assert isinstance(sheet["A1"].value, str)
        assert len(sheet.tables) == 1, sheet.title
        table = next(iter(sheet.tables.values()))
        assert table.autoFilter is not None
        headers = [cell.value for cell in sheet[_HEADER]]
        assert all(isinstance(header, str) and header for header in headers), sheet.title
        assert sheet.freeze_panes is not None and sheet.freeze_panes.endswith(str(_HEADER + 1)), sheet.title


def test_no_cell_of_a_table_is_blank(values: Workbook) -> None:
    for sheet in values:
        table = next(iter(sheet.tables.values()))
        blank = [cell.coordinate for row in sheet[table.ref] for cell in row if cell.value in (None, "")]
        assert blank == [], sheet.title


def test_text_is_never_a_formula(formulas: Workbook) -> None:
    sheet = formulas["Assumptions"]
    texts = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK is only text here"]
    assert [cell.data_type for cell in texts] == ["s"]


def test_data_never_becomes_a_formula(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    names = dict(zip(PLACES, ("=1+1", "-1", "@SUM(A1)"), strict=True))
    named = {
        name: frame.assign(place=frame["place"].replace(names)) if "place" in frame else frame
        for name, frame in tables.items()
    }
    write_workbook(named, facts, tmp_path / "budget.xlsx")
    cells = [
        cell
        for sheet in openpyxl.load_workbook(tmp_path / "budget.xlsx")
        for row in sheet.iter_rows(min_row=_HEADER)
        for cell in row
        if cell.value in names.values()
    ]
    assert {cell.value for cell in cells} == set(names.values())
    assert {cell.data_type for cell in cells} == {"s"}


def test_notice_and_status_stand_on_every_sheet(formulas: Workbook, facts: RunFacts) -> None:
    for sheet in formulas:
        assert facts.notice in sheet["A3"].value
        assert sheet["A3"].value.startswith("Draft")


def test_unverified_assumptions_are_marked_and_come_first(values: Workbook, facts: RunFacts) -> None:
    rows = _rows(values, "Assumptions")
    marked = [row["Assumption"] for row in rows if str(row["Status"]).startswith("UNVERIFIED")]
    assert sorted(marked) == sorted(facts.unverified["name"])
    assert [row["Assumption"] for row in rows[: len(marked)]] == marked


def test_contents_link_to_every_sheet(formulas: Workbook) -> None:
    links = [cell.hyperlink for row in formulas["Contents"].iter_rows() for cell in row if cell.hyperlink]
    linked = {link.location.split("!")[0].strip("'") for link in links}
    assert linked >= set(formulas.sheetnames) - {"Cover", "Contents"}


def test_a_missing_table_is_left_out_and_said_so(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    path = tmp_path / "fewer.xlsx"
    lost = {"population_reconciliation", "choice_by_provider"}
    write_workbook({name: table for name, table in tables.items() if name not in lost}, facts, path)
    workbook = openpyxl.load_workbook(path, data_only=True)
    assert "Population by place" not in workbook.sheetnames
    contents = {row["Sheet"]: row["What it shows"] for row in _rows(workbook, "Contents")}
    assert contents["Population by practice"] == "Left out: this run has no table population_reconciliation."
    assert contents["Choice by provider"] == "Left out: this run has no table choice_by_provider."
    assert {row["Result"] for row in _rows(workbook, TIES)} == {"agrees"}


def test_a_segment_without_people_has_no_rate(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    budget = tables["integrated_budget"].copy()
    budget.loc[budget["segment"] == "UNSEG", "people"] = 0.0
    write_workbook(dict(tables) | {"integrated_budget": budget}, facts, tmp_path / "nobody.xlsx")
    rows = _rows(openpyxl.load_workbook(tmp_path / "nobody.xlsx", data_only=True), "Budget by segment")
    assert {row["Payment a head (£)"] for row in rows if row["Segment"] == "Not in a segment"} == {"[x]"}


def test_practices_without_a_published_count_are_not_compared(tables: RunTables, values: Workbook) -> None:
    rows = {row["Practice code"]: row for row in _rows(values, "Population by practice")}
    assert rows["F84205"]["Published patients"] == "[x]"
    total = next(row for row in _rows(values, "Population by place") if row["Place"] == "All")
    assert total["Closing less published"] == tables["population_reconciliation"]["difference"].sum()


def test_the_dictionary_has_every_column(values: Workbook) -> None:
    rows = _rows(values, "Data dictionary")
    assert len(rows) == sum(len(table.columns) for table in output_tables().values())


def test_columns_of_the_description_exist_in_their_tables(tables: RunTables) -> None:
    for sheet in book().sheets:
        for name in sheet.needs:
            assert name.removeprefix(PREVIOUS) in output_tables(), (sheet.name, name)
    assert all(re.fullmatch(r"[\w ()£:,-]+", column.header) for sheet in book().sheets for column in sheet.columns)


def test_a_tie_names_columns_that_exist() -> None:
    columns = {sheet.name: {column.id for column in sheet.columns} for sheet in book().sheets}
    for tie in book().ties:
        for side in (tie.left, tie.right):
            assert {*side.columns, *side.where} <= columns[side.sheet], tie.what


def test_an_unknown_column_in_the_description_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    written = model.read_yaml(Path(model.__file__).parent.parent / "workbook.yaml")
    written["sheets"][0]["columns"][7]["formula"]["of"] = ["no_such_column"]
    monkeypatch.setattr(model, "read_yaml", lambda _: written)
    with pytest.raises(ConfigurationError, match="no_such_column"):
        model.book.__wrapped__()


def test_formulas_say_when_there_is_no_answer() -> None:
    ratio = Formula(op="ratio", of=("a", "b"))
    assert value_of(ratio, (1_000, 0)) is None
    assert value_of(ratio, (1_000, float("nan"))) is None
    assert value_of(ratio, (5, 2)) == 3
    assert value_of(Formula(op="difference", of=("a", "b", "c")), (10, 3, 2)) == 5


def test_the_bridge_stands_beside_that_of_the_earlier_run(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    earlier = tables["growth_bridge"].query("financial_year == @YEARS[0]").copy()
    earlier["amount_pence"] -= 100
    write_workbook(dict(tables) | {"previous_growth_bridge": earlier}, facts, tmp_path / "since.xlsx")
    rows = _rows(openpyxl.load_workbook(tmp_path / "since.xlsx", data_only=True), "Since the last run")
    assert {row["Financial year"] for row in rows} == {YEARS[0]}
    *steps, total = rows
    assert {row["This run less the earlier (£)"] for row in steps} == {1}
    assert total["This run less the earlier (£)"] == len(steps) == len(earlier)


def test_waivers_say_who_accepted_what(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    words = {
        "person": "A. Name",
        "role": "Chief finance officer",
        "reason": "The list is late.",
        "threshold": "at most 45",
    }
    dates = {"given_on": "2026-04-02", "expires_on": "2026-06-30"}
    held = Waiver.model_validate({"id": "W-1", "check": "I03", "locality": "here", "value": 52, **words, **dates})
    told = replace(facts, waivers=(held.model_dump(),), record=(("Run", facts.run_id),))
    write_workbook(tables, told, tmp_path / "waived.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "waived.xlsx", data_only=True)
    (row,) = _rows(workbook, "Waivers")
    assert (row["Waiver"], row["Person"], row["Accepted value"]) == ("W-1", "A. Name", "52")
    assert row["Covers a warning of this run"] == "No" and row["Codes"] == "[x]"
    assert _rows(workbook, "Manifest") == [{"Item": "Run", "Value": facts.run_id}]


def test_a_run_without_checks_or_notice_still_writes(tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
    bare = replace(facts, notice="", checks=(), assumptions=facts.assumptions.iloc[:0])
    write_workbook(tables, bare, tmp_path / "bare.xlsx")
    contents = {
        row["Sheet"]: row["What it shows"] for row in _rows(openpyxl.load_workbook(tmp_path / "bare.xlsx"), "Contents")
    }
    assert contents["Data checks"] == "Left out: the table has no rows."


def test_no_table_at_all_still_tells_what_is_missing(facts: RunFacts, tmp_path: Path) -> None:
    write_workbook({}, facts, tmp_path / "empty.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "empty.xlsx")
    assert workbook.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert "Budget by place" not in workbook.sheetnames


def test_dates_of_assumptions_are_dates(values: Workbook) -> None:
    assert {row["In force from"] for row in _rows(values, "Assumptions")} == {datetime(2026, 4, 1)}
    assert [row["Published on"] for row in _rows(values, "Assumptions")].count("[x]") == 1
