"""``capitation rerun``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from flows.answer import Answer
from flows.driving import drive
from flows.request import Request
from flows.values import read_values


def command(arguments: Namespace) -> Answer:
    """Set the budgets of an earlier run again, with other assumptions."""
    request = Request.rerun(
        Path(arguments.run),
        scenarios=tuple(arguments.scenario),
        overrides=read_values(arguments.values),
        out=Path(arguments.out) if arguments.out else None,
        known_on=arguments.known_on,
        engine=arguments.engine,
    )
    return drive(request, arguments)
