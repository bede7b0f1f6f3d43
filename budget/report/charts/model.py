"""Charts of the need model: how far groups are over or under, and places with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import BLUE, GREY, INK, ORANGE, WIDTH, dressed

if TYPE_CHECKING:
    import altair as alt


def calibration(rows: pd.DataFrame) -> alt.LayerChart:
    """Expected over actual cost by tenth of predicted cost; on the line what is expected is what it cost.

    Args:
        rows: ``level`` (tenth, in order) and ``ratio``.
    """
    import altair as alt

    reach = max(float((rows["ratio"] - 1).abs().max()) * 1.3, 0.05)
    y = alt.Y(
        "ratio:Q",
        scale=alt.Scale(domain=[1 - reach, 1 + reach], nice=False),
        axis=alt.Axis(title="Expected over actual cost", format=".2f", tickCount=5, grid=True),
    )
    x = alt.X("level:N", sort=None, axis=alt.Axis(title="Tenth of people by expected cost, dearest last", labelAngle=0))
    right = alt.Chart().mark_rule(color=INK).encode(y=alt.datum(1.0))
    points = alt.Chart().mark_line(color=BLUE, point=alt.OverlayMarkDef(size=110, filled=True)).encode(x=x, y=y)
    return dressed(alt.layer(right, points, data=rows).properties(width=WIDTH, height=240), names=0)


def over_and_under(rows: pd.DataFrame) -> alt.FacetChart:
    """Pounds a head and year that groups are expected to cost above (right) or below (left) what they did.

    Args:
        rows: ``grouping``, ``level``, ``pounds``; in order.
    """
    import altair as alt

    reach = max(float(rows["pounds"].abs().max()) * 1.1, 1.0)
    rows = rows.assign(sign=["Paid too much" if pounds > 0 else "Paid too little" for pounds in rows["pounds"]])
    axis = alt.Axis(title="Pounds a head and year, expected less actual", format="+,.0f", tickCount=6)
    bars = (
        alt.Chart(rows)
        .mark_bar(height={"band": 0.72})
        .encode(
            y=alt.Y("level:N", sort=None, title=None, axis=alt.Axis(labelFontSize=11, labelPadding=4)),
            x=alt.X("pounds:Q", scale=alt.Scale(domain=[-reach, reach], nice=False), axis=axis),
            color=alt.Color(
                "sign:N", scale=alt.Scale(domain=["Paid too little", "Paid too much"], range=[ORANGE, BLUE])
            ),
        )
        .properties(width=430, height=alt.Step(17))
    )
    header = alt.Header(labelAngle=0, labelAlign="left", labelOrient="left", labelPadding=12, labelLimit=170)
    return dressed(
        bars.facet(
            row=alt.Row("grouping:N", header=header, sort=list(dict.fromkeys(rows["grouping"]))), spacing=16
        ).resolve_scale(y="independent"),
        names=0,
    )


def place_intervals(rows: pd.DataFrame) -> alt.LayerChart:
    """Actual over expected cost of places (points), and where chance and the model's error would leave it (bars).

    Args:
        rows: ``place``, ``low``, ``high`` (interval over expected), ``ratio``; in order.
    """
    import altair as alt

    values = rows[["low", "high", "ratio"]].to_numpy()
    room = max((values.max() - values.min()) * 0.1, 0.005)
    scale = alt.Scale(domain=[float(values.min() - room), float(values.max() + room)], nice=False)
    y = alt.Y("place:N", sort=None, title=None)
    axis = alt.Axis(title="Actual over expected cost", format=".3f", tickCount=6)
    right = alt.Chart().mark_rule(color=INK).encode(x=alt.datum(1.0))
    bars = (
        alt.Chart()
        .mark_rule(color=GREY, strokeWidth=9, opacity=0.5)
        .encode(y=y, x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q")
    )
    points = (
        alt.Chart().mark_circle(color=BLUE, size=130, opacity=1).encode(y=y, x=alt.X("ratio:Q", scale=scale, axis=axis))
    )
    return dressed(alt.layer(bars, right, points, data=rows).properties(width=WIDTH - 170, height=alt.Step(30)))
