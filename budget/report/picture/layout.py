"""Where the boxes stand: two bands of stages from left to right, what a stage made to the right of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from budget.report.picture.graph import Edge, Graph, Node

BANDS = 2
MARGIN = 24
BOX, STAGE_BOX = 208, 132
HEIGHT, STAGE_HEIGHT, STEP = 36, 56, 44
LABEL, GAP, BETWEEN_BANDS = 34, 62, 96


@dataclass(frozen=True)
class Placed:
    """A node with its place; coordinates of its upper left corner, in the units of the drawing."""

    node: Node
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The height at which lines meet it."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Line:
    """An edge as a path of the drawing."""

    edge: Edge
    path: str


@dataclass(frozen=True)
class Layout:
    """Everything in its place."""

    width: float
    height: float
    nodes: tuple[Placed, ...]
    lines: tuple[Line, ...]


def place(graph: Graph) -> Layout:
    """Lay a graph out: by stage from left to right, tables in the order in which later stages read them."""
    each = -(-len(graph.stages) // BANDS)
    bands = [graph.stages[start : start + each] for start in range(0, len(graph.stages), each)]
    placed: list[Placed] = []
    top = float(MARGIN)
    for band in bands:
        found = _band(graph, band, top)
        placed += found
        top = max(box.y + box.height for box in found) + BETWEEN_BANDS
    at = {box.node.id: box for box in placed}
    lines = tuple(Line(edge, _path(at[edge.source], at[edge.target])) for edge in graph.edges)
    width = max(box.x + box.width for box in placed) + MARGIN
    return Layout(width, top - BETWEEN_BANDS + MARGIN, tuple(placed), lines)


def _band(graph: Graph, stages: Sequence[str], top: float) -> list[Placed]:
    x, placed = float(MARGIN), []
    for stage in stages:
        own = [node for node in graph.nodes if node.stage == stage]
        files = [node for node in own if node.kind == "files"]
        if files:
            placed += _column(files, x, top, BOX, HEIGHT)
            x += BOX + GAP
        made = _by_use(graph, [node for node in own if node.kind in ("table", "document")])
        tall = max(len(made), len(files), 2) * STEP
        workers = [node for node in own if node.kind in ("stage", "gate")]
        first = top + max(0.0, (tall - len(workers) * (STAGE_HEIGHT + 12)) / 2)
        placed += _column(workers, x, first, STAGE_BOX, STAGE_HEIGHT, STAGE_HEIGHT + 12)
        x += STAGE_BOX + LABEL
        placed += _column(made, x, top, BOX, HEIGHT)
        x += BOX + GAP
    return placed


def _column(
    nodes: Sequence[Node], x: float, top: float, width: float, height: float, step: float = STEP
) -> list[Placed]:
    return [Placed(node, x, top + number * step, width, height) for number, node in enumerate(nodes)]


def _by_use(graph: Graph, nodes: Sequence[Node]) -> list[Node]:
    """What the next stages read stands above what only later ones, or none, read; documents come last."""
    order = {stage: number for number, stage in enumerate(graph.stages)}
    first: dict[str, int] = {}
    for edge in graph.edges:
        if edge.target in order:
            first[edge.source] = min(first.get(edge.source, len(order)), order[edge.target])
    return sorted(nodes, key=lambda node: (node.kind == "document", first.get(node.id, len(order)), node.name))


def _path(source: Placed, target: Placed) -> str:
    """A curve from the right of one box to the left of another; to its gate a stage goes straight down."""
    if target.node.kind == "gate":
        x = source.x + source.width / 2
        return f"M{x:.0f} {source.y + source.height:.0f}V{target.y:.0f}"
    begins, ends = (source.x + source.width, source.middle), (target.x, target.middle)
    bend = max(40.0, min(abs(ends[0] - begins[0]) / 2, 160.0))
    return (
        f"M{begins[0]:.0f} {begins[1]:.0f}C{begins[0] + bend:.0f} {begins[1]:.0f} "
        f"{ends[0] - bend:.0f} {ends[1]:.0f} {ends[0]:.0f} {ends[1]:.0f}"
    )
