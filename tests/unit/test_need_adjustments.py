"""Indices within their bounds, and the share for health inequalities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import RunStopped
from budget.need.adjustments import (
    EMERGENCY_AMBULANCE,
    MARKET_FORCES,
    PRIMARY_INEQUALITY_SHARE,
    REMOTENESS,
    IndexBounds,
    emergency_ambulance,
    health_inequality,
    market_forces,
    remoteness,
)
from budget.need.layouts import read_published

pytestmark = pytest.mark.unit

ENGLAND = Path(__file__).parents[2] / "data" / "england"
Adjust = Callable[[pd.Series, pd.Series], pd.Series]
EACH = [
    (market_forces, MARKET_FORCES),
    (emergency_ambulance, EMERGENCY_AMBULANCE),
    (remoteness, REMOTENESS),
]


@pytest.mark.parametrize(("adjust", "bounds"), EACH)
def test_an_index_multiplies_up_to_its_bounds(adjust: Adjust, bounds: IndexBounds) -> None:
    index = pd.Series([bounds.low, bounds.high, *bounds.seen])
    found = adjust(pd.Series(200.0, index=index.index), index)
    assert found.tolist() == pytest.approx([200 * value for value in index])


@pytest.mark.parametrize(("adjust", "bounds"), EACH)
@pytest.mark.parametrize("wrong", [0.0, 100.0, float("nan"), "just below", "just above"])
def test_an_index_beyond_its_bounds_is_refused(adjust: Adjust, bounds: IndexBounds, wrong: float | str) -> None:
    value = {"just below": bounds.low - 1e-6, "just above": bounds.high + 1e-6}.get(str(wrong), wrong)
    with pytest.raises(RunStopped, match=bounds.name) as stop:
        adjust(pd.Series([1.0, 1.0]), pd.Series([1.0, value], dtype="float64"))
    assert (stop.value.failures[0].check_id, stop.value.failures[0].rows_failed) == ("W03", 1)


def test_the_published_indices_were_seen_within_their_bounds() -> None:
    workbook = pd.read_csv(ENGLAND / "gp_practice_weighted_population_2018_19.csv.gz")
    for column, bounds in (("MFF_index", MARKET_FORCES), ("EACA_index", EMERGENCY_AMBULANCE)):
        seen = (workbook[column].min(), workbook[column].max())
        assert seen == pytest.approx(bounds.seen, abs=5e-5)
        assert bounds.low <= seen[0] and seen[1] <= bounds.high


def test_health_inequalities_take_their_share() -> None:
    need, inequality = pd.Series([100.0, 0.0]), pd.Series([200.0, 10.0])
    assert health_inequality(need, inequality, 0.1).tolist() == pytest.approx([110, 1])
    assert health_inequality(need, inequality, 0).tolist() == need.tolist()
    assert health_inequality(need, inequality, 1).tolist() == inequality.tolist()


@pytest.mark.parametrize("share", [-0.01, 1.01, 15])
def test_a_share_beyond_the_whole_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        health_inequality(pd.Series([1.0]), pd.Series([1.0]), share)


def test_primary_medical_care_of_every_practice_follows_need_and_inequalities() -> None:
    weights = read_published(ENGLAND / "gp_practice_weighted_population_2026_27.csv.gz")
    wide = weights.pivot(index="practice_code", columns="stream", values="weighted_population")
    found = health_inequality(wide["primary_medical_need"], wide["health_inequalities"], PRIMARY_INEQUALITY_SHARE)
    # published to six decimals, so the sum of two rounded figures is a little off
    assert np.abs(found - wide["primary_medical"]).max() < 1e-4
    assert len(found) == 6_281
