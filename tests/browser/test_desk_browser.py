"""The finance page in a real browser: its main path by click and by key, quiet, offline, no wider than its window."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from budget.assumptions.layer import read_layer
from budget.assumptions.sheet import VALUE, VALUES
from budget.audit.folder import Run
from tests.support.axe import violations
from tests.support.chromium import needs_chromium, started, window
from tests.support.desks import POOL, example, run_of
from tests.support.serving import served

pytestmark = [pytest.mark.browser, needs_chromium]


_REFUSED = "status of 422"
"""What Chromium itself notes of a form that comes back with its errors."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    locality = example(tmp_path_factory.mktemp("desk") / "example")
    return run_of(locality, locality / "runs")


@pytest.fixture(scope="module")
def address(run: Run) -> Iterator[str]:
    with served(run.folder.parent) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with started() as browser:
        yield browser


@pytest.fixture
def page(chromium, address: str) -> Iterator[object]:
    """A browser of its own, which hears what the page says and asks for."""
    context = window(chromium, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    one = context.new_page()
    said, asked = [], []
    one.on("console", lambda message: said.append(message.text))
    one.on("pageerror", lambda error: said.append(str(error)))
    one.on("request", lambda request: asked.append(request.url))
    one.goto(address)
    yield one
    assert [text for text in said if _REFUSED not in text] == []
    assert all(url.startswith((address, "data:")) for url in asked)
    context.close()


def field(page):
    return page.locator(f'[name="{POOL}"]')


def desk(page, run: Run):
    return page.locator(f'a[href="/desk/{run.run_id}"]')


def moved(page, words: str) -> None:
    page.locator("#moved .count", has_text=words).wait_for()


def test_from_a_change_to_a_rerun_and_what_it_made(page, run: Run, tmp_path: Path) -> None:
    desk(page, run).click()
    field(page).fill("0.01")
    field(page).press("Tab")
    moved(page, "1 value changed")
    assert page.locator("#steps tr.moved", has_text="Risk pool").count() == 1
    page.get_by_label("Name", exact=True).fill("bigger_pool")
    page.get_by_label("Author").fill("Ann Lee")
    page.get_by_role("button", name="Save the scenario").click()
    page.locator("#error-reason", has_text="Say what the change is for").wait_for()
    page.get_by_label("Reason").fill("The board asked")
    page.get_by_role("button", name="Save the scenario").click()
    page.get_by_text("Saved as bigger_pool.").wait_for()
    assert read_layer(run.folder.parents[1] / "scenarios" / "bigger_pool.yaml").author == "Ann Lee"
    page.get_by_role("button", name="Start the full rerun").click()
    page.locator(".state.complete").wait_for()
    page.get_by_role("link", name="Compare with the run before").click()
    assert page.locator("tr.moved", has_text="Risk pool").count() == 1


def test_by_keyboard_alone(page, run: Run) -> None:
    desk(page, run).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/*")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    field(page).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    said = page.locator(f'[data-field="{POOL}"] .said')
    said.get_by_text("lies outside 0 to").wait_for()
    assert field(page).get_attribute("aria-invalid") == "true"
    page.keyboard.press("Control+A")
    page.keyboard.type("0.015")
    page.keyboard.press("Enter")
    moved(page, "1 value changed")
    assert said.text_content() == "" and field(page).get_attribute("aria-invalid") is None
    page.get_by_role("button", name="Drop the draft").focus()
    page.keyboard.press("Enter")
    moved(page, "Nothing is changed yet")


def test_two_tabs_do_not_overwrite_each_other(page, run: Run, address: str) -> None:
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{address}/desk/{run.run_id}")
    field(page).fill("0.01")
    field(page).press("Tab")
    moved(page, "1 value changed")
    field(other).fill("0.012")
    field(other).press("Tab")
    other.get_by_text("changed in another tab").wait_for()
    assert other.locator("#moved .count", has_text="Nothing is changed yet").count() == 1
    other.get_by_role("button", name="Take the values of this tab instead").click()
    moved(other, "1 value changed")
    page.reload()
    assert field(page).input_value() == "0.012"


def test_a_draft_is_pictured_and_compared(page, run: Run) -> None:
    desk(page, run).click()
    field(page).fill("0.01")
    field(page).press("Tab")
    moved(page, "1 value changed")
    picture = page.get_by_role("img")
    picture.locator(".was").first.wait_for()
    assert "Risk pool" in picture.get_attribute("aria-label") and picture.locator(".was").count() > 0
    page.get_by_role("link", name="What the draft does").click()
    page.locator("#causes").wait_for()
    assert page.locator("#causes tbody tr", has_text="risk_pool_share").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_workbook_goes_out_and_comes_back(page, run: Run, tmp_path: Path) -> None:
    desk(page, run).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Workbook of the run's assumptions").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    next(row[VALUE] for row in book[VALUES].iter_rows() if row[0].value == "risk_pool_share").value = 0.012
    book.save(tmp_path / "back.xlsx")
    page.get_by_label("Workbook with changed cells").set_input_files(tmp_path / "back.xlsx")
    page.get_by_role("button", name="Take it as the draft").click()
    moved(page, "1 value changed")
    assert field(page).input_value() == "0.012"


@pytest.mark.parametrize("width", [1280, 400])
def test_it_fits(page, run: Run, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    desk(page, run).click()
    page.screenshot(path=tmp_path / "desk.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(
        "[...document.querySelectorAll('input, select')].every(one => one.labels?.length || one.type === 'hidden')"
    )


def test_nothing_keeps_anybody_out(chromium, address: str, run: Run) -> None:
    pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs the axe-playwright-python package")
    # axe is put into the page by the test; the page's own policy forbids it
    context = window(chromium, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/desk/{run.run_id}")
    field(page).fill("0.01")
    field(page).press("Tab")
    moved(page, "1 value changed")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = violations(page)
    page.goto(f"{address}/desk/{run.run_id}/draft")
    found += violations(page)
    context.close()
    assert found == []
