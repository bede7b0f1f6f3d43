"""People above the stop-loss threshold by place, and what a pool would pay of their excess."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.engine import Engine
from budget.ledger.high_cost import high_cost
from tests.support.given import given

pytestmark = pytest.mark.integration

THRESHOLD = 150_000_00
PEOPLE = {"p1": ("A", THRESHOLD + 101), "p2": ("A", THRESHOLD), "p3": ("B", 7), "p4": ("A", THRESHOLD + 200)}
VALUES = {"stop_loss_threshold": 150_000, "stop_loss_coverage": 0.5}


def frames() -> dict[str, pd.DataFrame]:
    rows = [(person, place, cost) for person, (place, cost) in PEOPLE.items()]
    people = pd.DataFrame(rows, columns=["person_id", "place", "cost_pence"])
    facts = {"sex": "F", "age": 30, "imd_decile": 1, "long_term_conditions": 0}
    return {
        "population": people[["person_id", "place"]].assign(**facts),
        "person_cost": people[["person_id", "cost_pence"]],
        "baseline_lines": pd.DataFrame({"place": ["A", "B", "A"]}),
    }


def test_shows_how_many_are_over_and_what_a_pool_would_pay() -> None:
    with Engine() as engine:
        found = high_cost(given(frames(), VALUES, engine=engine)).set_index("place")
    assert found["people_over"].to_dict() == {"A": 2, "B": 0}
    assert found["excess_pence"].to_dict() == {"A": 301, "B": 0}
    assert found["excess_squares"].to_dict() == {"A": 101.0**2 + 200.0**2, "B": 0.0}
    assert found["pool_pence"].to_dict() == {"A": 151, "B": 0}, "half of it, half up"
    assert found["threshold_pence"].unique().tolist() == [THRESHOLD]
