"""Figures of the page open where they come from, and what opens comes to the figure."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from budget.audit.explain.formulas import FORMULAS, UNTOLD
from budget.kernel.yaml import read_yaml
from budget.ledger.steps import STEPS
from budget.report import explaining, show
from budget.report.asked import Asked, Figure, asked_of
from budget.report.explaining import Explaining
from budget.report.page import begin_page, render_page
from tests.report_tables import PLACES, SEGMENTS, YEARS, run_facts, run_tables

pytestmark = pytest.mark.unit


@cache
def page() -> str:
    return render_page(run_tables(), run_facts())


def opened(asked: Asked) -> str:
    """The part of the page that a figure opens."""
    return page().split(f'<div popover id="{asked.id}"')[1].split("</div>\n<")[0]


def test_every_figure_opens_something_and_everything_is_opened_by_one() -> None:
    pointed = set(re.findall(r'<button popovertarget="([^"]+)"', page()))
    there = re.findall(r'<div popover id="([^"]+)"', page())
    assert len(there) == len(set(there)) and pointed == set(there) and len(there) > 30


@pytest.mark.parametrize("year", YEARS)
def test_a_sum_is_laid_out_step_by_step(year: str) -> None:
    budget = run_tables()["integrated_budget"]
    asks = [Asked(year), *(Asked(year, "place", place) for place in PLACES)]
    for asked in asks:
        mine = budget[(budget["financial_year"] == year) & (not asked.key or budget["place"] == asked.code)]
        told = opened(asked)
        for name, column in (("Allocation", "allocation_pence"), ("Core budget", "core_pence")):
            assert (
                f'<th scope="row">{name}</th><td class="n"></td><td class="n">{show.pence(mine[column].sum())}</td>'
                in told
            )
        assert Asked(year, "step", "risk_pool").id in told, "a step opens too"


def test_segments_and_commissioners_are_sums_too() -> None:
    budget = run_tables()["integrated_budget"]
    first = budget[budget["financial_year"] == YEARS[0]]
    for key in ("segment", "commissioner"):
        for code, rows in first.groupby(key):
            assert show.pence(rows["allocation_pence"].sum()) in opened(Asked(YEARS[0], key, str(code)))
    assert set(first["segment"]) <= set(SEGMENTS)


def test_a_step_says_formula_places_assumptions_inputs_and_checks() -> None:
    told = opened(Asked(YEARS[0], "step", "cost_uplift"))
    assert "cost uplift factor" in told and "0.0415" in told and "NHS Payment Scheme 2025/26" in told
    assert "checks asked of the ledger and its sums" in told
    assert ">input<" not in told and "population" in opened(Asked(YEARS[0], "step", "demographic_growth"))
    for place in PLACES:
        assert run_facts().label(place) in told


def test_without_the_ledger_figures_are_plain() -> None:
    tables = {name: table for name, table in run_tables().items() if name != "budget_ledger"}
    made = begin_page(tables, run_facts())
    assert asked_of(made.sections) == [] and made.explanations == ()
    assert type(Figure.of("£1", Asked(YEARS[0]), tables)) is str


def test_steps_are_told_as_their_own_code_tells_them() -> None:
    told = read_yaml(Path(explaining.__file__).with_name("steps.yaml"))
    assert list(told) == [step.name for step in STEPS]
    for step in STEPS:
        words = " ".join((step.apply.__doc__ or "").split("\n\n")[0].split())
        assert words.startswith(told[step.name]["does"].rstrip(".")), step.name
        assert told[step.name]["formula"] == FORMULAS.get(step.name, UNTOLD).text


def test_the_same_is_explained_once() -> None:
    told = Explaining(run_tables(), run_facts()).all([Asked(YEARS[0]), Asked(YEARS[0])])
    assert len({one.id for one in told}) == len(told)
