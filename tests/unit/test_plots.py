"""The charts of a page as files: all of them, as they were drawn, each able to stand alone."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from budget.report.page import write_page
from budget.report.plots import write_plots
from tests.report_tables import run_facts, run_tables

pytestmark = pytest.mark.unit


def test_every_chart_of_the_page_is_a_file(tmp_path: Path) -> None:
    page, plots = tmp_path / "report.html", tmp_path / "plots"
    write_page(run_tables(), run_facts(), page)
    names = write_plots(page, plots)
    assert len(set(names)) == page.read_text(encoding="utf-8").count("<svg")
    assert {"waterfall.svg", "calibration.svg", "need.svg", "money-flow.svg"} <= set(names)
    assert {file.name for file in plots.iterdir()} == set(names)
    for name in names:
        root = ElementTree.parse(plots / name).getroot()
        assert float(root.attrib["width"]) > 100 and float(root.attrib["height"]) > 50


def test_a_page_without_charts_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>Nothing drawn</p>", encoding="utf-8")
    assert write_plots(tmp_path / "page.html", tmp_path / "plots") == ()
    assert not (tmp_path / "plots").exists()
