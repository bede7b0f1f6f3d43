"""The charts of a report page as files of their own: taken out of the page as they were drawn, not drawn again."""

from __future__ import annotations

import re
from pathlib import Path

_SVG = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg" role="img" aria-labelledby="(?P<id>[^" ]+)-title .*?</svg>', re.S
)
_SIZED = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')


def write_plots(page: Path, folder: Path) -> tuple[str, ...]:
    """Write every chart of a page as an SVG file; the same page gives the same bytes.

    Args:
        page: the report page of a run.
        folder: where the files go, one a chart, named as the chart is on the page; made where a page has charts.

    Returns:
        The names of the files.

    Raises:
        OSError: the page cannot be read or a file cannot be written.
    """
    names = []
    for found in _SVG.finditer(page.read_text(encoding="utf-8")):
        folder.mkdir(exist_ok=True)
        names.append(f"{found['id']}.svg")
        (folder / names[-1]).write_text(_alone(found[0]), encoding="utf-8", newline="\n")
    return tuple(names)


def _alone(svg: str) -> str:
    """A drawing that stands alone: with its size and on white."""
    size = _SIZED.search(svg)
    if size is None:
        raise ValueError("a chart of the page has no viewBox")
    opening, rest = svg.split(">", 1)
    linked = ' xmlns:xlink="http://www.w3.org/1999/xlink"' if "xlink:" in svg else ""
    described, marks = rest.split("</desc>", 1)
    sized = f'{opening}{linked} width="{size["width"]}" height="{size["height"]}">{described}</desc>'
    return f'{sized}<rect width="100%" height="100%" fill="white"/>{marks}\n'
