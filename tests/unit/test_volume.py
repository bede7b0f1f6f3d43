"""Volume of care since the base year: growth of people and demand, and nothing that is price."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.volume import planned_activity, volume_since_base

pytestmark = pytest.mark.unit

MOVES = {
    "2026/27": {"baseline": 900, "normalisation": 100, "demographic_growth": 20, "nondemographic_growth": 51,
                "cost_uplift": 400, "efficiency": -100},
    "2027/28": {"baseline": 1_500, "rebasing": 500, "demographic_growth": 20, "risk_pool": -70},
}  # fmt: skip
LEDGER = pd.DataFrame(
    [
        (year, step, "A", line, pence * times)
        for year, moves in MOVES.items()
        for step, pence in moves.items()
        for line, times in (("acute", 1), ("new", 0))
    ],
    columns=["financial_year", "step", "place", "service_line", "amount_pence"],
)


def test_years_are_multiplied_and_price_is_left_out() -> None:
    volume = volume_since_base(LEDGER).set_index(["service_line", "financial_year"])["volume"]
    assert volume["acute"].to_dict() == pytest.approx({"2026/27": 1.071, "2027/28": 1.071 * 1.01})
    assert (volume["new"] == 1).all(), "a line that opens with nothing has no volume to grow"


def test_units_are_planned_as_the_line_grows() -> None:
    columns = ["place", "service_line", "provider_code", "units"]
    activity = pd.DataFrame([("A", "acute", "RX", 100.0), ("B", "acute", "RX", 100.0)], columns=columns)
    planned = planned_activity(activity, LEDGER, "2027/28")
    assert planned["units"].tolist() == pytest.approx([100 * 1.071 * 1.01, 100.0])
    assert activity["units"].tolist() == [100.0, 100.0]
