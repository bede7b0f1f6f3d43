"""Charts of what lies ahead and of chance: the funding gap, practice groups, the risk pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import AQUA, BLUE, DARK_BLUE, GREY, INK, ORANGE, WIDTH, dressed

if TYPE_CHECKING:
    import altair as alt

SERIES = ("If nothing is done", "As planned", "Allocation")


def funding_gap(rows: pd.DataFrame) -> alt.LayerChart:
    """Cost of present services and the allocation, year by year.

    Args:
        rows: ``year``, ``what`` (one of ``SERIES``), ``millions``, ``text``.
    """
    import altair as alt

    years = list(dict.fromkeys(rows["year"]))
    room = (rows["millions"].max() - rows["millions"].min()) * 0.12 + 1e-9
    scale = alt.Scale(
        domain=[float(rows["millions"].min() - room), float(rows["millions"].max() + room)], nice=False, zero=False
    )
    axis = alt.Axis(title="\u00a3 million (the axis does not start at nought)", format=",.0f", tickCount=6, grid=True)
    colour = alt.Color("what:N", sort=list(SERIES), scale=alt.Scale(domain=list(SERIES), range=[ORANGE, AQUA, BLUE]))
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=list(SERIES), range=[[1, 0], [6, 4], [1, 0]]))
    base = alt.Chart(rows).encode(
        x=alt.X("year:N", sort=years, title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("millions:Q", scale=scale, axis=axis),
        color=colour,
    )
    points = base.mark_point(filled=True, size=80, opacity=1)
    return dressed(
        alt.layer(base.mark_line(strokeWidth=3).encode(strokeDash=dash), points).properties(width=WIDTH, height=300),
        names=0,
    )


def practice_groups(rows: pd.DataFrame) -> alt.LayerChart:
    """Allocation a head of every practice group, one line a place; the tick is the place.

    Args:
        rows: ``place``, ``pounds``, ``own`` (pounds a head of the place).
    """
    import altair as alt

    x = alt.X("pounds:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title="\u00a3 a head", format=",.0f", tickCount=6))
    y = alt.Y("place:N", title=None)
    points = alt.Chart(rows).mark_circle(size=90, opacity=0.65, color=BLUE).encode(x=x, y=y)
    places = alt.Chart(rows.drop_duplicates("place")).mark_tick(thickness=4, size=24, color=ORANGE)
    return dressed(
        alt.layer(points, places.encode(x="own:Q", y=y)).properties(width=WIDTH, height=alt.Step(36)),
    )


def pool_cover(curve: pd.DataFrame, units: pd.DataFrame) -> alt.LayerChart:
    """Chance that the pool is exhausted by how many people it is for, with the places of the run.

    Args:
        curve: ``people`` and ``chance`` for a pool of the run's size.
        units: ``name``, ``people``, ``chance`` and ``kind`` (place, system or footprint).
    """
    import altair as alt

    low = float(min(curve["people"].min(), units["people"].min()))
    high = float(max(curve["people"].max(), units["people"].max()))
    x = alt.X(
        "people:Q",
        scale=alt.Scale(type="log", domain=[low, high * 1.6], nice=False),
        axis=alt.Axis(
            title="People (each step is ten times as many)", format=",.0f", values=[10_000, 100_000, 1_000_000]
        ),
    )
    top = max(0.5, float(units["chance"].max()) * 1.1)
    y = alt.Y(
        "chance:Q",
        scale=alt.Scale(domain=[0, top]),
        axis=alt.Axis(title="Chance a year that the pool is exhausted", format=".0%", tickCount=5, grid=True),
    )
    line = alt.Chart(curve).mark_line(color=GREY, strokeWidth=2, interpolate="monotone").encode(x=x, y=y)
    kinds = ["Place", "System", "Footprint"]
    colour = alt.Color("kind:N", sort=kinds, scale=alt.Scale(domain=kinds, range=[BLUE, AQUA, DARK_BLUE]))
    points = alt.Chart(units).mark_circle(size=120, opacity=0.9).encode(x=x, y=y, color=colour)
    one_in_twenty = alt.Chart().mark_rule(color=INK, strokeDash=[4, 4]).encode(y=alt.datum(0.05))
    return dressed(alt.layer(line, one_in_twenty, points, data=units).properties(width=WIDTH, height=300), names=0)
