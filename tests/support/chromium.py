"""Debian's Chromium, driven by Playwright, for tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

_PROGRAM = Path("/usr/bin/chromium")
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE = 120_000
"""Milliseconds that a page has for anything, as other tests may hold the machine."""

needs_chromium = pytest.mark.skipif(
    not _PROGRAM.exists() or find_spec("playwright") is None,
    reason="needs Debian's chromium at /usr/bin/chromium, and the playwright package",
)


@contextmanager
def started() -> Iterator[Any]:
    """The browser, without a screen; it asks for nothing of its own accord."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(_PROGRAM), args=_QUIET)
        yield browser
        browser.close()


def window(browser: Any, **settings: Any) -> Any:
    """A window that shares nothing with others: its pages, cookies and downloads go when it is closed."""
    opened = browser.new_context(**settings)
    opened.set_default_timeout(_PATIENCE)
    return opened
