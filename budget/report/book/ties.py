"""Arithmetic checks: pairs of figures on different sheets that must agree to the penny, as live formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from budget.report.book.model import Side, Tie
from budget.report.book.sheet import FIRST, Head, Placed, SheetWriter
from budget.report.book.values import shown
from budget.report.facts import RunFacts

NAME = "Arithmetic checks"
AGREES, DIFFERS = "agrees", "DOES NOT AGREE"
_HEADS = (
    Head("Financial year", 16),
    Head("What must agree", 62),
    Head("First figure on", 24),
    Head("First figure (£)", 22, number=True),
    Head("Second figure on", 24),
    Head("Second figure (£)", 22, number=True),
    Head("Difference (£)", 18, number=True),
    Head("Result", 20),
)


@dataclass(frozen=True)
class TieRow:
    """One check of one year: both figures in pence and as formulas."""

    year: str
    tie: Tie
    left_pence: int
    right_pence: int
    left: str
    right: str


def tie_rows(ties: tuple[Tie, ...], sheets: Mapping[str, Placed], facts: RunFacts) -> tuple[TieRow, ...]:
    """Every check whose sheets exist, for every budget year."""
    rows: list[TieRow] = []
    for tie in ties:
        if tie.left.sheet not in sheets or tie.right.sheet not in sheets:
            continue
        for year in map(str, facts.budget_years):
            row = FIRST + len(rows) + 1
            sides = [_side(side, sheets[side.sheet], year, f"$A{row}", facts) for side in (tie.left, tie.right)]
            (left_pence, left), (right_pence, right) = sides
            rows.append(TieRow(year, tie, left_pence, right_pence, left, right))
    return tuple(rows)


def _side(side: Side, placed: Placed, year: str, year_cell: str, facts: RunFacts) -> tuple[int, str]:
    rows = placed.frame["financial_year"] == year
    tests = [f"--({placed.span('financial_year', elsewhere=True)}={year_cell})"]
    for name, code in side.where.items():
        kind = placed.column(name).kind
        rows &= placed.frame[name] == code
        tests.append(f'--({placed.span(name, elsewhere=True)}="{shown(kind, code, facts)}")')
    parts = [f"SUMPRODUCT({','.join([*tests, placed.span(name, elsewhere=True)])})" for name in side.columns]
    pence = sum(int(pd.to_numeric(placed.frame.loc[rows, name]).sum()) for name in side.columns)
    return pence, f"={'+'.join(parts)}"


def write_ties(writer: SheetWriter, rows: tuple[TieRow, ...]) -> None:
    """The sheet of arithmetic checks."""
    about = (
        "Both figures and their difference are live formulas over the other sheets; every difference must be nought."
    )
    writer.heading(NAME, about)
    writer.header(_HEADS, len(rows), "Arithmetic_checks", about)
    for number, tied in enumerate(rows, start=FIRST):
        _write_tie(writer, number, tied)
    writer.worksheet.freeze_panes(FIRST, 2)
    last = FIRST + len(rows) - 1
    fault = {"type": "cell", "criteria": "!=", "value": 0, "format": writer.formats["bad"]}
    writer.worksheet.conditional_format(FIRST, 6, last, 6, fault)
    told = {"type": "cell", "criteria": "==", "value": f'"{DIFFERS}"', "format": writer.formats["bad"]}
    writer.worksheet.conditional_format(FIRST, 7, last, 7, told)


def _write_tie(writer: SheetWriter, row: int, tied: TieRow) -> None:
    texts = {0: tied.year, 1: tied.tie.what, 2: tied.tie.left.sheet, 4: tied.tie.right.sheet}
    for position, text in texts.items():
        writer.worksheet.write_string(row, position, text, writer.formats["text"])
    difference = tied.left_pence - tied.right_pence
    writer.formula(row, 3, tied.left, tied.left_pence / 100, "pounds")
    writer.formula(row, 5, tied.right, tied.right_pence / 100, "pounds")
    writer.formula(row, 6, f"=ROUND(D{row + 1}-F{row + 1},2)", difference / 100, "pounds")
    verdict = DIFFERS if difference else AGREES
    writer.formula(row, 7, f'=IF(G{row + 1}=0,"{AGREES}","{DIFFERS}")', verdict, "text")


def all_agree(rows: tuple[TieRow, ...]) -> tuple[str, str]:
    """A formula that says whether every check agrees, and its value."""
    span = f"'{NAME}'!$H${FIRST + 1}:$H${FIRST + len(rows)}"
    value = "Yes" if all(row.left_pence == row.right_pence for row in rows) else "No"
    return f'=IF(COUNTIF({span},"{AGREES}")=ROWS({span}),"Yes","No")', value
