"""The sections of a settlement's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from budget.kernel.checks import CheckResult
from budget.report import show
from budget.report.blocks import (
    Block,
    CardsBlock,
    FigureBlock,
    ListBlock,
    Row,
    Section,
    TableBlock,
    TextBlock,
    headings,
)
from budget.report.charts.shadow import shadow_lines
from budget.report.statements import WORDS, Stated
from budget.report.svg import inline_svg

MONTHS = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
_MILLION = 100_000_000
_MOST_LINES = 8
"""More lines than this have no colours of their own; the table has every party."""
_FEWEST = 5
"""Fewer people than this are not shown."""

Tables = Mapping[str, pd.DataFrame]
Name = Callable[[str], str]


def settlement_sections(
    tables: Tables, statements: Sequence[Stated], notes: Sequence[str], checks: Sequence[CheckResult], name: Name
) -> tuple[Section, ...]:
    """Every section that the tables allow.

    Args:
        tables: those of the settlement.
        statements: of every party.
        notes: what a reader has to know; a paragraph each.
        checks: questions that were asked, with their answers.
        name: words for codes.
    """
    makers = (_results, _parties, _people, _choice, _pools, _shadow)
    found = [section for make in makers for section in make(tables, name)]
    return (_first(tables, notes), *found, _statements(statements, name), _checks(checks))


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["quarter"] == table["quarter"].max()]


def _money(row: Any, *names: str) -> tuple[str, ...]:
    return tuple(show.pence(int(getattr(row, name))) for name in names)


def _first(tables: Tables, notes: Sequence[str]) -> Section:
    results = _last(tables["contract_results"])
    cards = [
        ("Expected", show.millions(int(results["expected_pence"].sum())), "to date, list changes included"),
        ("Actual", show.millions(int(results["actual_pence"].sum())), "to date"),
        ("Difference", show.millions(int(results["difference_pence"].sum()), signed=True), "a gain is above nought"),
    ]
    texts = tuple(TextBlock(note) for note in notes)
    return Section("settlement", "What is settled", (CardsBlock("To date", tuple(cards)), *texts))


def _results(tables: Tables, name: Name) -> Iterator[Section]:
    rows = []
    measured = set(tables["outcome_scores"]["contract"]) if "outcome_scores" in tables else set()
    for row in _last(tables["contract_results"]).itertuples(index=False):
        score = _score(row.score, agreed=row.contract in measured)
        amounts = _money(row, "expected_pence", "actual_pence", "difference_pence", "passed_pence")
        rows.append(Row((name(row.contract), row.form, row.expected_basis, *amounts, score)))
    head = headings(
        ["Contract or place", "Form", "Expected by"], ["Expected", "Actual", "Difference", "To commissioners", "Score"]
    )
    yield Section(
        "results", "Expected and actual", (TableBlock("Every contract and place, to date", head, tuple(rows)),)
    )


def _score(score: float, *, agreed: bool) -> str:
    if pd.isna(score):
        return "not known" if agreed else "no measures"
    return show.percent(score)


def _parties(tables: Tables, name: Name) -> Iterator[Section]:
    columns = (
        "account_pence",
        "list_pence",
        "true_up_pence",
        "unearned_pence",
        "shared_pence",
        "cost_pence",
        "result_pence",
    )
    rows = [
        Row((name(row.party), name(row.contract), *_money(row, *columns)))
        for row in _last(tables["settlement_parties"]).itertuples(index=False)
    ]
    head = headings(
        ["Party", "Contract"], ["On account", "List changes", "Truing up", "Not earned", "Shared", "Cost", "Result"]
    )
    yield Section(
        "parties", "Parties", (TableBlock("What every party was due, and what it is left with", head, tuple(rows)),)
    )


def _people(tables: Tables, name: Name) -> Iterator[Section]:
    if "list_adjustment" not in tables:
        return
    columns = ["first_pence", "late_pence", "change_pence"]
    sums = _last(tables["list_adjustment"]).groupby("place", as_index=False)[columns].sum()
    rows = tuple(Row((name(row.place), *_money(row, *columns))) for row in sums.itertuples(index=False))
    head = headings(["Place"], ["As known at the time", "Late news", "Both"])
    blocks: list[Block] = [TableBlock("List changes to date, at the rates of the budget", head, rows)]
    if "late_news" in tables:
        blocks.append(_late_news(tables["late_news"], name))
    yield Section("people", "People", tuple(blocks))


def _late_news(late: pd.DataFrame, name: Name) -> TableBlock:
    sums = late.groupby(["place", "kind"], as_index=False)[["people", "amount_pence"]].sum()
    rows = [
        Row((name(row.place), row.kind, _people_months(row.people), show.pence(int(row.amount_pence))))
        for row in sums.itertuples(index=False)
        if abs(row.people) >= _FEWEST
    ]
    head = headings(["Place", "News"], ["People-months", "£"])
    return TableBlock(
        "Late news, corrected back to its day (fewer than five people-months are left out)", head, tuple(rows)
    )


def _people_months(count: float) -> str:
    return show.people(count)


def _choice(tables: Tables, name: Name) -> Iterator[Section]:
    if "choice_settlement" not in tables:
        return
    columns = ["planned_pence", "actual_pence", "difference_pence"]
    sums = tables["choice_settlement"].groupby(["place", "service_line"], as_index=False)[columns].sum()
    rows = tuple(
        Row((name(row.place), name(row.service_line), *_money(row, *columns))) for row in sums.itertuples(index=False)
    )
    head = headings(["Place", "Line"], ["Planned", "Actual", "Difference"])
    yield Section("choice", "Patient choice", (TableBlock("Care outside the footprint, to date", head, rows),))


def _pools(tables: Tables, name: Name) -> Iterator[Section]:
    columns = (
        "opening_pence", "drawn_for_choice_pence", "drawn_for_losses_pence", "returned_by_choice_pence",
        "returned_by_incentive_pence", "closing_pence", "unmet_pence",
    )  # fmt: skip
    rows = [
        Row((name(row.place), *_money(row, *columns)), "warn" if row.unmet_pence else "plain")
        for row in _last(tables["pool_balance"]).itertuples(index=False)
    ]
    head = headings(
        ["Place"], ["Opening", "For choice", "For losses", "From choice", "From incentive", "Closing", "Not met"]
    )
    yield Section("pools", "Risk pools", (TableBlock("Balance of every pool, to date", head, tuple(rows)),))


def _shadow(tables: Tables, name: Name) -> Iterator[Section]:
    if "shadow_year" not in tables:
        return
    table = tables["shadow_year"]
    for contract, rows in table.groupby("contract", sort=True):
        heading = f"Shadow year: {name(str(contract))}"
        yield Section(f"shadow-{contract}", heading, (_pictured(str(contract), rows, name),))


def _pictured(contract: str, rows: pd.DataFrame, name: Name) -> Block:
    """A line a party that is paid something else; the table alone where nobody is."""
    behind = _shadow_table(rows, name)
    most = rows.groupby("party")["cumulative_difference_pence"].agg(lambda pence: pence.abs().max())
    drawn = most[most > 0].nlargest(_MOST_LINES).index
    return _picture(contract, rows[rows["party"].isin(drawn)], behind, name) if len(drawn) else behind


def _shadow_table(rows: pd.DataFrame, name: Name) -> TableBlock:
    columns = (
        "cumulative_in_force_pence",
        "cumulative_integrated_pence",
        "cumulative_cost_pence",
        "cumulative_difference_pence",
    )
    head = headings(["Party", "Month"], ["Under today's form", "Under the contract", "Cost", "Difference"])
    told = (
        Row((name(row.party), MONTHS[row.month - 1], *_money(row, *columns))) for row in rows.itertuples(index=False)
    )
    return TableBlock("To date, month by month", head, tuple(told))


def _picture(contract: str, rows: pd.DataFrame, behind: TableBlock, name: Name) -> FigureBlock:
    pence = rows["cumulative_difference_pence"].astype("int64")
    drawn = pd.DataFrame(
        {
            "party": [name(party) for party in rows["party"]],
            "month": [MONTHS[month - 1] for month in rows["month"]],
            "millions": pence / _MILLION,
            "text": [show.millions(int(amount), 2, signed=True) for amount in pence],
        }
    )
    last = rows[rows["month"] == rows["month"].max()]
    told = "; ".join(
        f"{name(row.party)} {show.pence(int(row.cumulative_difference_pence))}" for row in last.itertuples()
    )
    caption = "Paid under the contract less under the form in force, to date"
    picture = inline_svg(shadow_lines(drawn), f"shadow-{contract}", caption, told)
    note = "Above nought a party is paid more under the contract; list changes, incentive and shares are counted."
    return FigureBlock(picture, caption, note, behind)


def _statements(statements: Sequence[Stated], name: Name) -> Section:
    head = headings(["Contract", "Item"], ["Earlier", "This statement", "To date"])
    tables = []
    for stated in statements:
        rows = (
            [Row(("Before", "On account", "", "", show.pence(stated.opening_pence)))]
            if stated.opening_pence is not None
            else []
        )
        rows += [
            Row((name(row.contract), WORDS[row.item], *_money(row, "earlier_pence", "now_pence", "to_date_pence")))
            for row in stated.rows.itertuples(index=False)
        ]
        earlier = int(stated.rows["earlier_pence"].sum())
        total = (show.pence(pence) for pence in (earlier, stated.now_pence, stated.closing_pence))
        rows.append(Row(("Total", "", *total), "total"))
        tables.append(TableBlock(f"{stated.kind.capitalize()}: {name(stated.party)}", head, tuple(rows)))
    return Section("statements", "Statements", tuple(tables))


def _checks(checks: Sequence[CheckResult]) -> Section:
    failed = [check for check in checks if check.outcome != "passed"]
    items = tuple((f"{check.check_id} {check.table}", check.sentence()) for check in failed)
    text = TextBlock(
        f"{len(checks)} questions were asked of the actuals and the settlement, {len(failed)} were not passed."
    )
    return Section("checks", "Checks", (text, ListBlock(items)) if items else (text,))
