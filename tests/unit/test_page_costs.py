"""Costs on the page and in the workbook: only what the run knows, sums that hold, few people not told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from budget.kernel.codes import UNATTRIBUTED
from budget.report.blocks import Block, FigureBlock, TableBlock, TextBlock
from budget.report.facts import RunFacts, RunTables
from budget.report.sections.costs import what_care_cost
from budget.report.show import in_millions, pounds
from budget.report.views import costs as views
from budget.report.workbook import write_workbook
from tests.report_tables import run_facts, run_tables

pytestmark = pytest.mark.unit

EXTRAS = {
    "baseline_adjustments": "Adjustments that normalise the baseline of 2025/26, by code",
    "price_uplift": "Prices brought to 2025/26",
    "activity_completion": "What completing recent months adds to the cost of care",
    "part_complete": "Stays that are complete on neither side of a boundary",
    "high_cost": "Cost above the stop-loss threshold in 2025/26, by place",
    "commissioner_case_costs": "Cases in which another commissioner has a part",
}
SHEETS = {
    "Baseline adjustments": "baseline_adjustments",
    "Price uplift": "price_uplift",
    "Completion": "activity_completion",
    "Part-complete care": "part_complete",
    "High cost": "high_cost",
    "Commissioner cases": "commissioner_case_costs",
}


@pytest.fixture(scope="module")
def tables() -> RunTables:
    return run_tables()


@pytest.fixture(scope="module")
def facts() -> RunFacts:
    return run_facts()


@pytest.fixture(scope="module")
def shown(tables: RunTables, facts: RunFacts) -> dict[str, TableBlock]:
    return by_caption(what_care_cost(tables, facts))


def by_caption(blocks: tuple[Block, ...]) -> dict[str, TableBlock]:
    """Tables, and the tables behind figures, by caption."""
    found = [block.table if isinstance(block, FigureBlock) else block for block in blocks]
    return {table.caption: table for table in found if isinstance(table, TableBlock)}


def note(tables: RunTables, facts: RunFacts) -> str:
    """What is written under the first figure."""
    return next(block.note for block in what_care_cost(tables, facts) if isinstance(block, FigureBlock))


def without(tables: RunTables, *names: str) -> RunTables:
    return {name: table for name, table in tables.items() if name not in names}


class TestParts:
    def test_everything_is_there(self, shown: dict[str, TableBlock]) -> None:
        assert len(shown) == 3 + len(EXTRAS)
        assert set(EXTRAS.values()) <= set(shown)

    @pytest.mark.parametrize("lost", EXTRAS)
    def test_what_the_run_does_not_have_is_not_there(self, lost: str, tables: RunTables, facts: RunFacts) -> None:
        for few in (without(tables, lost), dict(tables) | {lost: tables[lost].iloc[:0]}):
            assert EXTRAS.keys() - {lost} == {
                name for name, caption in EXTRAS.items() if caption in by_caption(what_care_cost(few, facts))
            }

    def test_a_run_that_knows_nothing_more_has_its_three(self, tables: RunTables, facts: RunFacts) -> None:
        assert len(by_caption(what_care_cost(without(tables, *EXTRAS, "spend_per_head"), facts))) == 3


class TestSpendAHead:
    CAPTION = "Normalised spend a head by line, 2025/26"

    def test_the_year_before_stands_beside_it(self, shown: dict[str, TableBlock]) -> None:
        table = shown[self.CAPTION]
        assert [heading.text for heading in table.headings][-2:] == ["The year before", "Change"]
        change = {row.cells[0]: row.cells[-1] for row in table.rows}
        assert change["Community"] == "+3.1%"
        assert change["Social care (section 75)"] == "not known"

    def test_without_a_year_before_nothing_is_said_of_it(self, tables: RunTables, facts: RunFacts) -> None:
        blocks = what_care_cost(without(tables, "spend_per_head"), facts)
        table = by_caption(blocks)[self.CAPTION]
        assert len(table.headings) == 3
        assert isinstance(blocks[0], TextBlock) and "year before" not in blocks[0].text

    def test_lines_add_up_to_the_baseline(self, tables: RunTables, shown: dict[str, TableBlock]) -> None:
        whole = tables["baseline_lines"]["normalised_pence"].sum()
        total = shown[self.CAPTION].rows[-1]
        assert total.kind == "total"
        assert total.cells[1:3] == (in_millions(whole), pounds(whole / views.people(tables), 2))


class TestAttribution:
    def test_lines_say_what_is_made_of_the_rest(self, shown: dict[str, TableBlock]) -> None:
        table = shown["Spend of 2025/26 that people's care explains, by line, £ million"]
        rest = {row.cells[0]: row.cells[1] for row in table.rows}
        assert rest["Community"] == "Held out of segments"
        assert rest["Outpatient"] == "Cost scaled down to spend"
        assert rest["Urgent and emergency"] == "For everyone present"
        assert rest["Prescribing"] == "In proportion to cost"

    def test_parts_of_a_line_are_its_spend(self, tables: RunTables) -> None:
        lines = views.by_line(tables)
        explained = lines["normalised_pence"] - lines["shared_pence"] - lines["held_out_pence"]
        borne = lines["direct_pence"].where(lines["treatments"] != ("scaled_down",), lines["normalised_pence"])
        pd.testing.assert_series_equal(explained, borne, check_names=False, rtol=1e-12)
        assert (lines["shared_pence"] >= 0).all()

    def test_the_rule_of_the_run_is_named(self, tables: RunTables, facts: RunFacts) -> None:
        assert "Rule of this run" not in note(tables, facts)
        assumed = facts.assumptions.iloc[:1].assign(name="unattributed_spend_rule", value="hold_out")
        named = replace(facts, assumptions=pd.concat([facts.assumptions, assumed]))
        assert note(tables, named).endswith("Rule of this run for what is not explained: held out of segments.")

    def test_a_line_that_places_treat_differently_says_both(self, tables: RunTables) -> None:
        lines = tables["unattributed_spend"].copy()
        lines.loc[lines["service_line"] == "prescribing", "treatment"] = ["gross_up", "per_head", "gross_up"]
        found = views.by_line(dict(tables) | {"unattributed_spend": lines}).set_index("service_line")
        assert found.loc["prescribing", "treatments"] == ("gross_up", "per_head")


class TestSegments:
    def test_segments_and_what_is_held_out_are_the_baseline(self, tables: RunTables) -> None:
        held = tables["segment_cost"].query("segment == @UNATTRIBUTED")["grossed_pence"].sum()
        segments = views.by_segment(tables)
        assert UNATTRIBUTED not in set(segments["segment"])
        assert held > 0
        whole = tables["baseline_lines"]["normalised_pence"].sum()
        assert segments["grossed_pence"].sum() + held == pytest.approx(whole, rel=1e-12)
        assert segments["people"].sum() == pytest.approx(views.people(tables))

    def test_the_dearest_comes_first(self, tables: RunTables) -> None:
        assert views.by_segment(tables)["per_head_pence"].is_monotonic_decreasing


class TestFewPeople:
    def test_their_pounds_are_not_told(self, shown: dict[str, TableBlock]) -> None:
        rows = {row.cells[0]: row.cells[2:] for row in shown[EXTRAS["high_cost"]].rows}
        assert rows["Tower Hamlets"] == ("fewer than 5", "–", "90%", "–")
        assert rows["Newham"][0] == "61"
        assert rows["Waltham Forest"] == ("0", "£0", "90%", "£0")

    @pytest.mark.parametrize(
        ("view", "count", "pence"),
        [
            (views.high_cost, "people_over", "excess_pence"),
            (views.part_complete, "stays", "other_pence"),
            (views.cases, "people", "ours_pence"),
        ],
    )
    def test_nor_how_many_they_are(self, tables: RunTables, view, count: str, pence: str) -> None:  # type: ignore[no-untyped-def]
        found = view(tables)
        assert found[count].isna().sum() == found[pence].isna().sum() == 1
        assert (found[count].dropna().isin([0]) | (found[count].dropna() >= views.FEWEST)).all()


class TestWorkbook:
    def sheets(self, tables: RunTables, facts: RunFacts, path: Path) -> dict[str, list[tuple[object, ...]]]:
        write_workbook(tables, facts, path)
        book = openpyxl.load_workbook(path, data_only=True)
        return {sheet.title: list(sheet.iter_rows(min_row=5, values_only=True)) for sheet in book}

    def test_sheets_hold_what_the_run_knows(self, tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
        found = self.sheets(tables, facts, tmp_path / "all.xlsx")
        assert {"Baseline", "Costs by line", "Attribution by place", "Cost by segment", *SHEETS} <= set(found)
        few = self.sheets(without(tables, *SHEETS.values()), facts, tmp_path / "few.xlsx")
        assert not set(SHEETS) & set(few)

    def test_totals_are_the_baseline(self, tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
        found = self.sheets(tables, facts, tmp_path / "totals.xlsx")
        whole = tables["baseline_lines"]["normalised_pence"].sum() / 100
        columns = {"Baseline": "Normalised spend (£)", "Costs by line": "Normalised spend (£)"}
        columns["Attribution by place"] = "Normalised spend (£)"
        for sheet, column in columns.items():
            header, *_, total = found[sheet]
            assert total[header.index(column)] == pytest.approx(whole, abs=0.005), sheet

    def test_few_people_have_no_figures(self, tables: RunTables, facts: RunFacts, tmp_path: Path) -> None:
        found = self.sheets(tables, facts, tmp_path / "few_people.xlsx")
        rows = {row[0]: row for row in found["High cost"]}
        assert rows["Tower Hamlets"][2:4] == ("[x]", "[x]")
        assert rows["Newham"][2:4] == (61, pytest.approx(3_104_429.00))
