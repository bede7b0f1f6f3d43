"""What the picture of a run shows, in words of its own: it knows nodes and edges, and nothing of how a run is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["files", "table", "document", "stage", "gate"]
State = Literal["", "passed", "warned", "failed"]


@dataclass(frozen=True)
class Node:
    """A box of the picture.

    Attributes:
        id: unique in the picture, and fit for the page.
        kind: what it is.
        name: what is written in it.
        stage: the stage it belongs to: that made it, or whose gate it is.
        measure: what is written beneath the name: rows and pounds, seconds, checks.
        state: how a gate found.
        person: whether it holds rows about persons; such tables stay in restricted places.
        details: what is told when it is chosen: heading to text, or to rows of text.
    """

    id: str
    kind: Kind
    name: str
    stage: str
    measure: str = ""
    state: State = ""
    person: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Edge:
    """A line of the picture: what goes from one box to another, and how much of it."""

    source: str
    target: str
    label: str


@dataclass(frozen=True)
class Graph:
    """A run as nodes and edges; stages are in order.

    Attributes:
        title: the locality.
        run_id: the run.
        notice: a sentence that every output shows; may be empty.
        stages: names of the stages, in order.
        nodes: the boxes, each stage's own together.
        edges: the lines.
    """

    title: str
    run_id: str
    notice: str
    stages: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
