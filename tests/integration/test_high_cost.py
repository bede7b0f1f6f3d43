"""People above the stop-loss threshold by place, and what a pool would pay of their excess."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.engine import DuckEngine
from budget.ledger.carving import Carving
from budget.ledger.high_cost import high_cost
from tests.support.given import given
from tests.support.localities import QUIET

pytestmark = pytest.mark.integration

THRESHOLD = 150_000_00
VALUES = QUIET | {"stop_loss_coverage": 0.5, "choice_basis": "flows"}


def frames() -> dict[str, pd.DataFrame]:
    """Three people above the threshold, one of them only with care that patient choice pays for."""
    care = [
        ("p1", "A", "acute_nonelective", "RY1", THRESHOLD),
        ("p1", "A", "community", "RY1", 101),
        ("p4", "A", "acute_nonelective", "RY1", THRESHOLD + 200),
        ("p5", "A", "acute_nonelective", "RY1", THRESHOLD - 1),
        ("p5", "A", "acute_elective", "RX1", 500),
    ]
    flows = [("A", "acute_elective", "RX1", "Far", False, None, 1.0, 500)]
    return {
        "high_cost_care": pd.DataFrame(
            care, columns=["person_id", "place", "service_line", "provider_code", "cost_pence"]
        ),
        "provider_activity": pd.DataFrame(
            flows,
            columns=[
                "place",
                "service_line",
                "provider_code",
                "provider_name",
                "local",
                "contracted",
                "units",
                "cost_pence",
            ],
        ),
        "baseline_lines": pd.DataFrame({"place": ["A", "B", "A"]}),
    }


def test_shows_how_many_are_over_and_what_a_pool_would_pay() -> None:
    with DuckEngine() as engine:
        look = given(frames(), VALUES, engine=engine)
        found = high_cost(look, Carving(look)).set_index("place")
    assert found["people_all_care"].to_dict() == {"A": 3, "B": 0}
    assert found["excess_all_care_pence"].to_dict() == {"A": 101 + 200 + 499, "B": 0}
    assert found["people_over"].to_dict() == {"A": 2, "B": 0}, "the third one's care elsewhere is in patient choice"
    assert found["excess_pence"].to_dict() == {"A": 301, "B": 0}
    assert found["pool_pence"].to_dict() == {"A": 151, "B": 0}, "half of it, half up"
    assert found["threshold_pence"].unique().tolist() == [THRESHOLD]
