"""The chart of segments by place and age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import SERIES, WIDTH, dressed, place_row

if TYPE_CHECKING:
    import altair as alt

_LIGHTER = ("#9DCBEA", "#F6C58C", "#8FD6CF", "#DFA6C6", "#8AA0CC", "#FFE0A3", "#A38FC7", "#B9C3CA", "#212B32")
_COLOURS = (*SERIES, *_LIGHTER)
_MOST_COLUMNS = 2


def by_place_and_age(rows: pd.DataFrame, segments: list[str], ages: list[str]) -> alt.FacetChart:
    """Shares of the people of each place and group of ages, stacked by segment.

    Args:
        rows: ``place``, ``ages``, ``segment`` and ``share``.
        segments: the segments in order; colours repeat where there are more than seventeen.
        ages: the groups of ages in order.
    """
    import altair as alt

    colours = [_COLOURS[number % len(_COLOURS)] for number in range(len(segments))]
    ordered = rows.assign(order=rows["segment"].map({name: number for number, name in enumerate(segments)}))
    colour = alt.Color(
        "segment:N",
        sort=segments,
        scale=alt.Scale(domain=segments, range=colours),
        legend=alt.Legend(columns=_MOST_COLUMNS),
    )
    bars = (
        alt.Chart(ordered)
        .mark_bar(height={"band": 0.85}, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "share:Q",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(title="Share of people of the age", format=".0%", tickCount=5),
            ),
            y=alt.Y("ages:N", sort=ages, title=None),
            color=colour,
            order="order:O",
        )
        .properties(width=WIDTH - 120, height=alt.Step(15))
    )
    return dressed(bars.facet(row=place_row(), spacing=12), names=0)
