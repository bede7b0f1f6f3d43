"""Modelled need is held to that of an earlier run and a share more; other methods and new places are not."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.need.coding import limit_growth
from tests.support.need import YEARS, Tables, index, locality, weigh

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def tables() -> Tables:
    return locality()


@pytest.fixture(scope="module")
def free(tables: Tables) -> dict[str, float]:
    """Modelled need without an earlier run."""
    return index(weigh(tables)["need_weights"], "model")


def earlier(indices: dict[str, float], method: str = "model") -> Tables:
    """Weights of an earlier run with some need indices."""
    rows = [(year, place, method, "all", found) for year in YEARS for place, found in indices.items()]
    columns = ["financial_year", "place", "method", "stream", "need_index"]
    return {"previous_need_weights": pd.DataFrame(rows, columns=columns)}


def test_a_place_rises_by_the_share_at_most() -> None:
    found = limit_growth(pd.Series({"A": 1.10, "B": 1.02, "C": 0.9}), pd.Series({"A": 1.0, "B": 1.0, "D": 1.0}), 0.03)
    table = found.set_index("place")
    assert table["held"].to_dict() == {"A": True, "B": False, "C": False}
    assert table["index_used"].to_dict() == pytest.approx({"A": 1.03, "B": 1.02, "C": 0.9})
    assert table.loc["C", ["index_before", "index_limit"]].isna().all(), "the earlier run did not have it"


def test_need_that_rises_faster_is_held_and_the_rest_shares_what_it_leaves(
    tables: Tables, free: dict[str, float]
) -> None:
    first = min(free)
    before = {place: found / 1.2 if place == first else found for place, found in free.items()}
    written = weigh(tables | earlier(before))
    limit = written["need_growth_limit"].set_index("place")
    assert limit["held"].to_dict() == {place: place == first for place in free}
    held = index(written["need_weights"], "model")
    assert held[first] < free[first]
    assert all(held[place] > free[place] for place in free if place != first)
    assert held[first] / held[max(free)] == pytest.approx(before[first] * 1.03 / before[max(free)])


def test_need_that_does_not_rise_stays(tables: Tables, free: dict[str, float]) -> None:
    written = weigh(tables | earlier(free))
    assert index(written["need_weights"], "model") == pytest.approx(free)
    assert not written["need_growth_limit"]["held"].any()


def test_an_earlier_run_without_a_model_limits_nothing(tables: Tables, free: dict[str, float]) -> None:
    written = weigh(tables | earlier(dict.fromkeys(free, 0.1), "published"))
    assert "need_growth_limit" not in written
    assert index(written["need_weights"], "model") == pytest.approx(free)
