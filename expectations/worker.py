"""Great Expectations in a process of its own: its import takes seconds, and happens while the run computes.

Nothing but measures and outcomes crosses over, so no row of any table ever comes near it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from budget.kernel.worker import serve

_OTHER_ENGINES = ("pyspark", "sqlalchemy")
"""What Great Expectations works without; SQLAlchemy alone is a third of its import."""

_SELDOM_USED = frozenset({"scipy", "scipy.stats", "altair"})


def main() -> None:
    """Answer requests until the input ends."""
    # every table is judged on what the engine measured, so no other engine, where one is installed, need be loaded here
    for engine in _OTHER_ENGINES:
        sys.modules[engine] = None  # type: ignore[assignment]
    sys.meta_path.insert(0, _Postponed())
    serve(_answer, _prepare)


class _Postponed(MetaPathFinder):
    """Loads some large modules when something of them is first used; half of the import goes to them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _SELDOM_USED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def _prepare() -> None:
    from expectations.validation import prepare

    prepare()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    if "docs" in request:
        from expectations.data_docs import write_data_docs

        write_data_docs(request["docs"], Path(request["folder"]), request["title"])
        return {}
    from expectations.validation import validate

    verdicts = validate(request["gate"], request["expectations"], request["row"], request["parameters"])
    return {"verdicts": [[*key, verdict.met, verdict.raised] for key, verdict in verdicts.items()]}


if __name__ == "__main__":
    main()
