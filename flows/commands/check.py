"""``capitation check``."""

from __future__ import annotations

from argparse import Namespace

from flows import direct
from flows.answer import Answer, checked
from flows.find import locality
from flows.values import read_values


def command(arguments: Namespace) -> Answer:
    """Read the inputs and ask their gate; nothing is computed after it, nothing is published."""
    checks = direct.check(
        locality(arguments.config),
        scenario=arguments.scenario,
        overrides=read_values(arguments.values),
        out=arguments.out,
        year=arguments.year,
        known_on=arguments.known_on,
    )
    return checked(arguments.config, checks)
