"""The sections of a page on what each assumption moves: a tornado, and tables by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from budget.report import show
from budget.report.blocks import FigureBlock, Row, Section, TableBlock, TextBlock, headings
from budget.report.charts.tornado import tornado
from budget.report.svg import inline_svg

if TYPE_CHECKING:
    import altair as alt

_MILLION = 100_000_000
_CHANGES = ("allocation_change_pence", "core_change_pence")


def tornado_section(rows: pd.DataFrame, year: str, notes: Sequence[str]) -> Section:
    """What every assumption moves, all places together.

    Args:
        rows: the rows of all places together, as ``budget.scenario.sensitivity`` orders them.
        year: the year that they are of.
        notes: how to read it; a paragraph each.
    """
    caption = f"Core budget {year} of all places, each assumption moved alone"
    table = TableBlock(caption, _HEADINGS, tuple(_row(row) for row in rows.itertuples()))
    shown = rows[rows["core_change_pence"].notna()]
    moving = shown[shown.groupby("assumption")["core_change_pence"].transform(lambda pence: (pence != 0).any())]
    texts = tuple(TextBlock(note) for note in notes)
    if moving.empty:
        return Section("tornado", "All places", (table, *texts))
    drawn = inline_svg(_chart(moving), "tornado", caption, _told(moving))
    behind = TableBlock(
        caption, headings(["Assumption", "At its"], ["£"]), tuple(_short(row) for row in moving.itertuples())
    )
    note = "Orange: the low of the range; blue: the high. Assumptions that move nothing are in the table alone."
    return Section("tornado", "All places", (FigureBlock(drawn, caption, note, behind), table, *texts))


def places_section(rows: pd.DataFrame, year: str) -> Section:
    """The same by place.

    Args:
        rows: the rows of places.
        year: the year that they are of.
    """
    tables = tuple(
        TableBlock(f"{place}, {year}", _HEADINGS, tuple(_row(row) for row in part.itertuples()))
        for place, part in rows.groupby("place", sort=True)
    )
    return Section("places", "By place", tables)


_HEADINGS = headings(["Assumption", "At its", "Run's value", "Moved to"], ["Allocation", "Core budget"])


def _row(row: Any) -> Row:
    changes = [getattr(row, name) for name in _CHANGES]
    said = [getattr(row, name) for name in ("assumption", "bound", "value", "moved_to")]
    told = ["none" if pd.isna(pence) else show.pence(int(pence)) for pence in changes]
    return Row((*said, *told), "warn" if getattr(row, "why_not", "") else "plain")


def _chart(rows: pd.DataFrame) -> alt.LayerChart:
    pence = rows["core_change_pence"].astype("int64")
    drawn = pd.DataFrame(
        {
            "assumption": rows["assumption"],
            "bound": rows["bound"],
            "millions": pence / _MILLION,
            "text": [show.millions(int(amount), 1, signed=True) for amount in pence],
        }
    )
    return tornado(drawn, list(dict.fromkeys(rows["assumption"])), "Change of the core budget, £ million")


def _short(row: Any) -> Row:
    return Row((row.assumption, row.bound, show.millions(int(row.core_change_pence), 1, signed=True)))


def _told(rows: pd.DataFrame) -> str:
    return "; ".join(
        f"{row.assumption} at its {row.bound} {show.millions(int(row.core_change_pence), 1, signed=True)}"
        for row in rows.itertuples()
    )
