"""Localities for tests: those that are shipped, with people drawn into a folder of the test's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from budget.kernel.yaml import read_yaml, write_yaml
from budget.synth import write_locality

ROOT = Path(__file__).parents[2]
_TOO_MUCH = ("low_volume_activity", "non_contract_activity")
"""Sums that a sample cannot bear."""
_PATHS = ("inputs", "scenarios", "segmentation", "population_rules", "need", "gates", "contracts", "waivers")


def shipped_locality(name: str, folder: Path, people: int | None = None) -> Path:
    """Draw a shipped locality's people and write a ``run.yaml`` beside them.

    Args:
        name: the name of its recipe and of its locality file.
        folder: where both go.
        people: size of a sample; everybody when not given.

    Returns:
        The folder, fit for ``capitation run``.
    """
    inputs = folder / "inputs"
    write_locality(ROOT / f"config/synth/{name}.yaml", inputs, people=people)
    settings = settings_of(ROOT / f"config/localities/{name}.yaml")
    write_yaml(folder / "run.yaml", settings | {"inputs": str(inputs)})
    return folder


def settings_of(written: Path) -> dict[str, Any]:
    """What the file of a locality says, with paths that hold anywhere."""
    settings: dict[str, Any] = read_yaml(written)

    def path(said: str) -> str:
        return str((written.parent / said).resolve())

    settings["assumptions"] = [path(said) for said in settings["assumptions"]]
    return _plain(settings) | {name: path(settings[name]) for name in _PATHS if name in settings}


def east_london(folder: Path, people: int | None = None) -> Path:
    """East London, as ``shipped_locality`` writes it."""
    return shipped_locality("east_london", folder, people)


def whole_sample(folder: Path, people: int) -> Path:
    """A sample of East London that every stage can bear: two of its contracts, and sums that are too large left out."""
    config = east_london(folder, people)
    plan = settings_of(config / "run.yaml") | {"contracts": str(_contracts(folder / "contracts"))}
    national, local = plan["assumptions"]
    plan["assumptions"] = [national, str(_without(Path(local), folder / "local.yaml"))]
    write_yaml(config / "run.yaml", plan)
    return config


def _contracts(folder: Path) -> Path:
    folder.mkdir()
    for name in ("acute_services", "north_east_alliance"):
        shutil.copy(ROOT / f"config/contracts/east_london/{name}.yaml", folder)
    return folder


def _without(pack: Path, copy: Path) -> Path:
    """A copy of a pack in which some sums are nought."""
    told = _plain(read_yaml(pack))
    for name in _TOO_MUCH:
        for value in told["values"][name]:
            value["value"] = "0"
            for key in ("low", "high", "range_reason"):
                del value[key]
    write_yaml(copy, told)
    return copy


def _plain(written: Any) -> dict[str, Any]:
    """What was read from YAML, days as text."""
    plain: dict[str, Any] = json.loads(json.dumps(written, default=str))
    return plain
