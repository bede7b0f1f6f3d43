"""The budget from the footprint down to practice groups, and whether the risk pool is big enough."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import outlook as charts
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import outlook, scale

_NUMBERS = ("People", "Weighted people", "Allocation", "Core", "£ a head", "£ a weighted head")
_POOL_NUMBERS = ("People", "Yearly deviation", "Pool held", "Chance exhausted", "Pool for 19 years of 20", "Beyond it")


def by_scale(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The first budget year at every scale."""
    frame = scale.by_scale(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    groups = frame["scale"] == "practice_group"
    rows = tuple(
        Row(
            (facts.label(row.scale), facts.label(row.unit), *_cells(row)),
            "total" if row.scale == "footprint" else "plain",
        )
        for row in frame[~groups].itertuples()
    )
    told = TextBlock(
        "One ledger makes the budget of every scale: places add up to systems, and systems to the footprint."
    )
    caption = f"Budget of the footprint, its systems and places, {facts.first_year}, £ million"
    table = TableBlock(caption, headings(["Scale", "Unit"], _NUMBERS), rows)
    return (told, table, *_practice_groups(frame, facts))


def _cells(row: Any) -> tuple[str, ...]:
    counts = (show.people(row.people), show.people(row.weighted_people))
    money = (show.in_millions(row.allocation_pence), show.in_millions(row.core_pence))
    return (*counts, *money, show.pounds(row.per_head_pence), show.pounds(row.per_weighted_pence))


def _practice_groups(frame: pd.DataFrame, facts: RunFacts) -> tuple[Block, ...]:
    groups = frame[frame["scale"] == "practice_group"]
    if groups.empty:
        return (TextBlock("Practice groups are not shown: the run does not know people by practice and group."),)
    own = frame[frame["scale"] == "place"].set_index("place")["per_head_pence"]
    named = groups[groups["unit"] != "no_group"]
    points = pd.DataFrame(
        {
            "place": [facts.label(place) for place in named["place"]],
            "pounds": named["per_head_pence"] / 100,
            "own": named["place"].map(own) / 100,
        }
    )
    caption = f"Allocation a head of practice groups, {facts.first_year}"
    words = "; ".join(
        f"{place} from {show.pounds(rows.min() * 100)} to {show.pounds(rows.max() * 100)}"
        for place, rows in points.groupby("place")["pounds"]
    )
    methods = " and ".join(facts.label(method) for method in dict.fromkeys(groups["method"])).lower()
    note = (
        f"Each dot is a practice group, the upright line its place. Groups share their place's budget by {methods}, "
        "so all of them stand at their place's distance from target; people on no list and practices without a group "
        "stand in the table."
    )
    cells = tuple(Row((facts.label(row.place), facts.label(row.unit), *_cells(row))) for row in groups.itertuples())
    table = TableBlock(f"{caption}, £ million", headings(["Place", "Practice group"], _NUMBERS), cells)
    drawn = inline_svg(charts.practice_groups(points), "practice-groups", caption, words)
    return (FigureBlock(drawn, caption, note, table),)


def contributions(tables: RunTables, facts: RunFacts) -> Block:
    """What each commissioner pays, all places together, every year."""
    rows = tuple(
        Row(
            (
                row.financial_year,
                facts.label(row.commissioner),
                *(show.in_millions(p) for p in (row.baseline_pence, row.allocation_pence, row.payment_pence)),
                show.percent(row.share),
                show.percent(row.growth, signed=True),
            )
        )
        for row in scale.contributions_by_commissioner(tables).itertuples()
    )
    names = ["Baseline", "Allocation", "Paid to the integrated budget", "Share", "Since the baseline"]
    caption = "Contribution of each commissioner, £ million"
    return TableBlock(caption, headings(["Financial year", "Commissioner"], names), rows)


def pool(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """The chance that the risk pool is exhausted, by size."""
    frame = outlook.pool_cover(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    sizes = frame["scale"] == "size"
    units = frame[~sizes].assign(
        name=[facts.label(unit) for unit in frame.loc[~sizes, "unit"]],
        kind=[facts.label(kind) for kind in frame.loc[~sizes, "scale"]],
    )
    caption = f"Chance that the risk pool is exhausted in a year, by people it is for, {facts.first_year}"
    words = "; ".join(f"{row.name} {show.percent(row.chance_exhausted)}" for row in units.itertuples(index=False))
    drawn = inline_svg(
        charts.pool_cover(_drawn(frame[sizes]), _drawn(units)[["name", "kind", "people", "chance"]]),
        "pool",
        caption,
        words,
    )
    rows = tuple(_pool_row(row, facts) for row in frame.itertuples())
    table = TableBlock(caption, headings(["Scale", "Unit"], _POOL_NUMBERS), rows)
    return (TextBlock(_pool_told(units), notice=True), FigureBlock(drawn, caption, _pool_note(frame), table))


def _drawn(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns={"chance_exhausted": "chance"})


def _pool_row(row: Any, facts: RunFacts) -> Row:
    shares = (show.percent(row.sd_share, 2), show.percent(row.pool_share, 2), show.percent(row.chance_exhausted))
    cover = f"{show.percent(row.cover_share, 2)} ({show.millions(row.cover_pence)})"
    missing = show.millions(row.missing_pence, signed=True)
    return Row((facts.label(row.scale), facts.label(row.unit), show.people(row.people), *shares, cover, missing))


def _pool_told(units: pd.DataFrame) -> str:
    places = units[units["scale"] == "place"]
    worst, whole = places["chance_exhausted"].max(), units[units["scale"] == "footprint"]["chance_exhausted"].max()
    return (
        f"By chance alone the risk pool of a place is exhausted in up to {show.percent(worst)} of years; one pool of "
        f"the whole footprint in {show.percent(whole)}. Errors of the model and shifts of demand come on top."
    )


def _pool_note(frame: pd.DataFrame) -> str:
    first = frame.iloc[0]
    basis = "what people of this run cost" if first["cv_basis"] == "persons" else "published figures"
    return (
        "The line is a pool of the run's size for ever more people; the dashed line is one year in twenty. The "
        f"deviation of a person's cost is {show.index(first['person_cost_cv'], 1)} times the mean, from {basis}. The "
        "tail is normal, which is rough for few people."
    )
