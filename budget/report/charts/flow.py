"""The flow of money as an SVG of our own: columns of nodes, bands between them as wide as the money is much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from budget.report.charts.look import AQUA, BLUE, DARK_BLUE, FONT, GREY, INK, ORANGE, PINK, PURPLE, SERIES, WARM
from budget.report.svg import Sketch

WIDTH, HEIGHT = 1000, 560
_NODE, _GAP, _LEAST = 14, 17, 1.5
_LEFT, _RIGHT = 250, 300
"""Room for the names beside the first and the last column."""
_PARTS = {
    "core": BLUE,
    "incentive": AQUA,
    "risk_pool": WARM,
    "choice": ORANGE,
    "low_volume": PINK,
    "non_contract": PURPLE,
    "stop_loss": DARK_BLUE,
}
"""Colours of the parts of a budget; others take those of a series."""


@dataclass
class _Node:
    """A node while it is laid out."""

    name: str
    text: str
    colour: str
    money: float
    top: float = 0.0
    height: float = 0.0
    filled: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "out": 0.0})

    def take(self, side: str, height: float) -> float:
        """Where the next band begins on one side of the node."""
        start = self.top + self.filled[side]
        self.filled[side] += height
        return start


def flow(rows: pd.DataFrame, names: Mapping[str, str], chart_id: str, title: str, text: str) -> Sketch:
    """Three columns of nodes: who pays, as what part of the budget, to whom.

    Args:
        rows: ``payer``, ``part``, ``payee``, ``millions`` (positive) in the order of drawing; nodes stand in the order
            in which they first appear.
        names: what stands beside each node, by its code.
        chart_id: unique on the page.
        title: its name for screen readers.
        text: what it shows, for screen readers.
    """
    columns = [_column(rows, name, names) for name in ("payer", "part", "payee")]
    scale = min(_scale(column) for column in columns)
    for column in columns:
        _stack(column, scale)
    bands = [*_bands(rows, columns, "payer", "part", 0, scale), *_bands(rows, columns, "part", "payee", 1, scale)]
    nodes = [mark for number, column in enumerate(columns) for node in column.values() for mark in _drawn(node, number)]
    return Sketch(WIDTH, HEIGHT, "".join([*bands, *nodes]), chart_id, title, text)


def _column(rows: pd.DataFrame, name: str, names: Mapping[str, str]) -> dict[str, _Node]:
    sums = rows.groupby(name, sort=False)["millions"].sum()
    colours = {code: _PARTS.get(str(code), SERIES[number % len(SERIES)]) for number, code in enumerate(sums.index)}
    plain = {"payer": DARK_BLUE, "payee": GREY}
    return {
        str(code): _Node(str(code), names[str(code)], plain.get(name, colours[code]), float(money))
        for code, money in sums.items()
    }


def _scale(column: Mapping[str, _Node]) -> float:
    """Pixels a million that a column has room for."""
    room = HEIGHT - _GAP * len(column)
    return room / sum(node.money for node in column.values())


def _stack(column: Mapping[str, _Node], scale: float) -> None:
    heights = {code: max(_LEAST, node.money * scale) for code, node in column.items()}
    left = HEIGHT - sum(heights.values())
    gap = left / len(column)
    top = gap / 2
    for code, node in column.items():
        node.top, node.height = top, heights[code]
        top += heights[code] + gap


def _bands(
    rows: pd.DataFrame, columns: Sequence[Mapping[str, _Node]], start: str, end: str, at: int, scale: float
) -> list[str]:
    """One band for every pair of nodes; it has the colour of the part of the budget."""
    sums = rows.groupby([start, end], sort=False)["millions"].sum()
    order = {name: {code: number for number, code in enumerate(columns[at + i])} for i, name in enumerate((start, end))}
    pairs = sorted(sums.items(), key=lambda item: (order[start][item[0][0]], order[end][item[0][1]]))  # type: ignore[index]
    by_end = sorted(pairs, key=lambda item: (order[end][item[0][1]], order[start][item[0][0]]))  # type: ignore[index]
    ends = {pair: columns[at + 1][pair[1]].take("in", money * scale) for pair, money in by_end}  # type: ignore[index]
    marks = []
    for pair, money in pairs:
        one, other = columns[at][pair[0]], columns[at + 1][pair[1]]  # type: ignore[index]
        colour = (other if at == 0 else one).colour
        height = money * scale
        marks.append(_band(_x(at) + _NODE, one.take("out", height), _x(at + 1), ends[pair], height, colour))
    return marks


def _x(column: int) -> float:
    room = WIDTH - _LEFT - _RIGHT - _NODE
    return _LEFT + room * column / 2


def _band(x: float, y: float, to_x: float, to_y: float, height: float, colour: str) -> str:
    """A band between two nodes: two curves and the ends between them."""
    half = (x + to_x) / 2
    upper = f"M{x:.1f} {y:.1f}C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    lower = f"V{to_y + height:.1f}C{half:.1f} {to_y + height:.1f} {half:.1f} {y + height:.1f} {x:.1f} {y + height:.1f}Z"
    return f'<path d="{upper}{lower}" fill="{colour}" fill-opacity="0.35"/>'


def _drawn(node: _Node, column: int) -> tuple[str, str]:
    """The node and the words beside it; words of the middle column stand on a pale ground, for bands pass below."""
    x, middle = _x(column), node.top + node.height / 2
    box = f'<rect x="{x:.1f}" y="{node.top:.1f}" width="{_NODE}" height="{node.height:.1f}" fill="{node.colour}"/>'
    place, anchor = ((x - 8, "end"), (x + _NODE + 6, "start"), (x + _NODE + 8, "start"))[column]
    ground = ' stroke="white" stroke-width="3" stroke-opacity="0.8" paint-order="stroke"' if column == 1 else ""
    words = (
        f'<text x="{place:.1f}" y="{middle + 4.5:.1f}" text-anchor="{anchor}" font-family="{FONT}" font-size="13" '
        f'fill="{INK}"{ground}>{escape(node.text)}</text>'
    )
    return box, words
