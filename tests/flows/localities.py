"""Localities for tests: those that are shipped, with people drawn into a folder of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from budget.kernel.yaml import read_yaml, write_yaml
from budget.synth import write_locality

ROOT = Path(__file__).parents[2]
_PATHS = ("scenarios", "segmentation", "population_rules", "need", "gates", "contracts", "waivers")


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
    shipped = ROOT / f"config/localities/{name}.yaml"
    settings: dict[str, Any] = read_yaml(shipped)
    settings["inputs"] = str(inputs)
    settings["snapshot_date"] = str(settings["snapshot_date"])
    settings["assumptions"] = [str((shipped.parent / path).resolve()) for path in settings["assumptions"]]
    settings |= {name: str((shipped.parent / settings[name]).resolve()) for name in _PATHS if name in settings}
    write_yaml(folder / "run.yaml", settings)
    return folder


def east_london(folder: Path, people: int | None = None) -> Path:
    """East London, as ``shipped_locality`` writes it."""
    return shipped_locality("east_london", folder, people)
