"""Charts of payment: margins by party and form, and what parties may lose against what they can bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import BLUE, GREY, INK, LIGHT, ORANGE, WIDTH, dressed

if TYPE_CHECKING:
    import altair as alt

_COLUMNS = 2


def margins(rows: pd.DataFrame, forms: list[str], activities: list[str]) -> alt.FacetChart:
    """Margin of every party under every form, a small picture each: a point for each activity, a line between them.

    Args:
        rows: ``party``, ``form``, ``activity`` (in words), ``share`` (margin over planned payment), ``low`` and
            ``high`` (of the form's points).
        forms: the forms in order.
        activities: the activities in order.
    """
    import altair as alt

    axis = alt.Axis(title="Margin over planned payment", format="+.0%", tickCount=5)
    base = alt.Chart().encode(y=alt.Y("form:N", sort=forms, title=None))
    between = base.mark_rule(color=LIGHT, strokeWidth=2).encode(x=alt.X("low:Q", axis=axis), x2="high:Q")
    colour = alt.Color("activity:N", sort=activities, scale=alt.Scale(domain=activities, range=[ORANGE, BLUE, INK]))
    points = base.mark_circle(size=70, opacity=1).encode(x=alt.X("share:Q", axis=axis), color=colour)
    nought = alt.Chart().mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.datum(0))
    layers = alt.layer(nought, between, points, data=rows).properties(width=245, height=alt.Step(17))
    facet = alt.Facet("party:N", sort=list(dict.fromkeys(rows["party"])), header=alt.Header(labelOrient="top"))
    return dressed(layers.facet(facet=facet, columns=_COLUMNS, spacing={"row": 18, "column": 24}), names=0)


def risk(rows: pd.DataFrame) -> alt.LayerChart:
    """The mean result of every party and its worst in twenty years, with what it says it can bear.

    Args:
        rows: ``party``, ``how``, ``mean`` and ``worst`` in £ million, ``capacity`` (negative) where it is stated,
            ``kind`` (within, beyond or not stated).
    """
    import altair as alt

    kinds = ["Within what it can bear", "Beyond what it can bear", "It does not say"]
    colour = alt.Color("kind:N", sort=kinds, scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE, GREY]))
    axis = alt.Axis(title="£ million a year; the point is the mean, the upright line what it can bear", tickCount=7)
    base = alt.Chart(rows).encode(y=alt.Y("party:N", sort=None, title=None, axis=alt.Axis(labelLimit=360)))
    bars = base.mark_bar(height=9).encode(x=alt.X("worst:Q", axis=axis), x2="mean:Q", color=colour)
    means = base.mark_circle(size=60, color=INK, opacity=1).encode(x="mean:Q")
    capacity = base.transform_filter("isValid(datum.capacity)").mark_tick(thickness=3, size=20, color=INK)
    nought = alt.Chart().mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.datum(0))
    layers = alt.layer(nought, bars, means, capacity.encode(x="capacity:Q"), data=rows)
    return dressed(layers.properties(width=WIDTH - 160, height=alt.Step(26)), names=360)
