"""Segments, lists against residents, the population statement."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.asked import Asked, Figure
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import money as money_charts
from budget.report.charts import need as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import budget, people


def segments(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Share of people and of the allocation by segment, first budget year."""
    frame = budget.segment_shares(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    frame = frame.assign(code=frame["segment"], segment=[facts.label(segment) for segment in frame["segment"]])
    order = frame["segment"].tolist()
    long = frame.rename(columns={"people_share": "People", "money_share": "Allocation"})
    long = long.melt(["segment"], ["People", "Allocation"], "measure", "share")
    long["text"] = [show.percent(share) for share in long["share"]]
    caption = f"Share of people and of the allocation by segment, {facts.first_year}"
    words = "; ".join(
        f"{row.segment}: {show.percent(row.people_share)} of people, {show.percent(row.money_share)} of the allocation"
        for row in frame.itertuples()
    )
    numbers = ["People", "Share of people", "Allocation (£ million)", "Share of allocation", "Allocation a head"]
    table = TableBlock(
        caption, headings(["Segment"], numbers), tuple(_segment_row(row, tables) for row in frame.itertuples())
    )
    drawn = inline_svg(money_charts.shares(long, order), "segments", caption, words)
    return (FigureBlock(drawn, caption, "", table),)


def _segment_row(row: Any, tables: RunTables) -> Row:
    return Row(
        (
            row.segment,
            show.people(row.people),
            show.percent(row.people_share),
            Figure.of(show.in_millions(row.allocation_pence), Asked(row.financial_year, "segment", row.code), tables),
            show.percent(row.money_share),
            show.pounds(row.per_head_pence),
        )
    )


def lists(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """A pyramid of each place: people on lists against resident estimates."""
    frame = people.list_against_residents(tables)
    frame = frame.assign(place=[facts.label(place) for place in frame["place"]])
    oldest = int(frame["age_from"].max())
    bands = frame["age_from"].map(lambda age: f"{age} and over" if age == oldest else f"{age} to {age + 4}")
    side = frame["sex"].map({"F": 1, "M": -1})
    rows = pd.DataFrame(
        {
            "place": frame["place"],
            "name": frame["sex"].map({"F": "Women", "M": "Men"}),
            "band": bands,
            "list_people": frame["list_people"] * side / 1_000,
            "residents": frame["residents"] * side / 1_000,
        }
    )
    order = [band for _, band in sorted(set(zip(frame["age_from"], bands, strict=True)), reverse=True)]
    caption = "People on lists (bars) against residents (lines), thousands by age"
    sums = frame.groupby("place")[["list_people", "residents"]].sum()
    words = "; ".join(
        f"{place}: {show.people(row.list_people)} on lists, {show.people(row.residents)} residents, ratio "
        f"{show.index(row.list_people / row.residents if row.residents else None)}"
        for place, row in sums.iterrows()
    )
    drawn = inline_svg(charts.pyramid(rows, order), "lists", caption, words)
    note = "Lists count people where their practice is; residents are counted where they live. " + words + "."
    cells = tuple(
        Row((r.place, r.name, r.band, show.people(r.listed), show.people(r.residents), show.index(r.ratio)))
        for r in rows[["place", "name", "band"]]
        .assign(listed=frame["list_people"], residents=frame["residents"], ratio=frame["ratio"])
        .itertuples(index=False, name="Cell")
    )
    table = TableBlock(caption, headings(["Place", "Sex", "Age"], ["On lists", "Residents", "Ratio"]), cells)
    return (FigureBlock(drawn, caption, note, table),)


_FLOWS = ("opening", "joins", "births", "deaths", "leavers", "excluded", "duplicates", "quarantined", "closing")
_FLOW_NAMES = ("Opening", "Joined", "Born", "Died", "Left", "Excluded", "Duplicates", "Set aside", "Closing")
_COUNTED = ("unregistered", "counted", "published", "difference")
_COUNTED_NAMES = ("Unregistered", "People counted", "Published", "Difference")


def statement(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Opening lists to people counted, by place."""
    frame = people.by_place(tables)
    names = (*_FLOWS, *_COUNTED)
    rows = [
        Row((facts.label(place), *(show.people(row[name]) for name in names)))
        for place, row in frame.set_index("place").iterrows()
    ]
    totals = frame[list(names)].sum()
    rows.append(Row(("All places", *(show.people(totals[name]) for name in names)), "total"))
    table = TableBlock(
        "Opening lists to people counted", headings(["Place"], (*_FLOW_NAMES, *_COUNTED_NAMES)), tuple(rows)
    )
    text = (
        "Opening list + joined + born \u2212 died \u2212 left \u2212 excluded \u2212 duplicates \u2212 set aside "
        "= closing list. "
        "Nobody is dropped: a registration that does not count stands under excluded, duplicates or set aside. "
        "The difference is the closing list less the published count, of those practices that have one. "
        "The workbook has the statement of every practice."
    )
    return (TextBlock(text), table)
