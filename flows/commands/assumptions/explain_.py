"""``capitation assumptions explain``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from budget.assumptions.catalogue import Parameter, parameter
from budget.assumptions.layer import Layer, read_layer
from budget.assumptions.resolved import row_of
from budget.pipeline import STAGES
from flows.answer import Answer
from flows.known import Known, asked_for

_NATIONAL = Path(__file__).parents[3] / "config" / "assumptions" / "national.yaml"


def command(arguments: Namespace) -> Answer:
    """What one assumption means, where it is used, what holds, and what the packs say of it."""
    known = parameter(arguments.identifier, "capitation assumptions explain")
    found = asked_for(arguments, arguments.known) if arguments.known else None
    layers = found.assumptions.layers if found else (read_layer(_NATIONAL),)
    stages = [stage.name for stage in STAGES if known.id in stage.assumes]
    holds = _holds(known, found) if found else []
    said = [row for layer in layers for row in _said(known, layer)]
    facts = {
        "id": known.id,
        "about": known.about,
        "unit": known.unit,
        "allowed": known.allowed,
        "written": known.how_written,
        "scopes": list(known.scopes),
        "stages": stages,
        "inert": known.inert,
        "values": holds,
        "published": said,
    }
    lines = [*_meaning(known, stages), *_block(f"In force for {found.title}" if found else "", holds)]
    return Answer("\n".join([*lines, *_block("In the packs and scenarios", said)]), facts)


def _meaning(known: Parameter, stages: Iterable[str]) -> Iterator[str]:
    yield f"{known.id}: {known.about}."
    yield f"  unit     {known.unit}" + (f" ({known.how_written})" if known.how_written else "")
    if known.allowed:
        yield f"  allowed  {known.allowed}"
    yield f"  for one  {', '.join(known.scopes) or 'nothing: one value holds everywhere'}"
    yield f"  used by  {', '.join(stages)}"
    if known.inert:
        yield f"  inert    {known.inert}"


def _holds(known: Parameter, found: Known) -> list[dict[str, Any]]:
    """The value that holds in each year of the run, general and for one line or place."""
    return [
        row_of(entry) | {"financial_year": str(year)}
        for year in found.years
        for entry in found.assumptions.scoped(known.id, year)
    ]


def _said(known: Parameter, layer: Layer) -> list[dict[str, Any]]:
    return [row_of(entry) for entry in layer.entries if entry.parameter.id == known.id]


def _block(title: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    if not title:
        return
    yield from ("", title)
    if not rows:
        yield "  nothing"
    for row in rows:
        yield from _value(row)


def _value(row: dict[str, Any]) -> Iterator[str]:
    bounds = f", from {row['low']} to {row['high']} ({row['range_reason']})" if row["low"] and row["high"] else ""
    published = f", published {row['published_on']}" if row["published_on"] else ""
    yield f"  {row['financial_year']:<8} {row['scope']:<22} {row['value']}  {row['status']}{published}{bounds}"
    yield f"  {'':<8} {row['source']} [{row['set_by']}, {row['owner']}]: {row['reason']}"
