"""Data Docs, where a locality asks for them: whole, in words, and quiet without a network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError
from expectations.suite import read_suite
from expectations.thresholds import Limits, wants_data_docs
from flows import direct
from tests.flows.test_causes import EXAMPLE, locality

pytestmark = pytest.mark.flow

DEFAULT = EXAMPLE.parents[2] / "config/gates/default.yaml"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("docs")
    (folder / "gates.yaml").write_text(f"extends: {DEFAULT}\ndata_docs: true\nchecks: {{}}\n", encoding="utf-8")
    return direct.run(locality(folder / "a", gates=str(folder / "gates.yaml")), out=folder / "runs")


@pytest.fixture(scope="module")
def pages(run: Run) -> dict[str, str]:
    folder = run.folder / "gates" / "data_docs"
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}


def test_every_gate_that_was_asked_has_its_pages(run: Run, pages: dict[str, str]) -> None:
    gates = set(run.table("dq_results")["gate"])
    assert {name for name in pages if name != "index.html"} == {
        f"{kind}/{gate}.html" for kind in ("expectations", "validations") for gate in gates
    }


def test_nothing_is_asked_of_a_network(run: Run, pages: dict[str, str]) -> None:
    folder = run.folder / "gates" / "data_docs"
    told = [*pages.values(), (folder / "data_docs.css").read_text(encoding="utf-8")]
    for text in told:
        assert not re.search(r"https?:|//cdn|url\(|@import|<script|<img", text)


def test_every_link_leads_somewhere(run: Run, pages: dict[str, str]) -> None:
    folder = run.folder / "gates" / "data_docs"
    for name, page in pages.items():
        for target in re.findall(r'(?:href|src)="([^"#]+)"', page):
            assert (folder / name).parent.joinpath(target).resolve().is_file(), (name, target)


def test_checks_are_told_in_words_with_their_limits(pages: dict[str, str]) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pages["validations/payment.html"]))
    assert "O02, monthly_profile: months add up to the year's payment" in page.replace("&#39;", "'")
    assert "at most 0.999999 (pence)" in page
    assert "Evaluated Expectations" in page


def test_no_measure_of_a_run_stands_in_them(run: Run, pages: dict[str, str]) -> None:
    whole = " ".join(pages.values())
    observed = run.table("dq_results")["observed"].dropna()
    for number in observed[observed > 1_000]:
        assert f"{number:g}" not in whole and str(int(number)) not in whole


def test_they_are_not_written_unasked(tmp_path: Path) -> None:
    assert not wants_data_docs(DEFAULT)
    (tmp_path / "gates.yaml").write_text(f"extends: {DEFAULT}\ndata_docs: perhaps\nchecks: {{}}\n", encoding="utf-8")
    assert not wants_data_docs(tmp_path / "gates.yaml")
    with pytest.raises(ConfigurationError, match="data_docs"):
        Limits.read(tmp_path / "gates.yaml").check(read_suite("costs"))
