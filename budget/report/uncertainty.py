"""The sections of a page on how far budgets may lie off: percentiles, and what they come from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from budget.report import show
from budget.report.blocks import Row, Section, TableBlock, TextBlock, headings

_PENCE = ("p10_pence", "p50_pence", "booked_pence", "p90_pence")
_HEADINGS = headings(["Place"], ["P10", "Middle draw", "Booked", "P90"])


def budgets_section(budgets: pd.DataFrame, notes: Sequence[str]) -> Section:
    """Every budget with its percentiles.

    Args:
        budgets: ``budget_range``.
        notes: how to read it; a paragraph each.
    """
    tables = tuple(
        TableBlock(f"{str(measure).capitalize()} {year}", _HEADINGS, _rows(rows))
        for (measure, year), rows in budgets.groupby(["measure", "financial_year"], sort=True)
    )
    return Section("budgets", "Budgets", (*tables, *(TextBlock(note) for note in notes)))


def causes_section(causes: pd.DataFrame, year: str) -> Section:
    """What the spread of the core budget of all places goes with.

    Args:
        causes: ``drawn`` and ``share``, the largest first.
        year: the year that they are of.
    """
    rows = tuple(Row((row.drawn, show.percent(row.share, 1))) for row in causes.itertuples())
    caption = f"Share of the variance of the core budget of all places, {year}"
    return Section("causes", "Where it comes from", (TableBlock(caption, headings(["Drawn"], ["Share"]), rows),))


def _rows(budgets: pd.DataFrame) -> tuple[Row, ...]:
    ordered = budgets.sort_values(["scale", "unit"], ascending=[False, True])
    return tuple(
        Row(
            (row.unit, *(show.pence(int(getattr(row, name))) for name in _PENCE)),
            "total" if row.scale == "footprint" else "plain",
        )
        for row in ordered.itertuples()
    )
