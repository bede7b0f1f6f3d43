"""Charts of people: what other ways of counting them would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import BLUE, INK, ORANGE, dressed

if TYPE_CHECKING:
    import altair as alt


def effects(rows: pd.DataFrame) -> alt.FacetChart:
    """Change of each place's allocation, one panel a way of counting.

    Args:
        rows: ``way``, ``place``, ``change`` (pounds, million); in order.
    """
    import altair as alt

    x = alt.X("change:Q", axis=alt.Axis(title="\u00a3 million", format="+.1f", tickCount=5))
    y = alt.Y("place:N", title=None, sort=list(dict.fromkeys(rows["place"])))
    colour = alt.condition("datum.change >= 0", alt.value(BLUE), alt.value(ORANGE))
    bars = alt.Chart().mark_bar().encode(x=x, y=y, color=colour)
    nought = alt.Chart().mark_rule(color=INK).encode(x=alt.datum(0.0))
    panels = (
        alt.layer(bars, nought, data=rows[["way", "place", "change"]])
        .properties(width=200, height=150)
        .facet(facet=alt.Facet("way:N", title=None, sort=list(dict.fromkeys(rows["way"]))), columns=2)
    )
    return dressed(panels)
