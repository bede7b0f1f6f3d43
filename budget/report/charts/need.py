"""Charts of need: need against spend, distance from target, lists against residents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import AQUA, BLUE, DARK_BLUE, GREY, INK, ORANGE, WIDTH, dressed, place_row

if TYPE_CHECKING:
    import altair as alt


def need_against_spend(rows: pd.DataFrame) -> alt.LayerChart:
    """Where each place stands: its need index across, its spend index up; on the line both are equal.

    Args:
        rows: ``place``, ``need_index``, ``opening_index``, ``ours``.
    """
    import altair as alt

    values = rows[["need_index", "opening_index"]].to_numpy()
    room = max((values.max() - values.min()) * 0.15, 0.02)
    low, high = float(values.min() - room), float(values.max() + room)
    scale = alt.Scale(domain=[low, high], nice=False)
    line = pd.DataFrame({"need_index": [low, high], "opening_index": [low, high]})
    words = pd.DataFrame(
        {
            "need_index": [low + room * 0.25, high - room * 0.25],
            "opening_index": [high - room * 0.3, low + room * 0.3],
            "text": ["More spend than need", "More need than spend"],
            "align": ["left", "right"],
        }
    )
    x = alt.X("need_index:Q", scale=scale, axis=alt.Axis(title="Need index (1 = footprint)", format=".2f", tickCount=6))
    y = alt.Y(
        "opening_index:Q",
        scale=scale,
        axis=alt.Axis(title="Opening spend a head (1 = footprint)", format=".2f", tickCount=6, grid=True),
    )
    equal = alt.Chart(line).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y)
    corners = [
        alt.Chart(words.iloc[[i]])
        .mark_text(align=align, color="#425563", fontStyle="italic")
        .encode(x=x, y=y, text="text:N")
        for i, align in enumerate(words["align"])
    ]
    shape = alt.Color("ours:N", scale=alt.Scale(domain=[True, False], range=[BLUE, GREY]), legend=None)
    points = alt.Chart(rows).mark_circle(size=160, opacity=1).encode(x=x, y=y, color=shape)
    # Neighbours along the line take turns above and below their points, so that names seldom meet.
    turns = rows.sort_values("need_index")
    names = [
        alt.Chart(turns.iloc[i::2]).mark_text(dy=dy).encode(x=x, y=y, text="place:N") for i, dy in ((0, -16), (1, 18))
    ]
    return dressed(alt.layer(equal, *corners, points, *names).properties(width=WIDTH, height=420), names=0)


def distance_from_target(rows: pd.DataFrame) -> alt.FacetChart:
    """Distance from target of each place and year, before and after pace of change.

    Args:
        rows: ``place``, ``year``, ``opening``, ``closing`` (shares), ``text``; in order.
    """
    import altair as alt

    ends = rows.melt(["place", "year"], ["opening", "closing"], "when", "share")
    ends["when"] = ends["when"].map({"opening": "Opening", "closing": "Closing"})
    reach = max(float(rows[["opening", "closing"]].abs().max().max()) * 1.15, 0.05)
    y = alt.Y("year:N", title=None)
    axis = alt.Axis(title="Distance from target (right: above target)", format="+.0%", tickCount=7)
    x = alt.X("share:Q", scale=alt.Scale(domain=[-reach, reach], nice=False), axis=axis)
    both = ends.merge(rows, on=["place", "year"])
    target = alt.Chart().mark_rule(color=INK).encode(x=alt.datum(0.0))
    lines = alt.Chart().mark_rule(color=GREY, strokeWidth=3).encode(y=y, x="opening:Q", x2="closing:Q")
    when = ["Opening", "Closing"]
    points = (
        alt.Chart()
        .mark_point(filled=True, size=130, opacity=1)
        .encode(
            y=y,
            x=x,
            color=alt.Color("when:N", sort=when, scale=alt.Scale(domain=when, range=[ORANGE, DARK_BLUE])),
            shape=alt.Shape("when:N", sort=when, scale=alt.Scale(domain=when, range=["diamond", "circle"])),
        )
    )
    layers = alt.layer(target, lines, points, data=both).properties(width=WIDTH, height=alt.Step(26))
    return dressed(layers.facet(row=place_row(), spacing=14), names=0)


def pyramid(rows: pd.DataFrame, bands: list[str]) -> alt.FacetChart:
    """Age and sex of people on lists (bars) against residents (lines), one pyramid a place.

    Args:
        rows: ``place``, ``sex`` (F, M), ``band``, ``list_people`` and ``residents`` in thousands, men negative.
        bands: age bands from oldest to youngest.
    """
    import altair as alt

    reach = float(rows[["list_people", "residents"]].abs().max().max()) * 1.08
    y = alt.Y("band:N", sort=bands, title=None, axis=alt.Axis(labelFontSize=11, labelPadding=4))
    axis = alt.Axis(title=None, labelExpr="format(abs(datum.value), '.0f')", tickCount=5)
    x = alt.X("list_people:Q", stack=None, scale=alt.Scale(domain=[-reach, reach], nice=False), axis=axis)
    names = alt.Scale(domain=["Men", "Women"], range=[BLUE, AQUA])
    lists = (
        alt.Chart()
        .mark_bar(height={"band": 0.82}, opacity=0.85)
        .encode(y=y, x=x, color=alt.Color("name:N", scale=names))
    )
    residents = alt.Chart().mark_tick(thickness=2.5, size=12, color=INK).encode(y=y, x="residents:Q")
    layers = alt.layer(lists, residents, data=rows).properties(width=226, height=alt.Step(14))
    header = alt.Header(labelAnchor="middle")
    return dressed(layers.facet(facet=alt.Facet("place:N", header=header), columns=3, spacing=26), names=0)
