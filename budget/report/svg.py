"""Charts as static SVG that stands in a page: one name for screen readers, ids of its own, nothing to load."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from budget.report.drawer import draw, drawn

if TYPE_CHECKING:
    import altair as alt

_SIZE = re.compile(r'^<svg[^>]*? width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)"[^>]*>')
_INNER_LABELS = re.compile(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"')
_IDS = re.compile(r'\bid="([^"]+)"')
_REFERENCES = re.compile(r"url\(#([^)]+)\)")
_TAG = re.compile(r"<[^>]+>")
_LONG_DECIMALS = re.compile(r"(\d+\.\d{2})\d+")


def inline_svg(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart | alt.ConcatChart, chart_id: str, title: str, text: str
) -> Drawing:
    """Draw a chart as SVG to inline.

    Args:
        chart: the chart.
        chart_id: unique on the page; becomes the prefix of every id within.
        title: its name for screen readers.
        text: what it shows, for screen readers.

    Returns:
        One ``<svg>`` element whose width follows the page, drawn by the time that the page is put together.
    """
    return Drawing(draw(chart.to_dict(validate=False)), chart_id, title, text)


@dataclass(frozen=True)
class Drawing:
    """A chart that is being drawn; templates read it as HTML."""

    answer: Future[dict[str, Any]]
    chart_id: str
    title: str
    text: str

    def __html__(self) -> str:
        """The drawing, safe to inline and labelled for screen readers."""
        svg = _TAG.sub(_trimmed, drawn(self.answer, self.chart_id))
        svg = _REFERENCES.sub(rf"url(#{self.chart_id}-\1)", _IDS.sub(rf'id="{self.chart_id}-\1"', svg))
        return _labelled(svg, self.chart_id, self.title, self.text)


@dataclass(frozen=True)
class Sketch:
    """A picture that is drawn here and not by a chart library; templates read it as HTML.

    Attributes:
        width: in pixels, the widest that it is shown.
        height: in pixels.
        marks: what stands in the ``<svg>`` element.
        chart_id: unique on the page.
        title: its name for screen readers.
        text: what it shows, for screen readers.
    """

    width: int
    height: int
    marks: str
    chart_id: str
    title: str
    text: str

    def __html__(self) -> str:
        """The picture, safe to inline and labelled for screen readers."""
        opening = f'<svg width="{self.width}" height="{self.height}">'
        return _labelled(f"{opening}{self.marks}</svg>", self.chart_id, self.title, self.text)


def _trimmed(tag: re.Match[str]) -> str:
    """A tag without labels of its own (the drawing has one name) and without needless decimals."""
    return _LONG_DECIMALS.sub(r"\1", _INNER_LABELS.sub("", tag[0]))


def _labelled(drawn: str, chart_id: str, title: str, text: str) -> str:
    size = _SIZE.match(drawn)
    if size is None:
        raise ValueError(f"chart {chart_id}: the drawing has no size")
    width, height = size["width"], size["height"]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{chart_id}-title {chart_id}-desc" '
        f'viewBox="0 0 {width} {height}" style="max-width:{width}px">'
        f'<title id="{chart_id}-title">{escape(title)}</title><desc id="{chart_id}-desc">{escape(text)}</desc>'
    )
    return opening + drawn[size.end() :]
