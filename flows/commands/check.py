"""``capitation check``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer
from flows.checking import look_at
from flows.files import page_file
from flows.find import locality
from flows.pipeline import Pipeline
from flows.readiness import checked, write_page
from flows.request import Request
from flows.values import read_values


def command(arguments: Namespace) -> Answer:
    """Ask every check that the inputs can answer, and say how far they go; nothing is computed after, or published."""
    page = page_file(arguments.html) if arguments.html else None
    request = Request(
        config=locality(arguments.config),
        scenarios=tuple(arguments.scenario),
        overrides=read_values(arguments.values),
        out=Path(arguments.out),
        year=arguments.year,
        known_on=arguments.known_on,
    )
    found = look_at(request, Pipeline.of())
    if page:
        write_page(found, page)
    return checked(arguments.config, found, page)
