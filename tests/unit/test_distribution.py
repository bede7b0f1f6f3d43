"""Who gets which part of a gain or loss: every rule by hand, and every penny accounted for."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.kernel.errors import ConfigurationError
from budget.payment.distribution import RULES, distribute

pytestmark = pytest.mark.unit

PARTIES = pd.DataFrame(
    {
        "party": ["acute", "community", "mental_health"],
        "budget_pence": [12_000_000_00, 5_000_000_00, 3_000_000_00],
        "previous_pence": [13_000_000_00, 5_500_000_00, 2_900_000_00],
        "equity": [0.5, 0.3, 0.2],
        "performance": [0.7, 0.9, 0.8],
        "need_pence": [400_000_00, 500_000_00, 100_000_00],
        "rank": [3, 1, 2],
    }
)
GAIN = 600_000_00
PARTS = {
    "equal": (200_000_00, 200_000_00, 200_000_00),
    "budget": (360_000_00, 150_000_00, 90_000_00),
    "equity": (300_000_00, 180_000_00, 120_000_00),
    "performance": (329_411_76, 176_470_59, 94_117_65),
    "need": (0, 500_000_00, 100_000_00),
    "compensate": (400_000_00, 200_000_00, 0),
    "reinvest": (0, 0, 0),
}


@pytest.mark.parametrize("rule", PARTS)
def test_a_gain(rule: str) -> None:
    shared = distribute(GAIN, PARTIES, rule)
    assert tuple(shared.parts) == PARTS[rule]
    assert shared.parts.sum() + shared.reinvested_pence == GAIN
    assert set(PARTS) == set(RULES)


def test_what_need_does_not_take_is_reinvested_and_what_is_left_of_compensation_goes_by_budget() -> None:
    assert distribute(1_500_000_00, PARTIES, "need").reinvested_pence == 500_000_00
    made_up = distribute(1_700_000_00, PARTIES, "compensate")
    assert tuple(made_up.parts) == (1_120_000_00, 550_000_00, 30_000_00)


@pytest.mark.parametrize(("losses", "weights"), [("invert", (3.6, 0.5, 0.6)), ("budget", (12, 5, 3))])
def test_a_loss_by_performance_is_shared_as_chosen(losses: str, weights: tuple[float, ...]) -> None:
    shared = distribute(-GAIN, PARTIES, "performance", performance_losses=losses).parts
    assert shared.tolist() == pytest.approx([-GAIN * weight / sum(weights) for weight in weights], abs=1)
    assert shared.sum() == -GAIN


def test_where_everybody_performed_in_full_a_loss_goes_by_budget() -> None:
    perfect = PARTIES.assign(performance=1.0)
    inverted = distribute(-GAIN, perfect, "performance", performance_losses="invert")
    assert tuple(inverted.parts) == tuple(distribute(-GAIN, perfect, "budget").parts)


@pytest.mark.parametrize(
    ("total", "rule", "table", "told"),
    [
        (GAIN, "luck", PARTIES, "no rule 'luck'; known: equal"),
        (GAIN, "equity", PARTIES.drop(columns="equity"), "needs equity"),
        (-GAIN, "need", PARTIES, "is for gains"),
        (-GAIN, "compensate", PARTIES, "is for gains"),
        (-GAIN, "performance", PARTIES, "say how a loss is shared"),
    ],
)
def test_what_cannot_be_shared_is_refused(total: int, rule: str, table: pd.DataFrame, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        distribute(total, table, rule)  # type: ignore[arg-type]


@given(
    st.sampled_from(sorted(RULES)),
    st.integers(-(10**12), 10**12),
    st.lists(st.tuples(st.integers(1, 10**11), st.integers(0, 10**11), st.floats(0, 1)), min_size=1, max_size=6),
)
def test_every_penny_is_shared_or_reinvested(rule: str, total: int, rows: list[tuple[int, int, float]]) -> None:
    table = pd.DataFrame(rows, columns=["budget_pence", "previous_pence", "performance"])
    table = table.assign(equity=1 / len(table), need_pence=table["previous_pence"], rank=range(len(table)))
    total = abs(total) if RULES[rule].gains_alone else total
    shared = distribute(total, table, rule, performance_losses="invert")  # type: ignore[arg-type]
    assert shared.parts.sum() + shared.reinvested_pence == total
