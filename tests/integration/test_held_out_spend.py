"""Spend that is held out of segments: the ledger carries it, nobody loses a penny, need does not see it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from budget.kernel.codes import UNATTRIBUTED
from budget.need.methods import by_segment_cost
from budget.need.sources import Sources
from budget.need.weights import weighed
from budget.payment.integrated import broad_group_budget, segment_rates
from tests.support.given import given
from tests.support.localities import Locality, locality

pytestmark = pytest.mark.integration

ALL = 1_000_000


def held_out(growth: float = 1.0, share: float = 0.1, **values: object) -> Locality:
    """One place in which a share of the line is nobody's."""
    whole = locality({"A": ALL}, growth=growth, **values)
    segments = whole.costs.assign(grossed_pence=whole.costs["grossed_pence"] * (1 - share))
    apart = segments.iloc[[0]].assign(segment=UNATTRIBUTED, people=0.0, grossed_pence=ALL * share)
    return replace(whole, costs=pd.concat([segments, apart], ignore_index=True))


def by_segment(ledger: pd.DataFrame, *steps: str) -> dict[str, int]:
    rows = ledger[ledger["step"].isin(steps)] if steps else ledger
    return rows.groupby("segment")["amount_pence"].sum().to_dict()


def test_the_ledger_carries_it_as_a_line_of_its_own() -> None:
    opened = by_segment(held_out().book()["budget_ledger"], "baseline")
    assert opened == {"AMW": 675_000, "OA": 225_000, UNATTRIBUTED: 100_000}


def test_pounds_in_are_pounds_out() -> None:
    ledger = held_out(risk_pool_share=0.005, ips_share=0.025).book()["budget_ledger"]
    assert by_segment(ledger, "baseline") and sum(by_segment(ledger, "baseline").values()) == ALL
    plain = locality({"A": ALL}, risk_pool_share=0.005, ips_share=0.025).book()["budget_ledger"]
    sums = [frame.groupby("step")["amount_pence"].sum().to_dict() for frame in (ledger, plain)]
    assert sums[0] == sums[1], "the same movements of the place, whoever bears them"


def test_it_follows_everyone_of_the_place() -> None:
    grown = by_segment(held_out(growth=1.02).book()["budget_ledger"], "baseline", "demographic_growth")
    assert grown == {"AMW": 688_500, "OA": 229_500, UNATTRIBUTED: 102_000}


def test_the_budget_shows_it_with_nobody_in_it() -> None:
    budget = held_out().pay()
    apart = budget[budget["segment"] == UNATTRIBUTED]
    assert (apart["people"].tolist(), apart["allocation_pence"].sum()) == ([0.0], 100_000)
    assert budget["allocation_pence"].sum() == ALL
    rates = segment_rates(budget).set_index("segment")
    assert pd.isna(rates.loc[UNATTRIBUTED, "rate_per_head_pence"])
    groups = pd.DataFrame({"segment": ["AMW", "OA"], "broad_group": ["mostly_well", "older_adults"]})
    found = broad_group_budget(budget, groups).set_index("broad_group")["allocation_pence"]
    assert found.to_dict() == {"mostly_well": 675_000, "older_adults": 225_000, "unattributed": 100_000}


def test_need_by_segment_cost_does_not_see_it() -> None:
    place = held_out()
    people = place.people.groupby(["financial_year", "place"], as_index=False)["people"].sum()
    seen = given({"segment_cost": place.costs, "segment_people": place.people}, {})
    need = by_segment_cost(Sources(seen, people, ("2025/26",), None))
    (row,) = weighed(need.assign(method="segment_cost"), people).to_dict("records")
    assert row["weighted_people"] == pytest.approx(row["population"])
