"""The tornado: what each assumption moves, at the low and at the high of its range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import BLUE, GREY, ORANGE, WIDTH, dressed

if TYPE_CHECKING:
    import altair as alt


def tornado(rows: pd.DataFrame, order: list[str], title: str) -> alt.LayerChart:
    """Two bars an assumption from the line of no change, longest first.

    Args:
        rows: ``assumption``, ``bound`` (low, high), ``millions``, ``text``.
        order: the assumptions in order.
        title: title of the axis.
    """
    import altair as alt

    bounds = ["low", "high"]
    most = float(rows["millions"].abs().max()) * 1.25 or 1.0
    colour = alt.Color("bound:N", sort=bounds, scale=alt.Scale(domain=bounds, range=[ORANGE, BLUE]))
    scale = alt.Scale(domain=[-most, most])
    base = alt.Chart(rows).encode(
        y=alt.Y("assumption:N", sort=order, title=None, scale=alt.Scale(paddingInner=0.3)),
        yOffset=alt.YOffset("bound:N", sort=bounds),
        x=alt.X("millions:Q", scale=scale, axis=alt.Axis(title=title, format="+,.0f", tickCount=7)),
    )
    bars = base.mark_bar().encode(color=colour)
    right, left = (
        base.transform_filter(f"datum.millions {sign} 0")
        .mark_text(align=align, dx=dx, fontSize=12)
        .encode(text="text:N")
        for sign, align, dx in ((">=", "left", 4), ("<", "right", -4))
    )
    nought = alt.Chart().mark_rule(color=GREY).encode(x=alt.datum(0))
    layers = alt.layer(bars, right, left, nought, data=rows)
    return dressed(layers.properties(width=WIDTH, height=alt.Step(19)))
