"""Need against spend, and what pace of change did."""

from __future__ import annotations

from typing import Any

import pandas as pd

from budget.report import show
from budget.report.blocks import Block, FigureBlock, Row, TableBlock, TextBlock, headings
from budget.report.charts import need as charts
from budget.report.charts.tiles import Tile, is_map, tile_map
from budget.report.facts import RunFacts, RunTables
from budget.report.svg import inline_svg
from budget.report.views import need

NOT_OFFICIAL = (
    "The pace-of-change rule follows the published aims of national allocations; it is not the official algorithm. "
    "Do not read these figures as published allocations."
)


_HORIZON = (
    "Years to target are those until the targets have grown to a place above them whose budget stands still, with the "
    "quantum growing as in the year; years at this pace are those still to come, if the distance goes on shrinking "
    "as in the year. A dash says that the place would not arrive, or that it is not above its target."
)


def against_spend(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Need index and opening spend a head of every place of the footprint, first budget year."""
    frame = need.need_and_spend(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    if len(frame) < 2:
        return (TextBlock("There is one place, so its need and its spend are those of the footprint."),)
    rows = frame.assign(place=[facts.label(place) for place in frame["place"]], ours=frame["set_here"])
    shown = rows[["place", "need_index", "opening_index", "ours"]]
    caption = f"Need and opening spend a head, {facts.first_year}"
    words = "; ".join(
        f"{r.place}: need {show.index(r.need_index)}, spend {show.index(r.opening_index)}" for r in shown.itertuples()
    )
    numbers = ["People", "Weighted people", "Need index", "Opening spend index", "Allocation index"]
    table = TableBlock(caption, headings(["Place"], numbers), tuple(_need_row(row) for row in rows.itertuples()))
    note = "Places above the line have more a head than their need; places below it have less."
    if not rows["set_here"].all():
        note += " Grey places share the quantum, but this run does not set their budget."
    return (FigureBlock(inline_svg(charts.need_against_spend(shown), "need", caption, words), caption, note, table),)


def on_map(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """A tile for each place: pounds a head and distance from target after pace of change, first budget year."""
    frame = need.need_and_spend(tables)
    frame = frame[frame["financial_year"] == facts.first_year]
    tiles = [
        Tile(str(row.place), facts.label(row.place), _on_tile(row), float(row.closing_dft))  # type: ignore[arg-type]
        for row in frame.itertuples()
    ]
    caption = f"Allocation a head, and how far it is from the target, {facts.first_year}"
    words = "; ".join(f"{tile.name}: {', '.join(tile.lines)}" for tile in tiles)
    placed = "Each place stands where its neighbours are; sizes are not those of the land."
    note = placed if is_map(tiles, facts.tiles) else "Places stand in the order of their names, not as on a map."
    cells = tuple(Row((tile.name, *_on_tile(row))) for tile, row in zip(tiles, frame.itertuples(), strict=True))
    table = TableBlock(caption, headings(["Place"], ["Allocation a head", "Distance from target", "Need index"]), cells)
    return (FigureBlock(tile_map(tiles, facts.tiles, "map-of-places", caption, words), caption, note, table),)


def _on_tile(row: Any) -> tuple[str, str, str]:
    distance = show.percent(row.closing_dft, signed=True)
    return f"{show.pounds(row.per_head_pence)} a head", f"{distance} from target", f"need {show.index(row.need_index)}"


def _need_row(row: Any) -> Row:
    indices = (show.index(getattr(row, name)) for name in ("need_index", "opening_index", "allocation_index"))
    people = (show.people(getattr(row, name)) for name in ("people", "weighted_people"))
    return Row((row.place, *people, *indices))


def pace(tables: RunTables, facts: RunFacts) -> tuple[Block, ...]:
    """Distance from target before and after, by place and year."""
    frame = need.pace_of_change(tables)
    frame = frame.assign(place=[facts.label(place) for place in frame["place"]])
    rows = pd.DataFrame(
        {
            "place": frame["place"],
            "year": frame["financial_year"],
            "opening": frame["opening_dft"],
            "closing": frame["closing_dft"],
        }
    ).sort_values(["place", "year"])
    caption = "Distance from target, opening and closing"
    words = "; ".join(
        f"{r.place} {r.year} from {show.percent(r.opening, signed=True)} to {show.percent(r.closing, signed=True)}"
        for r in rows.itertuples()
    )
    drawn = inline_svg(charts.distance_from_target(rows), "pace", caption, words)
    note = "Distance is the budget over its target, less one. The upright line is the target."
    figure = FigureBlock(drawn, caption, note, _table(frame, facts))
    return (TextBlock(NOT_OFFICIAL, notice=True), figure, TextBlock(_HORIZON))


def _table(frame: pd.DataFrame, facts: RunFacts) -> TableBlock:
    texts = ["Financial year", "Place", "Rule that decided"]
    numbers = ["Opening", "Target", "Allocation", "Growth", "Opening distance", "Closing distance"]
    numbers += ["Years to target", "Years at this pace"]
    rows = tuple(
        Row(
            (
                row.financial_year,
                row.place,
                facts.label(row.binding_rule),
                *(show.in_millions(pence) for pence in (row.opening_pence, row.target_pence, row.allocation_pence)),
                *(show.percent(share, 2, signed=True) for share in (row.growth, row.opening_dft, row.closing_dft)),
                *(_years(years) for years in (row.years_to_target, row.years_at_this_pace)),
            )
        )
        for row in frame.itertuples()
    )
    return TableBlock("Pace of change by place and year, £ million", headings(texts, numbers), rows)


def _years(years: float) -> str:
    return "–" if show.is_missing(years) else show.index(years, 1)
