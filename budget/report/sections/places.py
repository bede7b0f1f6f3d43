"""Headline figures, and budgets by place and year."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.asked import Asked, Figure
from budget.report.blocks import Block, CardsBlock, FigureBlock, Row, TableBlock, headings
from budget.report.charts import money as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import budget, need

_PARTS = ("allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence", "payment_pence")
_PART_NAMES = ("Allocation", "Carve-outs", "Risk pool", "Incentive", "Core", "Payment", "People", "£ a head")


def glance(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Total budget, people and pounds a head of each year."""
    years = budget.by_year(tables)
    cards = tuple(
        (
            f"{row.financial_year} allocation",
            Figure.of(show.millions(row.allocation_pence), Asked(row.financial_year), tables),
            f"{show.pounds(row.per_head_pence)} a head for {show.people(row.people)} people",
        )
        for row in years.itertuples()
    )
    rows = tuple(
        Row((row.financial_year, *_figures(row, Asked(row.financial_year), tables))) for row in years.itertuples()
    )
    table = TableBlock("All places together, £ million", headings(["Financial year"], _PART_NAMES), rows)
    return (CardsBlock("Allocation of each budget year", cards), table)


def _figures(row: Any, asked: Asked, tables: RunTables) -> tuple[str, ...]:
    amounts = tuple(Figure.of(show.in_millions(getattr(row, name)), asked, tables) for name in _PARTS)
    return (*amounts, show.people(row.people), show.pounds(row.per_head_pence))


def by_place(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Budgets by place and year: a chart of pounds a head, and the amounts."""
    frame = budget.by_place(tables)
    totals = {row.financial_year: row for row in budget.by_year(tables).itertuples()}
    rows: list[Row] = []
    for year, block in frame.groupby("financial_year"):
        rows += [
            Row((str(year), facts.label(row.place), *_figures(row, Asked(str(year), "place", row.place), tables)))
            for row in block.itertuples()
        ]
        rows.append(Row((str(year), "All places", *_figures(totals[year], Asked(str(year)), tables)), "total"))
    table = TableBlock("Budget by place, £ million", headings(["Financial year", "Place"], _PART_NAMES), tuple(rows))
    return (_per_head(_with_target(frame, tables), facts), table)


def _with_target(frame: pd.DataFrame, tables: RunTables) -> pd.DataFrame:
    """Target a head beside each place; missing where the run has no targets."""
    if "pace_of_change" not in tables or "need_weights" not in tables:
        return frame.assign(target_per_head_pence=float("nan"))
    targets = need.need_and_spend(tables)[["financial_year", "place", "target_per_head_pence"]]
    return frame.merge(targets, on=["financial_year", "place"], how="left", validate="1:1")


def _per_head(frame: pd.DataFrame, facts: RunFacts) -> FigureBlock:
    years = [str(year) for year in facts.budget_years]
    rows = pd.DataFrame(
        {
            "place": [facts.label(place) for place in frame["place"]],
            "year": frame["financial_year"],
            "pounds": frame["per_head_pence"] / 100,
            "target_pounds": frame["target_per_head_pence"] / 100,
            "text": [show.pounds(pence) for pence in frame["per_head_pence"]],
        }
    )
    rows = rows.sort_values(["place", "year"])
    cells = tuple(
        Row((row.place, row.year, row.text, show.pounds(row.target_pounds * 100))) for row in rows.itertuples()
    )
    caption = "Allocation a head by place and year"
    words = "; ".join(f"{row.place} {row.year} {row.text}" for row in rows.itertuples())
    table = TableBlock(caption, headings(["Place", "Financial year"], ["Allocation a head", "Target a head"]), cells)
    note = "The orange line is the target: what the place would have a head if money followed need alone."
    return FigureBlock(inline_svg(charts.per_head(rows, years), "per-head", caption, words), caption, note, table)
