"""The pages say what the code says, and lead where they say they lead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from budget.assumptions.catalogue import catalogue
from budget.ledger.steps import STEPS
from docs.parts.numbers import NUMBERS
from docs.parts.pages import pages, with_parts

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def test_generated_pages_are_current() -> None:
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run python docs/generate.py"


def test_every_parameter_has_a_number_of_its_own() -> None:
    assert set(NUMBERS) == set(catalogue())
    assert len(set(NUMBERS.values())) == len(NUMBERS)


def test_a_page_cannot_ask_for_a_part_that_nobody_writes() -> None:
    with pytest.raises(KeyError, match="weather"):
        with_parts("<!-- generated: weather -->\n<!-- end -->")


def test_the_method_names_every_step_of_the_ledger() -> None:
    method = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    for step in STEPS:
        assert f"`{step.name}`" in method


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("citation", ["step", "steps", "section"])
def test_what_the_code_cites_is_in_the_method(citation: str) -> None:
    method = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    pattern = re.compile(rf"the method, {citation} ([0-9]+[0-9.]*[0-9a-z]*)")
    code = [path for folder in ("budget", "expectations") for path in (ROOT / folder).rglob("*.py")]
    cited = {match for path in code for match in pattern.findall(path.read_text(encoding="utf-8"))}
    heads = {"section": "## {}", "step": "Step {}.", "steps": "Step {}."}[citation]
    for number in cited:
        known = heads.format(number) in method or f"- {number}. " in method
        assert known, f"the method has no {citation} {number}"
