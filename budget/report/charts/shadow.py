"""The shadow year as a picture: what each party has been paid so far under its contract, less under today's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from budget.report.charts.look import INK, SERIES, WIDTH, dressed

if TYPE_CHECKING:
    import altair as alt


def shadow_lines(rows: pd.DataFrame) -> alt.LayerChart:
    """Cumulative difference by month, a line a party.

    Args:
        rows: ``party``, ``month`` (its name), ``millions``, ``text``.
    """
    import altair as alt

    months = list(dict.fromkeys(rows["month"]))
    parties = list(dict.fromkeys(rows["party"]))
    colours = [SERIES[n % len(SERIES)] for n in range(len(parties))]
    axis = alt.Axis(title="£ million, contract less today's form, to date", format="+,.1f", tickCount=6, grid=True)
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=300)
    base = alt.Chart(rows).encode(
        x=alt.X("month:N", sort=months, title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("millions:Q", axis=axis),
        color=alt.Color(
            "party:N", sort=parties, scale=alt.Scale(domain=parties, range=colours), title=None, legend=legend
        ),
    )
    nought = alt.Chart(rows).mark_rule(color=INK, strokeDash=[4, 4]).encode(y=alt.datum(0))
    points = base.mark_point(filled=True, size=70, opacity=1)
    return dressed(
        alt.layer(nought, base.mark_line(strokeWidth=3), points, data=rows).properties(width=WIDTH, height=300), names=0
    )
