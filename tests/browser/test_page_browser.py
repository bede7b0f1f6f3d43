"""The report page in a real browser: quiet, offline, no wider than its window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from budget.report.page import write_page
from tests.report_tables import run_facts, run_tables
from tests.support.chromium import needs_chromium, started, window

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(run_tables(), run_facts(), path)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with started() as chromium:
        yield window(chromium)


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_opens_quietly_and_fits(browser, file: Path, width: int, tmp_path: Path) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert said == []
    assert asked == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (tmp_path / "page.png").stat().st_size > 50_000
    page.close()


def test_charts_give_their_figures_by_keyboard(browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    summary = page.locator("#bridge summary", has_text="Figures behind the chart")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#bridge details[open] table").is_visible()
    assert page.get_by_role("img", name="Movements of all places together, 2026/27").count() == 1
    page.keyboard.press("Home")
    page.close()


def test_a_figure_explains_itself_by_keyboard(browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    figure = page.locator("#glance .cards button[popovertarget]").first
    figure.focus()
    page.keyboard.press("Enter")
    told = page.locator(f"#{figure.get_attribute('popovertarget')}")
    assert told.is_visible() and told.get_by_text("Allocation", exact=True).is_visible()
    step = told.get_by_role("button", name="Cost uplift")
    step.focus()
    page.keyboard.press("Enter")
    cited = page.locator(f"#{step.get_attribute('popovertarget')}")
    assert cited.is_visible() and cited.get_by_text("By place").is_visible()
    page.keyboard.press("Escape")
    assert cited.is_hidden() and told.is_visible()
    page.keyboard.press("Escape")
    assert told.is_hidden() and figure.evaluate("one => one === document.activeElement")
    page.close()


def test_no_text_of_a_chart_is_cut_off(browser, file: Path) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(file.as_uri())
    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg')].flatMap(svg => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const t = text.getBoundingClientRect();
                const seen = text.getAttribute('opacity') !== '0' && t.width > 0;
                return seen && (t.left < box.left - 1 || t.right > box.right + 1 || t.bottom > box.bottom + 1);
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []
    page.close()
