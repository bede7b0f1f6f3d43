"""How far budgets may lie off, with the ranges that the assumptions state."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, Row, TableBlock, TextBlock, headings
from budget.report.facts import RunFacts, RunTables
from budget.report.views import ranges as views

_MEASURES = {"allocation": "Allocation", "core": "Core budget"}
_PENCE = ("p10_pence", "p50_pence", "booked_pence", "p90_pence")
_HEADINGS = headings(["Financial year", "Place"], ["P10", "Middle draw", "Booked", "P90", "P10 to P90 over booked"])


def ranges(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """P10 and P90 beside every budget, and what stands behind them."""
    frame = views.ranges(tables)
    parts = tuple(_table(frame[frame["measure"] == measure], measure, facts) for measure in _MEASURES)
    return (*parts, *(TextBlock(note) for note in _notes(frame, facts)))


def _table(frame: pd.DataFrame, measure: str, facts: RunFacts) -> TableBlock:
    return TableBlock(
        f"{_MEASURES[measure]}, £ million", _HEADINGS, tuple(_row(row, facts) for row in frame.itertuples())
    )


def _row(row: Any, facts: RunFacts) -> Row:
    whole = row.scale == "footprint"
    amounts = [show.in_millions(getattr(row, name)) for name in _PENCE]
    width = show.percent((row.p90_pence - row.p10_pence) / row.booked_pence, 1) if row.booked_pence else ""
    unit = "All places" if whole else facts.label(row.unit)
    return Row((row.financial_year, unit, *amounts, width), "total" if whole else "plain")


def _notes(frame: pd.DataFrame, facts: RunFacts) -> list[str]:
    first = frame.iloc[0]
    read = (
        f"Of {first['draws']:,} draws (seed {first['seed']}), one in ten is below P10, one in ten above P90. "
        "Every assumption that states a low and a high is drawn by itself, with these as its 10th and 90th percentile; "
        "one that states none stays as it is. Growth of the population and choices of method are not drawn. Places are "
        "seldom all low at once, so the percentiles of places do not add up to those of all."
    )
    drawn = (
        "Weighted people are drawn too, from the errors of the need model."
        if frame["need_drawn"].any()
        else "Weighted people are not drawn: nothing is published on the error of published weights, and none is known "
        "of other methods but the need model. Places may be further off than is said here."
    )
    impossible = frame.groupby("financial_year")["impossible_draws"].first()
    told = [f"{year} {count:,}" for year, count in impossible.items() if count]
    cut = f"Draws that could not be done as drawn, and were scaled to the money there is: {', '.join(told)}."
    return [read, drawn, *([cut] if told else [])]
