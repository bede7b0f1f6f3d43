"""A map of tiles: one square for each place, where its neighbours are, coloured by how far it is from its target."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, sqrt

from budget.report.charts.look import FONT, GREY, INK, LIGHT, ORANGE
from budget.report.svg import Sketch

_WIDE, _HIGH, _GAP, _KEY = 168, 112, 8, 40
_LETTERS = 20
"""Letters of a name that one line of a tile has room for."""


@dataclass(frozen=True)
class Tile:
    """What one tile says.

    Attributes:
        place: the place's code.
        name: its name for people.
        lines: what stands under the name.
        distance: share above (positive) or below its target; decides the colour.
    """

    place: str
    name: str
    lines: tuple[str, ...]
    distance: float


def tile_map(
    tiles: Sequence[Tile], where: Mapping[str, tuple[int, int]], chart_id: str, title: str, text: str
) -> Sketch:
    """Draw tiles at their row and column, both counted from 0; in reading order where a place has none.

    Args:
        tiles: what each says.
        where: row and column by place; used only where every place has one.
        chart_id: unique on the page.
        title: its name for screen readers.
        text: what it shows, for screen readers.
    """
    spots = {tile.place: where[tile.place] for tile in tiles} if is_map(tiles, where) else _in_rows(tiles)
    furthest = max((abs(tile.distance) for tile in tiles), default=0.0)
    rows, columns = (max(spot[axis] for spot in spots.values()) + 1 for axis in (0, 1))
    marks = [_drawn(tile, spots[tile.place], furthest) for tile in tiles]
    width, height = columns * (_WIDE + _GAP), rows * (_HIGH + _GAP) + _KEY
    return Sketch(max(width, 520), height, "".join([*marks, _key(height - 14)]), chart_id, title, text)


def is_map(tiles: Sequence[Tile], where: Mapping[str, tuple[int, int]]) -> bool:
    """Whether every tile has a spot of its own."""
    spots = [where[tile.place] for tile in tiles if tile.place in where]
    return len(set(spots)) == len(tiles)


def _in_rows(tiles: Sequence[Tile]) -> dict[str, tuple[int, int]]:
    columns = max(1, ceil(sqrt(len(tiles))))
    return {tile.place: divmod(number, columns) for number, tile in enumerate(tiles)}


def _drawn(tile: Tile, spot: tuple[int, int], furthest: float) -> str:
    # half a pixel in, so that no line of the outer tiles is cut
    x, y = spot[1] * (_WIDE + _GAP) + 0.5, spot[0] * (_HIGH + _GAP) + 0.5
    colour = LIGHT if tile.distance >= 0 else ORANGE
    strength = abs(tile.distance) / furthest if furthest else 0.0
    box = (
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" fill="white" stroke="{GREY}"/>'
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" fill="{colour}" fill-opacity="{0.85 * strength:.2f}"/>'
    )
    named = [(line, ' font-weight="bold"') for line in textwrap.wrap(tile.name, _LETTERS)[:2]]
    said = [*named, *((line, "") for line in tile.lines)]
    texts = [_text(x + 10, y + 24 + 20 * number, line, weight) for number, (line, weight) in enumerate(said)]
    return box + "".join(texts)


def _text(x: float, y: float, line: str, weight: str = "") -> str:
    return f'<text x="{x}" y="{y}" font-family="{FONT}" font-size="13" fill="{INK}"{weight}>{escape(line)}</text>'


def _key(y: float) -> str:
    boxes = [(0.5, ORANGE, "Below its target"), (150.5, LIGHT, "Above its target")]
    marks = [
        f'<rect x="{x}" y="{y - 12}" width="16" height="16" fill="{colour}" fill-opacity="0.85"/>'
        + _text(x + 24, y + 1, words)
        for x, colour, words in boxes
    ]
    return "".join([*marks, _text(310, y + 1, "Stronger: further from it")])
