"""Pins: a scenario names the packs that it was written for by their hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from budget.assumptions.layer import Layer
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import change_yaml


def check_pins(scenario: Layer, packs: Sequence[Layer]) -> None:
    """Refuse a scenario that was written for other packs than those of the run.

    Raises:
        ConfigurationError: a pack that the scenario names has changed, or the run does not use it.
    """
    by_name = {pack.name: pack for pack in packs}
    for name, sha256 in scenario.based_on.items():
        if name not in by_name:
            raise ConfigurationError(
                f"{scenario.path}: the scenario {scenario.name} is based on the pack {name}, which this run does not "
                f"use; it uses {', '.join(by_name)}."
            )
        if sha256 != by_name[name].sha256:
            raise ConfigurationError(
                f"{scenario.path}: the scenario {scenario.name} was written for another version of the pack {name}.\n"
                f"  pinned: {sha256}\n  now:    {by_name[name].sha256} ({by_name[name].path})\n"
                "  mend: look whether its values still make sense over the pack as it is, then\n"
                f"        capitation assumptions pin {scenario.path} {by_name[name].path}"
            )


def pin(scenario: Layer, packs: Sequence[Layer]) -> None:
    """Write the hashes of packs into a scenario's file; what else stands there stays.

    Args:
        scenario: the scenario.
        packs: the packs it is for; they take the place of those that it named.

    Raises:
        ConfigurationError: the file is no scenario, or one of the others no pack.
    """
    if scenario.kind != "scenario":
        raise ConfigurationError(f"{scenario.path}: this is a pack; only scenarios are pinned.")
    for layer in packs:
        if layer.kind != "pack":
            raise ConfigurationError(f"{layer.path}: this is a scenario; a scenario is pinned to packs.")
    change_yaml(scenario.path, lambda document: _put(document, {pack.name: pack.sha256 for pack in packs}))


def _put(document: Any, pins: dict[str, str]) -> None:
    """Above the values, where a reader looks for what a file is about."""
    if "based_on" in document:
        document["based_on"] = pins
    else:
        document.insert(list(document).index("values"), "based_on", pins)


def unpinned(scenario: Layer) -> str:
    """What is said of a scenario that names no pack."""
    return (
        f"scenario {scenario.name} is not pinned to its packs: nobody is told when they change under it "
        f"(capitation assumptions pin {scenario.path} PACK.yaml)"
    )
