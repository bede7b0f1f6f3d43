"""What present services would cost against what is allocated, growth in two parts, and agreed changes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import outlook as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import outlook

_MILLION = 100_000_000
_NOTHING, _PLANNED, _ALLOCATED = charts.SERIES
_SERIES = {_NOTHING: "do_nothing_pence", _ALLOCATED: "allocation_pence", _PLANNED: "planned_pence"}
"""What is drawn, in the order of drawing: the dashed plan on top, for it may be the allocation itself."""

_GAP_NAMES = ("If nothing is done", "Efficiency", "Investments", "Savings", "As planned", "Allocation", "Gap", "Left")


def funding_gap(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The do-nothing gap of every year, what closes it and what is left."""
    years = outlook.gap_by_year(tables)
    caption = "Cost of present services against the allocation, all places together"
    words = "; ".join(
        f"{row.financial_year}: {show.millions(row.do_nothing_pence)} if nothing is done, "
        f"{show.millions(row.planned_pence)} as planned, {show.millions(row.allocation_pence)} allocated"
        for row in years.itertuples()
    )
    start = {"year": str(facts.base_year), "what": _NOTHING, "millions": years["baseline_pence"].iloc[0] / _MILLION}
    points = [start | {"what": what} for what in _SERIES]
    points += [
        {"year": row["financial_year"], "what": what, "millions": row[column] / _MILLION}
        for _, row in years.iterrows()
        for what, column in _SERIES.items()
    ]
    drawn = inline_svg(charts.funding_gap(pd.DataFrame(points)), "gap", caption, words)
    rows = [Row((row.financial_year, "All places", *_gap_cells(row)), "total") for row in years.itertuples()]
    rows += [
        Row((row.financial_year, facts.label(row.place), *_gap_cells(row)))
        for row in outlook.funding_gap(tables).itertuples()
    ]
    table = TableBlock(f"{caption}, \u00a3 million", headings(["Financial year", "Place"], _GAP_NAMES), tuple(rows))
    told = TextBlock(
        "If nothing is done, the same care grows with people, demand and prices from the base year on. As planned, "
        "efficiency and agreed savings come off it and agreed investments are added. Left is what the plan costs "
        "beyond the allocation; below nought, the allocation is more."
    )
    note = "All three start at the base year's normalised spend. The table has every place."
    return (told, FigureBlock(drawn, caption, note, table), *_unproven(years, facts))


def _gap_cells(row: Any) -> tuple[str, ...]:
    taken = (-row.efficiency_pence, row.investment_pence, -row.savings_pence)
    return (
        show.in_millions(row.do_nothing_pence),
        *(show.in_millions(pence, signed=True) for pence in taken),
        show.in_millions(row.planned_pence),
        show.in_millions(row.allocation_pence),
        show.in_millions(row.gap_pence, signed=True),
        show.in_millions(row.left_pence, signed=True),
    )


def _unproven(years: pd.DataFrame, facts: RunFacts) -> tuple[Block, ...]:
    last = years.iloc[-1]
    if last["savings_pence"] <= 0:
        return ()
    seen = " and ".join(show.percent(float(value), 0) for value in facts.assumed("savings_realised_share"))
    said = (
        f"Of savings like these, programmes have been seen to make {seen}. If no more came here, "
        f"{show.millions(last['savings_unproven_pence'])} of the {show.millions(last['savings_pence'])} planned by "
        f"{last['financial_year']} would be missing."
    )
    return (TextBlock(said, notice=True),)


def demography(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Demographic growth by numbers and by mix."""
    rows = tuple(
        Row(
            (
                row.financial_year,
                facts.label(row.place),
                show.percent(row.population_growth, 2, signed=True),
                show.percent(row.case_mix_growth, 2, signed=True),
                *(
                    show.in_millions(pence, signed=True)
                    for pence in (row.population_pence, row.case_mix_pence, row.amount_pence)
                ),
            )
        )
        for row in outlook.demography(tables).itertuples()
    )
    names = ["Growth of people", "Growth by mix", "By numbers (\u00a3 million)", "By mix (\u00a3 million)", "Together"]
    told = TextBlock(
        "Demographic growth has two parts: more or fewer people, and people of another mix, above all older ones."
    )
    return (
        told,
        TableBlock("Demographic growth by place and year", headings(["Financial year", "Place"], names), rows),
    )


def policy(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Agreed investments and savings, with who answers for them."""
    frame = outlook.policy_by_move(tables)
    rows = tuple(
        Row(
            (
                row.financial_year,
                facts.label(row.kind),
                "All lines" if show.is_missing(row.service_line) else facts.label(row.service_line),
                row.owner,
                row.reason,
                row.source,
                show.pounds(row.amount_pence, signed=True),
            )
        )
        for row in frame.itertuples()
    )
    texts = ["Financial year", "Kind", "Line", "Owner", "Reason", "Source"]
    return (TableBlock("Agreed investments and savings", headings(texts, ["Amount"]), rows),)
