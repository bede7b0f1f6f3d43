"""Where a locality or a recipe lies that someone names."""

from __future__ import annotations

from pathlib import Path

from budget.kernel.errors import ConfigurationError

_ROOT = Path(__file__).parent.parent


def locality(named: str | Path) -> Path:
    """A locality by path (a YAML file, or a folder with a ``run.yaml``) or by its name under ``config/localities``.

    Raises:
        ConfigurationError: there is none.
    """
    path = Path(named)
    if path.is_dir() and (path / "run.yaml").is_file():
        return path
    if path.is_dir():
        raise ConfigurationError(f"{path}: the folder holds no run.yaml. The README shows what to write in one.")
    return path if path.is_file() else _by_name(str(named), "localities", "locality")


def recipe(named: str | Path) -> Path:
    """A recipe of synthetic people by path, or by its name under ``config/synth``.

    Raises:
        ConfigurationError: there is none.
    """
    path = Path(named)
    return path if path.is_file() else _by_name(str(named), "synth", "recipe")


def _by_name(name: str, folder: str, kind: str) -> Path:
    """The file of a bare name; what lies in the working directory goes before what ships with the product."""
    places = [root / "config" / folder for root in (Path.cwd(), _ROOT)]
    for place in places:
        file = place / f"{name}.yaml"
        if "/" not in name and file.is_file():
            return file
    known = sorted({file.stem for place in places for file in place.glob("*.yaml")})
    raise ConfigurationError(f"{name}: there is no such {kind}; known by name: {', '.join(known) or 'none'}.")
