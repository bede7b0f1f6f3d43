"""Cost and people of budgets for people with conditions: the first budget in the list has what several claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from budget.costs.stage import attribute_costs
from budget.engine import DuckEngine
from budget.kernel.errors import ConfigurationError
from budget.scope import BudgetScope
from tests.integration.test_costs_stage import VALUES, frame, tables
from tests.support.given import given

pytestmark = pytest.mark.integration

DIABETES = BudgetScope(id="diabetes", title="Diabetes", lines=("community",), conditions=("diabetes",))
HEART = BudgetScope(id="heart", title="Heart", conditions=("chd", "stroke"))
OLDER = BudgetScope(id="older", title="Older people", segments=("OA",))


def conditions(*rows: tuple[str, str]) -> pd.DataFrame:
    return frame("person_id condition", *rows).assign(recorded_on=date(2020, 1, 1))


RECORDED = conditions(("p1", "diabetes"), ("p2", "diabetes"), ("p2", "chd"), ("p3", "stroke"), ("p4", "asthma"))


def claimed(
    *budgets: BudgetScope, others: Mapping[str, pd.DataFrame] | None = None, **values: object
) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    """People and pence by place, segment, line and budget."""
    frames = tables() | {"conditions": RECORDED} | dict(others or {})
    with DuckEngine() as engine:
        look = given(frames, VALUES | values, engine=engine)
        look = replace(look, plan=look.plan.model_copy(update={"budgets": budgets}))
        found = attribute_costs(look)["condition_cost"]
    keys = ["place", "segment", "service_line", "budget"]
    return {key: (row.people, row.cost_pence) for key, row in found.set_index(keys).iterrows()}  # type: ignore[misc]


def test_the_first_budget_in_the_list_has_what_several_claim() -> None:
    found = claimed(DIABETES, HEART)
    assert found["A", "OA", "community", "diabetes"] == (1, 152), "p2 has both conditions"
    assert found["A", "OA", "acute_elective", "heart"] == (1, 9_000), "diabetes is for community care alone"
    assert found["A", "AMW", "community", "diabetes"] == (1, 202)
    turned = claimed(HEART, DIABETES)
    assert turned["A", "OA", "community", "heart"] == (1, 152)
    assert ("A", "OA", "community", "diabetes") not in turned


def test_everyone_and_every_penny_is_in_one_budget_or_outside() -> None:
    found = claimed(DIABETES, HEART, OLDER)
    people = {("A", "AMW"): 1, ("A", "OA"): 1, ("B", "AMW"): 2}
    for (place, segment), number in people.items():
        for line in ("community", "acute_elective"):
            assert sum(n for key, (n, _) in found.items() if key[:3] == (place, segment, line)) == number
    assert sum(pence for _, pence in found.values()) == 202 + 9_152 + 77
    assert found["B", "AMW", "community", "outside"] == (1, 0), "somebody without care is there as well"


def test_a_budget_without_conditions_takes_its_turn() -> None:
    found = claimed(DIABETES, OLDER)
    assert found["A", "OA", "community", "diabetes"] == (1, 152)
    assert found["A", "OA", "acute_elective", "older"] == (1, 9_000)


def test_what_stands_under_a_replaced_identifier_and_what_came_later() -> None:
    merges = frame("person_id replaced_by", ("old", "p3"))
    late = conditions(("p4", "diabetes")).assign(recorded_on=date(2025, 6, 1))
    recorded = pd.concat([conditions(("old", "diabetes")), late], ignore_index=True)
    found = claimed(DIABETES, others={"conditions": recorded, "person_merges": merges})
    assert found["B", "AMW", "community", "diabetes"] == (1, 77)
    assert found["B", "AMW", "community", "outside"] == (1, 0)


def test_a_hosted_line_has_people_and_no_cost_of_persons() -> None:
    found = claimed(DIABETES, host_lines=["community"])
    assert found["A", "AMW", "community", "diabetes"] == (1, 0)


def test_without_such_a_budget_nothing_is_made() -> None:
    with DuckEngine() as engine:
        look = given(tables() | {"conditions": RECORDED}, VALUES, engine=engine)
        look = replace(look, plan=look.plan.model_copy(update={"budgets": (OLDER,)}))
        assert "condition_cost" not in attribute_costs(look)


def test_a_condition_that_nobody_has_on_record_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="gout names gout under conditions; known: asthma, chd"):
        claimed(BudgetScope(id="gout", title="Gout", conditions=("gout",)))
