"""The look that every chart shares: NHS colours, one typeface, quiet axes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import altair as alt

    AnyChart = TypeVar("AnyChart", alt.Chart, alt.LayerChart, alt.FacetChart, alt.HConcatChart)

BLUE, DARK_BLUE, BRIGHT, LIGHT, AQUA = "#005EB8", "#003087", "#0072CE", "#41B6E6", "#00A499"
GREEN, WARM, ORANGE, PINK, PURPLE = "#006747", "#FFB81C", "#ED8B00", "#AE2573", "#330072"
INK, GREY, PALE = "#212B32", "#768692", "#E8EDEE"
SERIES = (BLUE, ORANGE, AQUA, PINK, DARK_BLUE, WARM, PURPLE, GREY)
YEARS = (DARK_BLUE, BRIGHT, "#9DCBEA", "#C8DDEE", "#DFE9F0")
FONT = "Frutiger, Arial, Helvetica, sans-serif"
WIDTH = 640
ROW = 30
NAMES = 170
"""Least room for the names at the left, so that charts of bars start at the same place."""


def place_row() -> alt.Row:
    """One band of a chart for each place, its name at the left."""
    import altair as alt

    header = alt.Header(labelAngle=0, labelAlign="left", labelOrient="left", labelPadding=12, labelLimit=NAMES)
    return alt.Row("place:N", header=header, sort=None)


_AXIS: Mapping[str, Any] = MappingProxyType(
    {
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "labelLimit": 400,
        "labelPadding": 6,
        "titlePadding": 10,
        "grid": True,
        "gridColor": "#D8DDE0",
        "domain": False,
        "ticks": False,
    }
)


def dressed(chart: AnyChart, names: int = NAMES) -> AnyChart:
    """A chart in the house look.

    Args:
        chart: the chart.
        names: least room for the names at its left.
    """
    import altair as alt

    text = {"labelFont": FONT, "labelColor": INK}
    look = chart.copy(deep=False)  # the data would be copied with it
    look.config = alt.Config(
        font=FONT,
        background="white",
        padding={"left": 2, "right": 14, "top": 6, "bottom": 4},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(**_AXIS),
        axisY=alt.AxisConfig(grid=False, minExtent=names),
        tick=alt.TickConfig(opacity=1),
        legend=alt.LegendConfig(
            **text,
            titleFont=FONT,
            labelFontSize=13,
            titleFontSize=13,
            symbolSize=140,
            orient="top",
            title=None,
            labelLimit=260,
            offset=8,
            columnPadding=18,
        ),
        header=alt.HeaderConfig(**text, labelFontSize=14, labelFontWeight="bold", title=None),
        text=alt.MarkConfig(font=FONT, fontSize=13, color=INK),
    )
    return look
