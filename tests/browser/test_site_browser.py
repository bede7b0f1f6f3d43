"""The documentation as a site: axe-core finds nothing to complain of on its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.support.axe import violations
from tests.support.chromium import needs_chromium, started, window

ROOT = Path(__file__).parents[2]
PAGES = ("index", "docs/index", "docs/guides/locality")  # of each kind one; long tables take axe a minute
pytestmark = [pytest.mark.browser, needs_chromium]
pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the axe-playwright-python package")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with started() as chromium:
        yield window(chromium)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everyone(browser, site: Path, name: str) -> None:
    page = browser.new_page()
    page.goto((site / f"{name}.html").as_uri())
    found = violations(page)
    page.close()
    assert found == []
