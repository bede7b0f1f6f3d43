"""The picture as a page: one HTML file that needs nothing else, with the table behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from budget.report.blocks import Heading, Row, TableBlock
from budget.report.page import render
from budget.report.picture.graph import Graph, Node
from budget.report.picture.layout import place

_WORDS = {"files": "input files", "document": "file for people"}


def write_picture(graph: Graph, path: Path) -> None:
    """Write the picture of a run; the same graph gives the same bytes.

    Raises:
        OSError: the file cannot be written.
    """
    from markupsafe import Markup

    page = render(
        "picture/picture.html.j2",
        graph=graph,
        layout=place(graph),
        table=_table(graph),
        data=Markup(_data(graph)),
        spoken=_spoken,
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def _data(graph: Graph) -> str:
    """What the page tells of each box, as JSON that cannot end the element it stands in."""
    told: dict[str, Any] = {node.id: _told(node) for node in graph.nodes}
    edges = [[edge.source, edge.target, edge.label] for edge in graph.edges]
    text = json.dumps({"nodes": told, "edges": edges}, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _told(node: Node) -> dict[str, Any]:
    return {"name": node.name, "kind": _kind(node), "measure": node.measure, "details": node.details}


def _kind(node: Node) -> str:
    return _WORDS.get(node.kind, node.kind) + (", person-level" if node.person else "")


def _spoken(node: Node) -> str:
    """A box for those who hear it."""
    return ", ".join(part for part in (node.name, _kind(node), node.measure, node.state) if part)


def _table(graph: Graph) -> TableBlock:
    """Every box as a row, with what it is made from and who reads it."""
    names = {node.id: node.name for node in graph.nodes}
    above: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    below: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        above[edge.target].append(names[edge.source])
        below[edge.source].append(names[edge.target])
    rows = tuple(
        Row(
            (node.name, _kind(node), node.stage, node.measure, ", ".join(above[node.id]), ", ".join(below[node.id])),
            "bad" if node.state == "failed" else "warn" if node.state == "warned" else "plain",
        )
        for node in graph.nodes
    )
    heads = tuple(Heading(text) for text in ("Name", "What", "Stage", "How much", "From", "To"))
    return TableBlock("Tables, stages and gates, in the order of the run", heads, rows)
