"""Assumptions on their way to Excel and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.assumptions.bring_in import read_changes
from budget.assumptions.diff import differences
from budget.assumptions.export import write_workbook
from budget.assumptions.resolve import resolve
from budget.assumptions.resolved import Assumptions
from budget.assumptions.scenario_file import write_scenario
from budget.assumptions.sheet import COLUMNS, VALUE, VALUES, key_of, rows_of
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from budget.kernel.yaml import write_yaml
from budget.kernel.years import FinancialYear
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

YEARS = (FinancialYear(2026), FinancialYear(2027))
FACTS = {"owner": "tester", "status": "draft", "reason": "=HYPERLINK is only text here"}
PACK: Mapping[str, Any] = {
    "efficiency_factor": [
        {"value": "0.02", "years": "all", "low": "0.01", "high": "0.03", "range_reason": "a test"},
        {"value": "0.03", "years": ["2027/28"]},
        {"value": "0", "years": "all", "line": "prescribing"},
    ],
    "choice_share": [{"value": "0.13", "years": "all", "place": "=Newham"}],
    "pace_rule": [{"value": "uniform", "years": "all"}],
    "host_lines": [{"value": [], "years": "all"}],
    "choice_lines": [{"value": ["acute_elective", "outpatient"], "years": "all"}],
    "quantum": [{"value": "123456789012.34", "years": "all"}],
    "simulated_activity": [{"value": ["1.06", "0.93"], "years": "all"}],
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    values = {
        name: [value | FACTS | {"source": {"title": "=1+1", "where": "a test"}} for value in listed]
        for name, listed in PACK.items()
    }
    write_yaml(tmp_path / "small.yaml", {"pack": "small", "values": values})
    return tmp_path / "small.yaml"


@pytest.fixture
def known(pack: Path) -> Assumptions:
    return resolve([pack], years=YEARS, needed=())


@pytest.fixture
def book(known: Assumptions, tmp_path: Path) -> Path:
    write_workbook(known, tmp_path / "out.xlsx", "A small locality")
    return tmp_path / "out.xlsx"


def change(book: Path, *cells: tuple[tuple[str, ...], Any]) -> Path:
    """Write values into the rows of some keys (name, year, line, place)."""
    workbook = openpyxl.load_workbook(book)
    rows = {tuple(cell.value or "" for cell in row[:VALUE]): row[VALUE] for row in workbook[VALUES].iter_rows()}
    for key, value in cells:
        rows[(*key, *[""] * (VALUE - len(key)))].value = value
    changed = book.with_name("back.xlsx")
    workbook.save(changed)
    return changed


def scenario(book: Path, known: Assumptions, *, name: str = "back") -> Path:
    path = book.with_name(f"{name}.yaml")
    write_scenario(
        path, read_changes(book, known), known, author="me", reason="a question", source=f"Workbook {book.name}"
    )
    return path


class TestOut:
    def test_one_row_a_value_with_what_one_needs_to_know(self, book: Path, known: Assumptions) -> None:
        rows = [tuple(cell.value for cell in row) for row in openpyxl.load_workbook(book)[VALUES].iter_rows()]
        assert rows[0] == tuple(column.header for column in COLUMNS)
        assert len(rows) == 1 + len(known.entries)
        said = next(row for row in rows if row[:2] == ("efficiency_factor", "all") and not row[2])
        assert said[4:9] == (0.02, "rate_per_year", "-0.05 to 0.10", "0.01", "0.03")

    def test_only_values_can_be_changed(self, book: Path) -> None:
        workbook = openpyxl.load_workbook(book)
        assert all(sheet.protection.sheet for sheet in workbook.worksheets)
        unlocked = {
            cell.column - 1 for row in workbook[VALUES].iter_rows() for cell in row if not cell.protection.locked
        }
        assert unlocked == {VALUE}

    def test_excel_refuses_what_lies_outside(self, book: Path) -> None:
        rules = {str(rule.sqref): rule for rule in openpyxl.load_workbook(book)[VALUES].data_validations.dataValidation}
        rows = {row[0].value: row[VALUE].coordinate for row in openpyxl.load_workbook(book)[VALUES].iter_rows()}
        rate, rule = rules[rows["quantum"]], rules[rows["pace_rule"]]
        assert (rate.type, float(rate.formula1), float(rate.formula2)) == ("decimal", 0, 1e12)
        assert (rule.type, rule.formula1) == ("list", '"floor_then_raise_lowest,gap_share,uniform"')
        assert "0.02 for 2%" in rules[rows["efficiency_factor"]].prompt

    def test_no_text_becomes_a_formula(self, book: Path) -> None:
        cells = [cell for sheet in openpyxl.load_workbook(book).worksheets for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert any(cell.value == "=Newham" for cell in cells)

    def test_the_same_values_give_the_same_cells(self, known: Assumptions, book: Path, tmp_path: Path) -> None:
        write_workbook(known, tmp_path / "again.xlsx", "A small locality")
        one, two = (openpyxl.load_workbook(path) for path in (book, tmp_path / "again.xlsx"))
        for sheet in one.sheetnames:
            assert list(one[sheet].values) == list(two[sheet].values)


class TestBack:
    def test_an_untouched_workbook_changes_nothing(self, book: Path, known: Assumptions) -> None:
        assert read_changes(book, known) == ()
        with pytest.raises(ConfigurationError, match="no value was changed"):
            scenario(book, known)

    def test_a_workbook_that_was_only_saved_changes_nothing(self, book: Path, known: Assumptions) -> None:
        assert read_changes(change(book), known) == ()

    def test_just_the_changed_cells_come_back_pinned(self, book: Path, known: Assumptions, pack: Path) -> None:
        changed = change(book, (("choice_share", "all", "", "=Newham"), 0.2), (("pace_rule", "all"), "gap_share"))
        path = scenario(changed, known)
        again = resolve([pack], scenarios=[path], years=YEARS, needed=())
        assert again.warnings == ()
        assert {(c.name, c.scope, c.after) for c in differences(known, again, YEARS)} == {
            ("choice_share", "place:=Newham", Decimal("0.2")),
            ("pace_rule", "all", "gap_share"),
        }
        entry = again.entry("choice_share", YEARS[0], place="=Newham")
        assert (entry.previous, entry.owner, entry.status, entry.set_by) == (Decimal("0.13"), "me", "draft", "back")
        assert str(entry.source).startswith("Workbook back.xlsx, Assumptions!E")
        (layer,) = again.layers[1:]
        assert (layer.author, layer.reason, layer.based_on) == ("me", "a question", {"small": hash_file(pack)})

    def test_a_value_for_all_years_leaves_those_of_single_years(
        self, book: Path, known: Assumptions, pack: Path
    ) -> None:
        path = scenario(change(book, (("efficiency_factor", "all"), 0.01)), known)
        again = resolve([pack], scenarios=[path], years=YEARS, needed=())
        assert [again.number("efficiency_factor", year) for year in YEARS] == [0.01, 0.03]
        assert again.number("efficiency_factor", YEARS[0], line="prescribing") == 0

    @pytest.mark.parametrize(
        ("key", "value", "fault"),
        [
            (("efficiency_factor", "all"), 2, r"efficiency_factor = 2 lies outside -0\.05 to 0\.10.*0\.02 for 2%"),
            (("efficiency_factor", "all"), "2%", "must be a number; found '2%'"),
            (("efficiency_factor", "all"), "=0.01+0.01", "the cell holds a formula"),
            (("efficiency_factor", "all"), None, "the value of efficiency_factor is missing"),
            (("efficiency_factor", "all"), True, "the cell holds a date or a yes or no"),
            (("pace_rule", "all"), "fast", "pace_rule must be one of"),
            (("quantum", "all"), 1.005, "an amount is in pounds, with at most two decimals"),
            (("choice_lines", "all"), "", "the value of choice_lines is missing"),
        ],
    )
    def test_a_wrong_cell_is_named(
        self, book: Path, known: Assumptions, key: tuple[str, ...], value: Any, fault: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=rf"back\.xlsx, Assumptions!E\d+: .*{fault}"):
            read_changes(change(book, (key, value)), known)

    def test_all_faults_are_told_at_once(self, book: Path, known: Assumptions) -> None:
        wrong = change(book, (("efficiency_factor", "all"), 2), (("pace_rule", "all"), "fast"))
        with pytest.raises(ConfigurationError) as stop:
            read_changes(wrong, known)
        assert len(str(stop.value).splitlines()) == 2

    def test_rows_are_neither_added_nor_removed(self, book: Path, known: Assumptions) -> None:
        workbook = openpyxl.load_workbook(book)
        sheet = workbook[VALUES]
        sheet["B2"].value = "2030/31"
        workbook.save(book)
        with pytest.raises(ConfigurationError) as stop:
            read_changes(book, known)
        lines = str(stop.value).splitlines()
        assert "rows cannot be added" in lines[0] and "Assumptions!A2" in lines[0]
        assert lines[1].endswith("is missing.")

    def test_a_workbook_of_other_values_is_refused(self, book: Path, pack: Path) -> None:
        other = resolve([pack], overrides={"pace_rule": "gap_share"}, years=YEARS, needed=())
        with pytest.raises(ConfigurationError, match="not those that it was made from(.|\n)*export them again"):
            read_changes(book, other)

    @pytest.mark.parametrize("content", [b"not a workbook", None])
    def test_a_file_that_is_no_workbook_is_refused(
        self, content: bytes | None, known: Assumptions, tmp_path: Path
    ) -> None:
        path = tmp_path / "x.xlsx"
        if content is None:
            openpyxl.Workbook().save(path)
        else:
            path.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"x\.xlsx: this is not"):
            read_changes(path, known)

    def test_a_scenario_that_is_there_is_left_alone(self, book: Path, known: Assumptions) -> None:
        changed = change(book, (("pace_rule", "all"), "gap_share"))
        scenario(changed, known)
        with pytest.raises(ConfigurationError, match="there is such a file already"):
            scenario(changed, known)

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.decimals(Decimal("-0.05"), Decimal("0.10"), places=6), st.decimals(0, 10**12, places=2))
    def test_what_is_typed_is_what_comes_back(
        self, book: Path, known: Assumptions, rate: Decimal, pounds: Decimal
    ) -> None:
        typed = change(book, (("efficiency_factor", "2027/28"), float(rate)), (("quantum", "all"), float(pounds)))
        found = {c.entry.parameter.id: c.value for c in read_changes(typed, known)}
        assert found.get("efficiency_factor", Decimal("0.03")) == rate
        assert found.get("quantum", Decimal("123456789012.34")) == pounds


def test_the_shipped_localities_come_back_as_they_went_out(tmp_path: Path) -> None:
    folder = REPOSITORY / "config/assumptions"
    for name in ("east_london", "norfolk_waveney"):
        known = resolve([folder / "national.yaml", folder / f"{name}.yaml"], years=YEARS, needed=())
        assert write_workbook(known, tmp_path / f"{name}.xlsx", name) == len(known.entries)
        assert read_changes(tmp_path / f"{name}.xlsx", known) == ()
        assert len({key_of(entry) for entry in rows_of(known)}) == len(known.entries)
