"""axe-core finds nothing to complain of on the pages that people are given (WCAG 2.2 A and AA, best practices)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from budget.report.page import write_page
from budget.report.picture.page import write_picture
from tests.browser.test_picture_browser import GRAPH
from tests.report_tables import run_facts, run_tables
from tests.support.axe import violations
from tests.support.chromium import needs_chromium, started, window

pytestmark = [pytest.mark.browser, needs_chromium]
pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the axe-playwright-python package")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with started() as chromium:
        # axe is put into the page by the test; the page's own policy forbids every script
        yield window(chromium, bypass_csp=True)


def found_on(browser, file: Path, click: str = "") -> list[str]:
    page = browser.new_page()
    page.goto(file.as_uri())
    # what a reader has to open is judged too
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    if click:
        page.locator(click).first.click()
    found = violations(page)
    page.close()
    return found


def test_the_report_page(browser, tmp_path: Path) -> None:
    write_page(run_tables(), run_facts(), tmp_path / "report.html")
    assert found_on(browser, tmp_path / "report.html") == []


@pytest.mark.parametrize("which", ["#glance .cards", "#bridge details"])
def test_what_a_figure_opens(browser, which: str, tmp_path: Path) -> None:
    write_page(run_tables(), run_facts(), tmp_path / "report.html")
    assert found_on(browser, tmp_path / "report.html", f"{which} button[popovertarget]") == []


def test_the_picture_of_a_run(browser, tmp_path: Path) -> None:
    write_picture(GRAPH, tmp_path / "lineage.html")
    assert found_on(browser, tmp_path / "lineage.html") == []
