"""Charts of costs: what people's care explains of each line, pounds a head by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import AQUA, BLUE, GREY, ORANGE, ROW, WIDTH, dressed

if TYPE_CHECKING:
    import altair as alt

PARTS = {
    "attributed": "Explained by people's care",
    "shared": "Shared by the rule",
    "present": "For everyone present",
    "held_out": "Held out of segments",
}
"""Parts of a line's spend, in order, with their words."""


def explained(rows: pd.DataFrame, lines: list[str], parts: list[str]) -> alt.Chart:
    """Spend of each line, told apart by whether people's care explains it.

    Args:
        rows: ``line``, ``part``, ``millions``.
        lines: the lines in order.
        parts: the parts that there are, in order.
    """
    import altair as alt

    colours = dict(zip(PARTS.values(), (BLUE, ORANGE, AQUA, GREY), strict=True))
    scale = alt.Scale(domain=parts, range=[colours[part] for part in parts])
    ordered = rows.assign(order=rows["part"].map({part: number for number, part in enumerate(parts)}))
    bars = alt.Chart(ordered).mark_bar(height={"band": 0.7}, stroke="white", strokeWidth=1)
    return dressed(
        bars.encode(
            x=alt.X("millions:Q", axis=alt.Axis(title="£ million", format=",.0f", tickCount=6)),
            y=alt.Y("line:N", sort=lines, title=None),
            color=alt.Color("part:N", sort=parts, scale=scale),
            order="order:O",
        ).properties(width=WIDTH, height=alt.Step(ROW))
    )


def per_head(rows: pd.DataFrame) -> alt.LayerChart:
    """Pounds a head of each segment, one bar each, in the order of the rows.

    Args:
        rows: ``segment``, ``pounds``, ``text``.
    """
    import altair as alt

    scale = alt.Scale(domain=[0, float(rows["pounds"].max()) * 1.15])
    base = alt.Chart(rows).encode(
        y=alt.Y("segment:N", sort=None, title=None),
        x=alt.X("pounds:Q", scale=scale, axis=alt.Axis(title="£ a head", format=",.0f", tickCount=5)),
    )
    bars = base.mark_bar(color=BLUE, height={"band": 0.7})
    texts = base.mark_text(align="left", dx=5).encode(text="text:N")
    return dressed(alt.layer(bars, texts).properties(width=WIDTH - 60, height=alt.Step(ROW)))
