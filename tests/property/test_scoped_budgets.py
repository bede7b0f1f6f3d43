"""What must hold of the budget by scope, whatever the budget, the scopes and who has which condition."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.payment.scoped import scoped_budgets
from budget.scope import OUTSIDE, BudgetScope

pytestmark = pytest.mark.unit

PARTS = ["carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]
CELL = ["place", "segment", "service_line"]
KEYS = ["financial_year", *CELL, "commissioner"]
SEGMENTS, LINES = ("AMW", "OA", "UNATTR"), ("community", "mental_health")
SCOPES = (
    BudgetScope(id="diabetes", title="Diabetes", conditions=("diabetes",)),
    BudgetScope(id="older", title="Older people", segments=("OA",)),
    BudgetScope(id="mental", title="Mental health", segments=("AMW", "UNATTR"), lines=("mental_health",)),
)

thorough = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def budgets(draw: st.DrawFn) -> pd.DataFrame:
    """Rows of the integrated budget; a part of a key may be pennies below nothing."""
    rows = []
    for year in ("2025/26", "2026/27"):
        for place in ("A", "B"):
            for segment in SEGMENTS:
                for line in LINES:
                    for commissioner in ("QXX", "QYY")[: draw(st.integers(1, 2))]:
                        parts = draw(st.lists(st.integers(-3, 10**7), min_size=4, max_size=4))
                        rows.append((year, place, segment, line, commissioner, sum(parts), *parts, 100.0))
    return pd.DataFrame(rows, columns=[*KEYS, "allocation_pence", *PARTS, "people"])


@st.composite
def condition_costs(draw: st.DrawFn) -> pd.DataFrame:
    """Cost and people of each cell by budget, as the scopes would claim them; some cells have nobody, some no cost."""
    rows = []
    for place in ("A", "B"):
        for segment in SEGMENTS[:2]:
            rest = "older" if segment == "OA" else ""
            for line in LINES:
                other = rest or ("mental" if line == "mental_health" else OUTSIDE)
                for budget in ("diabetes", other) if draw(st.booleans()) else ():
                    people = draw(st.integers(1, 50))
                    rows.append((place, segment, line, budget, people, draw(st.sampled_from([0, people * 777]))))
    return pd.DataFrame(rows, columns=[*CELL, "budget", "people", "cost_pence"])


@thorough
@given(budgets(), condition_costs())
def test_inside_and_outside_add_up_to_the_ledger_row_by_row(budget: pd.DataFrame, costs: pd.DataFrame) -> None:
    found = scoped_budgets(budget, SCOPES, costs)
    money = ["allocation_pence", *PARTS]
    sums = found.groupby(KEYS)[[*money, "people"]].sum()
    whole = budget.set_index(KEYS).sort_index()
    assert (sums[money] == whole[money]).all(axis=None)
    assert sums["people"].to_numpy() == pytest.approx(whole["people"].to_numpy())
    assert (found["allocation_pence"] == found[PARTS].sum(axis=1)).all()
    assert not found.duplicated([*KEYS, "budget"]).any(), "a budget has one part of a row"


@thorough
@given(budgets(), condition_costs())
def test_a_part_is_within_a_penny_of_its_share(budget: pd.DataFrame, costs: pd.DataFrame) -> None:
    found = scoped_budgets(budget, SCOPES, costs)
    cells = costs.groupby(CELL)[["cost_pence", "people"]].transform("sum")
    people = costs["people"] / cells["people"]
    share = (costs["cost_pence"] / cells["cost_pence"]).where(cells["cost_pence"] > 0, people)
    expected = costs.assign(share=share)[[*CELL, "budget", "share"]]
    joined = found.merge(expected, on=[*CELL, "budget"]).merge(budget, on=KEYS, suffixes=("", "_whole"))
    for name in PARTS:
        assert ((joined[name] - joined[f"{name}_whole"] * joined["share"]).abs() < 1 + 1e-6).all()


@thorough
@given(budgets())
def test_without_conditions_a_row_is_in_one_budget_whole(budget: pd.DataFrame) -> None:
    found = scoped_budgets(budget, SCOPES[1:], None)
    assert len(found) == len(budget)
    assert set(found.loc[found["segment"] == "OA", "budget"]) == {"older"}
    others = found[found["segment"] != "OA"].groupby("service_line")["budget"].unique()
    assert {line: list(names) for line, names in others.items()} == {
        "community": [OUTSIDE],
        "mental_health": ["mental"],
    }


def test_money_that_is_nobodys_has_no_condition() -> None:
    row = ("2025/26", "A", "UNATTR", "community", "QXX", 100, 0, 0, 0, 100, 0.0)
    budget = pd.DataFrame([row], columns=[*KEYS, "allocation_pence", *PARTS, "people"])
    costs = pd.DataFrame(
        [("A", "AMW", "community", "diabetes", 1, 9)], columns=[*CELL, "budget", "people", "cost_pence"]
    )
    (found,) = scoped_budgets(budget, SCOPES, costs).itertuples()
    assert (found.budget, found.allocation_pence) == (OUTSIDE, 100)
