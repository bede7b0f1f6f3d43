"""``capitation run``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer
from flows.driving import drive
from flows.find import locality
from flows.request import Request
from flows.values import read_values


def command(arguments: Namespace) -> Answer:
    """Set a locality's budgets."""
    request = Request(
        config=locality(arguments.config),
        scenarios=tuple(arguments.scenario),
        overrides=read_values(arguments.values),
        out=Path(arguments.out),
        year=arguments.year,
        previous=Path(arguments.previous) if arguments.previous else None,
        known_on=arguments.known_on,
        engine=arguments.engine,
    )
    return drive(request, arguments)
