"""What care cost in the base year: spend a head, what people's care explains, and what made the cost what it is."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import costs as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.sections import care
from budget.report.svg import inline_svg
from budget.report.views import costs as views

_MILLION = 100_000_000


def what_care_cost(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Spend a head by line, attribution, cost a head by segment; then whatever else the run knows of its costs."""
    lines = views.by_line(tables)
    extras = tuple(build(tables, facts) for name, build in _EXTRAS.items() if name in tables and len(tables[name]))
    return (*_spend(lines, facts), _explained(lines, facts), _segments(tables, facts), *extras)


_EXTRAS: dict[str, Callable[[RunTables, RunFacts], Block]] = {
    "baseline_adjustments": care.adjustments,
    "price_uplift": care.price_uplift,
    "activity_completion": care.completion,
    "part_complete": care.part_complete,
    "high_cost": care.high_cost,
    "commissioner_case_costs": care.cases,
}
"""Tables that a run may lack, and what shows each."""


def _spend(lines: pd.DataFrame, facts: RunFacts) -> tuple[Block, ...]:
    """Pounds a head by line, beside the year before where spend has rows of it."""
    known = bool(lines["previous_per_head_pence"].notna().any())
    rows = [Row((facts.label(row.service_line), *_per_head(row, known))) for row in lines.itertuples()]
    whole, heads = lines["normalised_pence"].sum(), lines["people"].iloc[0]
    before = ("", "") if known else ()
    rows.append(Row(("All lines", show.in_millions(whole), show.pounds(whole / heads, 2), *before), "total"))
    numbers = ["Spend (£ million)", "Spend a head", *(["The year before", "Change"] if known else [])]
    caption = f"Normalised spend a head by line, {facts.base_year}"
    table = TableBlock(caption, headings(["Service line"], numbers), tuple(rows))
    return (TextBlock(_about_spend(lines, facts)), table)


def _per_head(row: object, known: bool) -> tuple[str, ...]:
    cells = (show.in_millions(row.normalised_pence), show.pounds(row.per_head_pence, 2))  # type: ignore[attr-defined]
    if not known:
        return cells
    before, change = row.previous_per_head_pence, row.change_share  # type: ignore[attr-defined]
    return (*cells, show.pounds(before, 2), show.percent(change, signed=True))


def _about_spend(lines: pd.DataFrame, facts: RunFacts) -> str:
    heads = show.people(lines["people"].iloc[0])
    text = f"Recurrent spend of {facts.base_year} after adjustments, over {heads} people of all places."
    basis = lines["basis"].dropna().unique()
    return f"{text} People of the year before: {basis[0]}." if len(basis) else text


def _explained(lines: pd.DataFrame, facts: RunFacts) -> FigureBlock:
    """What people's care explains of each line, and what was made of the rest."""
    rest = lines["shared_pence"] + lines["held_out_pence"]
    spent = pd.DataFrame(
        {
            "line": [facts.label(code) for code in lines["service_line"]],
            "attributed": lines["normalised_pence"] - rest,
            "shared": lines["shared_pence"].mask(lines["hosted"], 0.0),
            "present": lines["shared_pence"].where(lines["hosted"], 0.0),
            "held_out": lines["held_out_pence"],
        }
    )
    long = spent.melt("line", var_name="part", value_name="pence")
    long = long.assign(part=long["part"].map(charts.PARTS), millions=long["pence"] / _MILLION)
    sums = long.groupby("part")["pence"].sum()
    parts = [part for part in charts.PARTS.values() if sums[part] > 0]
    caption = f"Spend of {facts.base_year} that people's care explains, by line"
    words = "All lines: " + "; ".join(f"{part} {show.millions(sums[part])}" for part in parts)
    drawn = inline_svg(
        charts.explained(long[long["part"].isin(parts)], spent["line"].tolist(), parts), "explained", caption, words
    )
    return FigureBlock(drawn, caption, _about_rule(facts), _attribution(lines, caption, facts))


def _about_rule(facts: RunFacts) -> str:
    rules = " and ".join(facts.label(rule).lower() for rule in facts.assumed("unattributed_spend_rule"))
    used = f" Rule of this run for what is not explained: {rules}." if rules else ""
    about = (
        "k is spend over the cost of people's care, on lines that are not for everyone present; 0.90 to 1.10 is usual."
    )
    return f"{about}{used}"


def _attribution(lines: pd.DataFrame, caption: str, facts: RunFacts) -> TableBlock:
    rows = [
        Row(
            (
                facts.label(row.service_line),
                "For everyone present" if row.hosted else "; ".join(facts.label(code) for code in row.treatments),
                show.in_millions(row.normalised_pence),
                show.in_millions(row.direct_pence),
                show.index(row.attribution_factor) if pd.notna(row.attribution_factor) else "–",
                show.in_millions(row.unattributed_pence, signed=True),
                show.in_millions(row.held_out_pence),
            )
        )
        for row in lines.itertuples()
    ]
    money = ("normalised_pence", "direct_pence", "unattributed_pence", "held_out_pence")
    spent, direct, rest, held = (lines[name].sum() for name in money)
    tied = lines[~lines["hosted"]]
    factor = show.index(tied["normalised_pence"].sum() / direct) if direct else "–"
    whole = (show.in_millions(spent), show.in_millions(direct), factor, show.in_millions(rest, signed=True))
    rows.append(Row(("All lines", "", *whole, show.in_millions(held)), "total"))
    numbers = ["Spend", "Cost of people's care", "k", "Not explained", "Held out"]
    return TableBlock(
        f"{caption}, £ million", headings(["Service line", "What is made of the rest"], numbers), tuple(rows)
    )


def _segments(tables: RunTables, facts: RunFacts) -> FigureBlock:
    """Cost a head of each segment, all places and lines together."""
    frame = views.by_segment(tables)
    frame = frame[frame["people"] > 0]
    caption = f"Cost a head by segment, {facts.base_year}, all lines"
    rows = pd.DataFrame(
        {
            "segment": [facts.label(code) for code in frame["segment"]],
            "pounds": frame["per_head_pence"] / 100,
            "text": [show.pounds(pence) for pence in frame["per_head_pence"]],
        }
    )
    words = "; ".join(f"{segment} {text}" for segment, text in zip(rows["segment"], rows["text"], strict=True))
    cells = [
        Row(
            (
                facts.label(row.segment),
                show.people(row.people),
                show.in_millions(row.direct_pence),
                show.in_millions(row.grossed_pence),
                show.pounds(row.per_head_pence, 2),
            )
        )
        for row in frame.itertuples()
    ]
    numbers = ["People", "Cost of people's care (£ million)", "Cost attributed (£ million)", "Cost a head"]
    table = TableBlock(caption, headings(["Segment"], numbers), tuple(cells))
    drawn = inline_svg(charts.per_head(rows), "segment-costs", caption, words)
    return FigureBlock(drawn, caption, "People of the base year; what is held out of segments is not in it.", table)
