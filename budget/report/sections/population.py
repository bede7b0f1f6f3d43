"""How everyone was counted, where they live, and what other ways of counting would do to the budget."""

from __future__ import annotations

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import people as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import people


def records(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Every record that is not counted, by rule; then where everyone lives; then the average of the year."""
    return (*_exceptions(tables, facts), *_districts(tables, facts), *_average(tables, facts))


def _name(facts: RunFacts, code: object) -> str:
    """The label of a code; nothing where there is none."""
    return facts.label(code) if isinstance(code, str) else ""


def _exceptions(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    frame = people.not_counted(tables)
    rows = [
        Row(
            (
                str(row.outcome),
                str(row.reason_code),
                str(row.about),
                _name(facts, row.commissioner),
                show.people(row.records),
            )
        )
        for row in frame.itertuples()
    ]
    rows.append(Row(("All records that are not counted", "", "", "", show.people(frame["records"].sum())), "total"))
    table = TableBlock(
        "Registration records that are not counted, by rule",
        headings(["Outcome", "Rule", "Meaning", "Who pays"], ["Records"]),
        tuple(rows),
    )
    return (TextBlock("Every record of the lists is counted, or stands here with the rule that decided."), table)


def _districts(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    if "district_reconciliation" not in tables:
        return ()
    rows = tuple(
        Row(
            (
                facts.label(row.lad_code),
                _name(facts, row.place),
                show.people(row.registered_here),
                show.people(row.registered_elsewhere),
                show.people(row.unregistered),
                show.people(row.residents) if pd.notna(row.residents) else "",
                show.index(row.ratio) if pd.notna(row.ratio) else "",
            )
        )
        for row in people.by_district(tables).itertuples()
    )
    numbers = ["On our lists", "On others' lists", "On no list", "Residents", "Registered over residents"]
    return (TableBlock("Where everyone lives, by district", headings(["District", "Place"], numbers), rows),)


def _average(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    if "member_days" not in tables:
        return ()
    rows = tuple(
        Row((facts.label(row.place), show.people(row.people), show.people(row.average_people), show.people(row.change)))
        for row in people.average_by_place(tables).itertuples()
    )
    numbers = ["At the snapshot", "Average of the year", "Difference"]
    caption = "People at the snapshot beside the average of the year's days on lists"
    return (TableBlock(caption, headings(["Place"], numbers), rows),)


def effects(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """List inflation, projection variants and residents on no list, each with its effect in pounds."""
    frame = people.effects(tables)
    hundred = people.hundred_unregistered(tables)
    blocks: list[Block] = [
        TextBlock(
            "Each way changes one thing and leaves need a head and every other assumption as they are. "
            "Nobody is taken off a list by it."
        )
    ]
    if not frame.empty:
        blocks.append(_ways(frame, facts))
    if not hundred.empty:
        note = "A place that the pace of change holds at its least or most allocation gains nothing from more people."
        blocks += [_hundred(hundred, facts), TextBlock(note)]
    return tuple(blocks)


def _ways(frame: pd.DataFrame, facts: RunFacts) -> FigureBlock:
    frame = frame.assign(
        place=[facts.label(place) for place in frame["place"]],
        way=[facts.label(way) for way in frame["way"]],
        change=frame["change_pence"] / 1e8,
    )
    caption = f"Change of the allocation of {facts.first_year} under other ways of counting people"
    words = "; ".join(
        f"{way}: " + ", ".join(f"{row.place} {show.in_millions(row.change_pence)}" for row in rows.itertuples())
        for way, rows in frame.groupby("way", sort=False)
    )
    rows = tuple(
        Row((row.way, row.place, show.people(row.people_change), show.in_millions(row.change_pence)))
        for row in frame.itertuples()
    )
    headed = headings(["Way of counting", "Place"], ["People", "Allocation (\u00a3 million)"])
    drawn = inline_svg(charts.effects(frame), "effects", caption, words)
    return FigureBlock(drawn, caption, "", TableBlock(caption, headed, rows))


def _hundred(frame: pd.DataFrame, facts: RunFacts) -> TableBlock:
    rows = tuple(
        Row((facts.label(row.place), show.pounds(row.pence_per_hundred) if pd.notna(row.pence_per_hundred) else ""))
        for row in frame.itertuples()
    )
    caption = f"What a hundred more residents on no list bring to their place, {facts.first_year}"
    return TableBlock(caption, headings(["Place"], ["Allocation for a hundred people"]), rows)
