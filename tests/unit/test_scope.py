"""Scopes of a budget: what a locality may name, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml, write_yaml
from budget.plan import Plan
from budget.scope import BudgetScope, refuse_overlap, refuse_strangers
from budget.segmentation.scheme import Scheme
from tests.support.given import REPOSITORY

pytestmark = pytest.mark.unit

EXAMPLE = REPOSITORY / "config/examples/worked_example_a"


def scope(name: str, **facts: object) -> BudgetScope:
    return BudgetScope(id=name, title=name, **{key: tuple(value) for key, value in facts.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "budgets",
    [
        (scope("all"), scope("older", segments=["OA"])),
        (scope("older", segments=["OA"]), scope("mental", lines=["mental_health"])),
        (scope("older", segments=["OA", "ACX"]), scope("complex", segments=["ACX"], lines=["community"])),
    ],
    ids=["the whole and a part", "a segment across a line", "a shared segment"],
)
def test_two_budgets_that_claim_the_same_are_refused_by_name(budgets: tuple[BudgetScope, ...]) -> None:
    with pytest.raises(ConfigurationError, match=f"{budgets[0].id} and {budgets[1].id} both claim"):
        refuse_overlap(budgets, "run.yaml")


def test_budgets_apart_and_people_with_conditions_are_taken() -> None:
    refuse_overlap(
        [
            scope("diabetes", conditions=["diabetes"]),
            scope("heart", conditions=["chd", "diabetes"], lines=["community"]),
            scope("older", segments=["OA"]),
            scope("mental", segments=["AMW"], lines=["mental_health"]),
            scope("community", segments=["AMW"], lines=["community"]),
        ],
        "run.yaml",
    )


def test_people_with_conditions_within_a_budget_that_comes_first_are_refused() -> None:
    older = scope("older", segments=["OA", "ACX"])
    frail = scope("frail", segments=["OA"], conditions=["severe_frailty"])
    refuse_overlap([frail, older], "run.yaml")
    with pytest.raises(ConfigurationError, match="frail lies within older, .* name frail first"):
        refuse_overlap([older, frail], "run.yaml")
    refuse_overlap([older, scope("frail", conditions=["severe_frailty"])], "run.yaml")


@pytest.mark.parametrize("names", [("older", "older"), ("outside",)])
def test_a_name_stands_once_and_is_not_that_of_the_rest(names: tuple[str, ...]) -> None:
    segments = ("OA", "ACX")
    budgets = [scope(name, segments=[segment]) for name, segment in zip(names, segments, strict=False)]
    with pytest.raises(ConfigurationError, match=f"{names[0]} is there twice, or is the name of the rest"):
        refuse_overlap(budgets, "run.yaml")


def test_a_budget_of_what_nobody_knows_is_refused() -> None:
    known = {"segments": ["OA"], "lines": ["community"]}
    refuse_strangers([scope("older", segments=["OA"], lines=["community"])], known)
    with pytest.raises(ConfigurationError, match="older names dentistry under lines; known: community"):
        refuse_strangers([scope("older", segments=["OA"], lines=["dentistry"])], known)


def test_a_locality_names_its_budgets(tmp_path: Path) -> None:
    plan = Plan.read(_with(tmp_path, [{"id": "older", "title": "Older people", "segments": ["OA"]}]))
    assert plan.budgets == (BudgetScope(id="older", title="Older people", segments=("OA",)),)
    assert Plan.read(EXAMPLE).budgets == ()


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ({"id": "older"}, "budgets.0.title"),
        ({"id": "Older People", "title": "Older"}, "budgets.0.id"),
        ({"id": "older", "title": "Older", "segment": ["OA"]}, "budgets.0.segment"),
    ],
)
def test_what_is_wrong_with_a_budget_is_said(budget: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Plan.read(_with(tmp_path, [budget]))


def test_a_locality_with_budgets_that_overlap_cannot_be_read(tmp_path: Path) -> None:
    budgets = [{"id": "all", "title": "All"}, {"id": "older", "title": "Older", "segments": ["OA"]}]
    with pytest.raises(ConfigurationError, match=r"run\.yaml: budgets: all and older both claim"):
        Plan.read(_with(tmp_path, budgets))


def _with(folder: Path, budgets: list[dict[str, object]]) -> Path:
    written = read_yaml(EXAMPLE / "run.yaml")
    written["snapshot_date"] = str(written["snapshot_date"])
    for name in ("segmentation", "population_rules", "need", "gates"):
        written[name] = str((EXAMPLE / written[name]).resolve())
    write_yaml(folder / "run.yaml", written | {"budgets": budgets})
    return folder


def test_the_example_of_the_guide_is_one_that_east_london_could_run(tmp_path: Path) -> None:
    guide = (REPOSITORY / "docs/guides/budgets.md").read_text(encoding="utf-8")
    (tmp_path / "guide.yaml").write_text(
        re.findall(r"```yaml\n(budgets:.*?)```", guide, re.DOTALL)[0], encoding="utf-8"
    )
    budgets = [BudgetScope.model_validate(budget) for budget in read_yaml(tmp_path / "guide.yaml")["budgets"]]
    refuse_overlap(budgets, "the guide")
    scheme = Scheme.read(REPOSITORY / "config/segmentation/london6.yaml")
    codelists = pd.read_csv(REPOSITORY / "config/segmentation/codelists/conditions.csv")["codelist"]
    pack = read_yaml(REPOSITORY / "config/assumptions/east_london.yaml")["values"]
    segments = {segment.code for segment in scheme.segments} | {scheme.unregistered.code}
    known = {"segments": segments, "conditions": set(codelists)}
    refuse_strangers(budgets, known | {"lines": set(pack["in_scope_lines"][0]["value"])})
