"""Every test says what kind it is; one that does not fails the collection."""

from __future__ import annotations

import pytest
from hypothesis import settings

# speed is measured in benchmarks: a busy machine fails no test; half the usual examples, of many laws
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")

KINDS = frozenset({"unit", "integration", "flow", "browser"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests without a kind, naming them."""
    unmarked = [item.nodeid for item in items if not KINDS & {mark.name for mark in item.iter_markers()}]
    if unmarked:
        raise pytest.UsageError(f"mark these tests as one of {', '.join(sorted(KINDS))}:\n" + "\n".join(unmarked))
