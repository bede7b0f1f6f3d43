"""List inflation met in another way: nobody goes, places weigh otherwise, and the effect is what was stated."""

from __future__ import annotations

import pandas as pd
import pytest

from expectations.gate import GreatExpectationsGate
from tests.flows.localities import east_london
from tests.support.runs import Outcome, compute

pytestmark = pytest.mark.flow

OTHER = "scale_to_resident"
SMALL = {"low_volume_activity": 1_000, "non_contract_activity": 1_000}
"""Sums that six thousand people can bear."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("inflation")
    config = east_london(folder, people=6_000)
    ways = ("none", OTHER)
    gate = GreatExpectationsGate()
    return {
        way: compute(config, folder / "runs", overrides=SMALL | {"list_inflation_adjustment": way}, gate=gate)
        for way in ways
    }


def test_nobody_is_removed(runs: dict[str, Outcome]) -> None:
    for table in ("population_reconciliation", "segment_summary", "segment_people", "segment_cost"):
        pd.testing.assert_frame_equal(runs["none"].table(table), runs[OTHER].table(table))


def test_places_weigh_as_the_adjusted_lists_say(runs: dict[str, Outcome]) -> None:
    weights = {which: runs[which].table("need_weights").query("used") for which in runs}
    adjusted = (
        runs[OTHER]
        .table("segment_people_alternatives")
        .query("assumption == 'list_inflation_adjustment' and alternative == @OTHER")
    )
    people = adjusted.groupby(["financial_year", "place"])["people"].sum()
    found = weights[OTHER].set_index(["financial_year", "place"])["population"]
    pd.testing.assert_series_equal(found.sort_index(), people.loc[found.index].sort_index(), check_names=False)
    assert found.sum() < weights["none"]["population"].sum(), "lists are larger than residents here"


def test_the_effect_that_one_run_states_is_the_difference_to_the_other(runs: dict[str, Outcome]) -> None:
    pace = {which: runs[which].table("pace_of_change").query("financial_year == '2026/27'") for which in runs}
    paid = {which: frame.set_index("place")["allocation_pence"] for which, frame in pace.items()}
    for here, there in (("none", OTHER), (OTHER, "none")):
        stated = (
            runs[here]
            .table("population_effects")
            .query("assumption == 'list_inflation_adjustment' and alternative == @there")
        )
        change = stated.set_index("place")["change_pence"]
        assert change.to_dict() == (paid[there] - paid[here]).loc[change.index].to_dict()
        assert change.any()
