"""Every test says what kind it is, and one that does not fails the collection; files that take longest come first."""

from __future__ import annotations

import pytest
from hypothesis import settings

# speed is measured in benchmarks: a busy machine fails no test; half the usual examples, of many laws
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")

KINDS = frozenset({"unit", "integration", "flow", "browser"})
FIRST = ("flows", "browser", "gates", "integration")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests without a kind, naming them; put files with a server, a cluster or whole runs before the many."""
    unmarked = [item.nodeid for item in items if not KINDS & {mark.name for mark in item.iter_markers()}]
    if unmarked:
        raise pytest.UsageError(f"mark these tests as one of {', '.join(sorted(KINDS))}:\n" + "\n".join(unmarked))
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    """Where a file stands, as several processes take one at a time and one that lasts minutes must not be the last."""
    if item.get_closest_marker("spark"):
        return -1
    folder = item.path.parent.name
    return FIRST.index(folder) if folder in FIRST else len(FIRST)
