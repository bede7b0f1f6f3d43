"""What axe-core finds to complain of on a page in a browser."""

from __future__ import annotations

from typing import Any


def violations(page: Any) -> list[str]:
    """Every rule that a page breaks, as a sentence with the element; the page must let a script be put into it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
