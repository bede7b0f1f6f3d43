"""``capitation assumptions pin``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from budget.assumptions.layer import read_layer
from budget.assumptions.pins import pin
from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Pin a scenario to packs as they are now."""
    scenario, packs = read_layer(Path(arguments.scenario)), [read_layer(Path(pack)) for pack in arguments.packs]
    pin(scenario, packs)
    pins = {pack.name: pack.sha256 for pack in packs}
    lines = [f"{scenario.name} is based on", *(f"  {name}: {sha256}" for name, sha256 in pins.items())]
    return Answer("\n".join(lines), {"status": "complete", "scenario": str(scenario.path), "based_on": pins})
