"""Charts of money: the bridge, pounds a head, shares, stacked amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import BLUE, DARK_BLUE, GREY, ORANGE, ROW, SERIES, WIDTH, YEARS, dressed, place_row

if TYPE_CHECKING:
    import altair as alt


def waterfall(rows: pd.DataFrame) -> alt.LayerChart:
    """Steps from one level to the next, from top to bottom.

    Levels are marks and steps are bars, because the axis does not start at nought: a bar's length is a
    movement, and no bar's length could be taken for a whole budget.

    Args:
        rows: ``label``, ``kind`` (level, up, down), ``start`` and ``end`` in £ million, ``text``; in order.
    """
    import altair as alt

    low, high = rows[["start", "end"]].min().min(), rows[["start", "end"]].max().max()
    room = (high - low) * 0.2
    scale = alt.Scale(domain=[low - room * 0.3, high + room], nice=False, zero=False)
    y = alt.Y("label:N", sort=None, title=None, scale=alt.Scale(paddingInner=0.35))
    x_axis = alt.Axis(title="£ million (the axis does not start at nought)", format=",.0f", tickCount=6)
    base = alt.Chart(rows).encode(y=y)
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["up", "down"], range=[BLUE, ORANGE]), legend=None)
    steps = (
        base.transform_filter("datum.kind != 'level'")
        .mark_bar()
        .encode(x=alt.X("start:Q", scale=scale, axis=x_axis), x2="end:Q", color=colour)
    )
    levels = (
        base.transform_filter("datum.kind == 'level'")
        .mark_tick(thickness=5, size=24, color=DARK_BLUE)
        .encode(x=alt.X("end:Q", scale=scale))
    )
    links = (
        base.transform_filter("isValid(datum.next)")
        .mark_rule(color=GREY, strokeDash=[2, 2], strokeWidth=1)
        .encode(x=alt.X("end:Q", scale=scale), y2="next:N")
    )
    right = {"x": alt.X("right:Q", scale=scale), "text": "text:N"}
    texts = base.transform_filter("datum.kind != 'level'").mark_text(align="left", dx=7).encode(**right)
    bold = (
        base.transform_filter("datum.kind == 'level'").mark_text(align="left", dx=7, fontWeight="bold").encode(**right)
    )
    return dressed(alt.layer(links, steps, levels, texts, bold).properties(width=WIDTH, height=alt.Step(ROW)))


def per_head(rows: pd.DataFrame, years: list[str]) -> alt.FacetChart:
    """Pounds a head by place and year, with the fair share that need alone would give.

    Args:
        rows: ``place``, ``year``, ``pounds``, ``text`` and ``target_pounds``, which may be missing.
        years: the years in order.
    """
    import altair as alt

    y = alt.Y("year:N", sort=years, title=None)
    colour = alt.Color("year:N", scale=alt.Scale(domain=years, range=list(YEARS[: len(years)])), legend=None)
    x = alt.X("pounds:Q", axis=alt.Axis(title="£ a head; the line marks the target a head", format=",.0f", tickCount=5))
    base = alt.Chart().encode(y=y)
    bars = base.mark_bar(height={"band": 0.8}).encode(x=x, color=colour)
    targets = (
        base.transform_filter("isValid(datum.target_pounds)")
        .mark_tick(thickness=3, size=24, color=ORANGE)
        .encode(x="target_pounds:Q")
    )
    texts = base.mark_text(align="left", x=6, color="white", fontWeight="bold").encode(text="text:N")
    dark = (
        base.transform_filter(alt.FieldOneOfPredicate("year", years[2:]))
        .mark_text(align="left", x=6, fontWeight="bold")
        .encode(text="text:N")
    )
    layers = alt.layer(bars, targets, texts, dark, data=rows).properties(width=WIDTH, height=alt.Step(26))
    return dressed(layers.facet(row=place_row(), spacing=14), names=0)


def stacked(rows: pd.DataFrame, parts: list[str], title: str) -> alt.Chart:
    """Amounts by place, stacked by part.

    Args:
        rows: ``place``, ``part``, ``millions``.
        parts: the parts in order.
        title: title of the axis.
    """
    import altair as alt

    colour = alt.Color("part:N", sort=parts, scale=alt.Scale(domain=parts, range=list(SERIES[: len(parts)])))
    order = rows.assign(order=rows["part"].map({part: i for i, part in enumerate(parts)}))
    legend = alt.Legend(columns=2 if len(parts) > 3 else 0)
    bars = alt.Chart(order).mark_bar(height={"band": 0.7}, stroke="white", strokeWidth=1)
    return dressed(
        bars.encode(
            x=alt.X("millions:Q", axis=alt.Axis(title=title, tickCount=6)),
            y=alt.Y("place:N", title=None),
            color=colour.legend(legend),
            order="order:O",
        ).properties(width=WIDTH, height=alt.Step(44))
    )


def shares(rows: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    """Two shares of each segment, people and money, side by side.

    Args:
        rows: ``segment``, ``measure`` (People, Allocation), ``share``, ``text``.
        order: the segments in order.
    """
    import altair as alt

    measures = ["People", "Allocation"]
    colour = alt.Color("measure:N", sort=measures, scale=alt.Scale(domain=measures, range=["#9DCBEA", BLUE]))
    top = float(rows["share"].max()) * 1.12
    base = alt.Chart(rows).encode(
        y=alt.Y("segment:N", sort=order, title=None),
        yOffset=alt.YOffset("measure:N", sort=measures),
        x=alt.X(
            "share:Q", scale=alt.Scale(domain=[0, top]), axis=alt.Axis(title="Share of all", format=".0%", tickCount=6)
        ),
    )
    bars = base.mark_bar().encode(color=colour)
    texts = base.mark_text(align="left", dx=4, fontSize=12).encode(text="text:N")
    return dressed(alt.layer(bars, texts).properties(width=WIDTH, height=alt.Step(19)))


def bars(rows: pd.DataFrame, title: str) -> alt.LayerChart:
    """One bar a name, longest first.

    Args:
        rows: ``name``, ``millions``, ``text``.
        title: title of the axis.
    """
    import altair as alt

    base = alt.Chart(rows).encode(
        y=alt.Y("name:N", sort=None, title=None),
        x=alt.X(
            "millions:Q",
            scale=alt.Scale(domain=[0, float(rows["millions"].max()) * 1.15]),
            axis=alt.Axis(title=title, tickCount=5),
        ),
    )
    drawn = base.mark_bar(color=BLUE, height={"band": 0.7})
    return dressed(
        alt.layer(drawn, base.mark_text(align="left", dx=5).encode(text="text:N")).properties(
            width=WIDTH - 160, height=alt.Step(ROW)
        )
    )
