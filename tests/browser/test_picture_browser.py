"""The picture of a run in a real browser: quiet, offline, walked by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from budget.report.picture.graph import Edge, Graph, Node
from budget.report.picture.page import write_picture
from tests.support.chromium import needs_chromium, started, window

pytestmark = [pytest.mark.browser, needs_chromium]

GRAPH = Graph(
    "Testshire",
    "a-run",
    "Nobody lives here.",
    ("intake", "costs"),
    (
        Node("f-spend", "files", "spend", "intake", "1 file, 2 rows"),
        Node("intake", "stage", "intake", "intake", "1.0 s"),
        Node("g-intake", "gate", "intake gate", "intake", "1 checks", "warned", details={"Failed": ["I02 </script>"]}),
        Node("t-spend", "table", "spend", "intake", "2 rows", details={"Columns": ["place (string): Place"]}),
        Node("t-people", "table", "people", "intake", "3 rows", person=True),
        Node("costs", "stage", "costs", "costs", "1.0 s"),
        Node("g-costs", "gate", "costs gate", "costs", "1 checks", "passed"),
        Node("t-lines", "table", "baseline_lines", "costs", "2 rows"),
    ),
    (
        Edge("f-spend", "intake", "1 file"),
        Edge("intake", "g-intake", ""),
        Edge("intake", "t-spend", "2 rows"),
        Edge("intake", "t-people", "3 rows"),
        Edge("t-spend", "costs", "2 rows, a sum"),
        Edge("costs", "g-costs", ""),
        Edge("costs", "t-lines", "2 rows"),
    ),
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    file = tmp_path_factory.mktemp("picture") / "lineage.html"
    write_picture(GRAPH, file)
    with started() as chromium:
        opened = window(chromium, viewport={"width": 1280, "height": 900}).new_page()
        opened.said, opened.asked = [], []
        opened.on("console", lambda message: opened.said.append(message.text))
        opened.on("pageerror", lambda error: opened.said.append(str(error)))
        opened.on("request", lambda request: opened.asked.append(request.url))
        opened.goto(file.as_uri())
        yield opened


def marked(page) -> set[str]:
    return set(page.eval_on_selector_all(".box.near", "boxes => boxes.map(box => box.dataset.id)"))


def test_opens_quietly_and_asks_for_nothing(page) -> None:
    assert page.said == [] and len(page.asked) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_click_marks_the_way_up_and_down_and_tells_columns(page) -> None:
    page.locator('[data-id="t-spend"]').click()
    assert marked(page) == {"f-spend", "intake", "t-spend", "costs", "g-costs", "t-lines"}
    assert "place (string): Place" in page.locator("#panel").inner_text()
    assert "2 rows, a sum" in page.locator("#tags").inner_html()


def test_arrows_walk_and_escape_clears(page) -> None:
    page.locator('[data-id="t-spend"]').focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") == "costs"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.id") == "g-costs"
    page.keyboard.press("Escape")
    assert marked(page) == set()


def test_keys_and_buttons_zoom_and_dragging_moves(page) -> None:
    view = "document.querySelector('#picture svg').getAttribute('viewBox')"
    first = page.evaluate(view)
    page.locator("#in").click()
    closer = page.evaluate(view)
    box = page.locator("#picture").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 60)
    page.mouse.up()
    assert len({first, closer, page.evaluate(view)}) == 3
    page.locator("#fit").click()
    assert page.evaluate(view).split()[2:] == first.split()[2:]


def test_what_a_check_says_cannot_leave_its_place(page) -> None:
    page.locator('[data-id="g-intake"]').focus()
    page.keyboard.press("Enter")
    assert "I02 </script>" in page.locator("#panel").inner_text()


def test_the_table_says_the_same(page) -> None:
    rows = page.locator("#table tbody tr").all_inner_texts()
    assert len(rows) == len(GRAPH.nodes)
    assert any("people" in row and "person-level" in row for row in rows)
