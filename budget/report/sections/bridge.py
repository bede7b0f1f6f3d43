"""The waterfall from baseline to core budget."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.asked import Asked, Figure
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts.money import waterfall
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import budget

_REBASES = "rebasing"
_COMPRESSED = (
    "A year that is rebased goes back to what its services are planned to cost: what was allocated beyond that "
    "cost goes (compression), what was short of it comes."
)
_FIRST, _ALLOCATES = "baseline", "pace_of_change"


def from_baseline(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The first budget year as a chart, every year as a table."""
    frame = _without_idle_rebasing(budget.bridge(tables))
    sums = frame.groupby(["financial_year", "step_number", "step"], observed=True)["amount_pence"].sum().reset_index()
    first = _levels(sums[sums["financial_year"] == facts.first_year], facts)
    caption = f"Movements of all places together, {facts.first_year}"
    words = "; ".join(f"{row.label} {row.text}" for row in first.itertuples())
    drawn = inline_svg(waterfall(_scaled(first)), "waterfall", caption, words)
    note = "Dark marks are levels; blue bars add to the budget and orange bars take from it."
    cells = tuple(
        Row(
            (row.label, _movement(row, facts, tables), _balance(row, facts, tables)),
            "total" if row.kind == "level" else "plain",
        )
        for row in first.itertuples()
    )
    table = TableBlock(caption, headings(["Step"], ["Movement", "Balance"]), cells)
    later = TextBlock(
        "After the first year, the baseline is the allocation of the year before, brought forward. "
        + (_COMPRESSED if _REBASES in set(sums["step"]) else "No year of this run is rebased.")
    )
    return (FigureBlock(drawn, caption, note, table), later, _all_years(sums, facts, tables))


def _without_idle_rebasing(frame: pd.DataFrame) -> pd.DataFrame:
    """The bridge without its step of rebasing, where no year of the run is rebased."""
    step = frame["step"].astype(str)
    idle = step.eq(_REBASES) & (frame["amount_pence"] == 0).groupby(step).transform("all")
    return frame[~idle].assign(step=step)


def _movement(row: Any, facts: RunFacts, tables: RunTables) -> str:
    if row.kind == "level":
        return ""
    return Figure.of(show.pounds(row.amount, signed=True), Asked(facts.first_year, "step", row.step), tables)


def _balance(row: Any, facts: RunFacts, tables: RunTables) -> str:
    return Figure.of(show.pounds(row.balance), Asked(facts.first_year), tables)


def _levels(sums: pd.DataFrame, facts: RunFacts) -> pd.DataFrame:
    """Steps with the levels between them: baseline, allocation, core budget; amounts in pence."""
    rows: list[tuple[str, str, int, int, str]] = []
    balance = 0
    for step, amount in zip(sums["step"].astype(str), sums["amount_pence"].astype(int), strict=True):
        before, balance = balance, balance + amount
        if step == _FIRST:
            rows.append((facts.label(step), "level", balance, balance, step))
            continue
        rows.append((facts.label(step), "up" if amount >= 0 else "down", before, balance, step))
        if step == _ALLOCATES:
            rows.append(("Allocation", "level", balance, balance, ""))
    rows.append(("Core budget", "level", balance, balance, ""))
    frame = pd.DataFrame(rows, columns=["label", "kind", "before", "balance", "step"])
    frame["amount"] = frame["balance"] - frame["before"]
    frame["text"] = [
        show.millions(row.balance) if row.kind == "level" else show.millions(row.amount, signed=True)
        for row in frame.itertuples()
    ]
    return frame


def _scaled(levels: pd.DataFrame) -> pd.DataFrame:
    """The same in £ million, with the row that each level leads to."""
    million = 100_000_000
    return pd.DataFrame(
        {
            "label": levels["label"],
            "kind": levels["kind"],
            "text": levels["text"],
            "start": levels["before"] / million,
            "end": levels["balance"] / million,
            "right": levels[["before", "balance"]].max(axis=1) / million,
            "next": levels["label"].shift(-1),
        }
    )


def _all_years(sums: pd.DataFrame, facts: RunFacts, tables: RunTables) -> TableBlock:
    years = [str(year) for year in facts.budget_years]
    wide = sums.pivot(index=["step_number", "step"], columns="financial_year", values="amount_pence").sort_index()
    rows = [
        Row(
            (
                facts.label(step),
                *(
                    Figure.of(
                        show.in_millions(row[year], signed=step != _FIRST), Asked(year, "step", str(step)), tables
                    )
                    for year in years
                ),
            )
        )
        for (_, step), row in wide.iterrows()
    ]
    core = (Figure.of(show.in_millions(wide[year].sum()), Asked(year), tables) for year in years)
    rows.append(Row(("Core budget", *core), "total"))
    return TableBlock("Movements by step and year, £ million", headings(["Step"], years), tuple(rows))
