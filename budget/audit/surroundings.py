"""What made a run: the version of the code, Python, the locked dependencies and those that are installed."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

import budget
from budget.kernel.hashing import hash_file

_ROOT = Path(budget.__file__).parents[1]
_LOCK = "requirements.lock"
_CODE = ("budget", "expectations", "flows", "config", "pyproject.toml", _LOCK)
"""What a run may depend on, of all that a work tree holds."""

_PACKAGES = (
    "altair",
    "duckdb",
    "great-expectations",
    "numpy",
    "pandas",
    "prefect",
    "pyarrow",
    "pydantic",
    "scipy",
    "sqlglot",
    "statsmodels",
    "xlsxwriter",
)
_SECONDS = 10


def surroundings() -> dict[str, Any]:
    """What the manifest says of code and libraries beside the code's own hash; never where they lie.

    Returns:
        ``git``: commit, and whether code or settings were changed since; None for both outside a work tree;
        ``python``; ``lock``: hash of the lock that stands beside the code (None in an installed package);
        ``packages``: version by package, None for one that is not installed.
    """
    lock = _ROOT / _LOCK
    return {
        "git": git_state(_ROOT),
        "python": platform.python_version(),
        "lock": hash_file(lock) if lock.is_file() else None,
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def git_state(root: Path) -> dict[str, str | bool | None]:
    """The commit of a work tree and whether its code differs from it; both None where there is none, or no git."""
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root.resolve():
        return {"commit": None, "modified": None}
    commit, changes = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--", *_CODE)
    return {"commit": commit, "modified": None if changes is None else bool(changes)}


def _git(root: Path, *words: str) -> str | None:
    command = ["git", "--no-optional-locks", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
