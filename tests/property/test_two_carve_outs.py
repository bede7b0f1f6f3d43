"""Nobody's cost is in two carve-outs, whatever the care, the providers and the assumptions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from budget.contracts import table
from budget.costs.providers import provider_history
from budget.engine import DuckEngine
from budget.engine.statement import Statement
from budget.ledger.carving import Carving
from tests.support.given import REPOSITORY, given, plan_of
from tests.support.localities import QUIET, YEARS

pytestmark = pytest.mark.integration

THRESHOLD = 1_000 * 100
CARE = ["place", "service_line", "provider_code"]
LINES = ("acute_elective", "acute_nonelective", "community")
PROVIDERS = ("RX1", "RX2", "RX3", "RX4")
EVIDENCE = REPOSITORY / "expectations/evidence/ledger/two_carve_outs.sql"


@dataclass(frozen=True)
class World:
    """Care of a few people, and the values that carve-outs run under."""

    care: pd.DataFrame
    providers: pd.DataFrame
    values: dict[str, object]

    def frames(self) -> dict[str, pd.DataFrame]:
        known = self.care[self.care["provider_code"].notna()]
        costs = self.care.groupby("person_id")["cost_pence"].sum()
        dear = set(costs[costs > THRESHOLD].index)
        activity = known.groupby(CARE, as_index=False)["cost_pence"].sum().merge(self.providers, on="provider_code")
        seen = activity.assign(local=activity["local_to"].notna(), units=1.0)
        nothing = pd.DataFrame(columns=list(table("spend").names))
        return {
            "high_cost_care": self.care[self.care["person_id"].isin(dear)],
            "provider_activity": seen,
            "provider_history": provider_history(nothing, self.providers, seen, plan_of()),
            "baseline_lines": pd.DataFrame({"place": ["A", "B"]}),
        }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    rows = []
    for number in range(draw(st.integers(1, 6))):
        place = draw(st.sampled_from(["A", "B"]))
        for line in LINES:
            for provider in draw(st.lists(st.sampled_from([*PROVIDERS, None]), unique=True, max_size=3)):
                rows.append((f"p{number}", place, line, provider, draw(st.integers(0, 2 * THRESHOLD))))
    care = pd.DataFrame(rows, columns=["person_id", *CARE, "cost_pence"])
    providers = pd.DataFrame({"provider_code": PROVIDERS, "provider_name": "Name"})
    providers["local_to"] = [draw(st.sampled_from(["A", None])) for _ in PROVIDERS]
    providers["contracted"] = [draw(st.sampled_from([True, False, None])) for _ in PROVIDERS]
    values = QUIET | {
        "stop_loss_threshold": THRESHOLD // 100,
        "choice_basis": draw(st.sampled_from(["flows", "share"])),
        "choice_share@place:A": draw(st.sampled_from([0, 0.1])),
        "low_volume_basis": draw(st.sampled_from(["given", "history"])),
        "low_volume_activity": draw(st.sampled_from([0, 5])),
        "low_volume_threshold": draw(st.integers(0, 3_000)),
        "non_contract_basis": draw(st.sampled_from(["given", "history"])),
        "non_contract_activity": draw(st.sampled_from([0, 5])),
    }
    return World(care, providers, values)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn(worlds())
def test_a_persons_cost_is_in_one_carve_out_only(world: World) -> None:
    frames = world.frames()
    with DuckEngine() as engine:
        look = given(frames, world.values, budget_years=YEARS[:1], engine=engine)
        carving, year = Carving(look), look.plan.budget_years[0]
        claims, excess = carving.claims(year), carving.excess(year)
        counted = engine.frame(f"select * from {carving.stop_loss(year)}").set_index("person_id")
        engine.lend("carve_out_claims", claims.astype("string"))
        engine.step("stop_loss_cost", f"select * from stop_loss_{year.start}")
        found = engine.frame(Statement.read(Path(EVIDENCE)))

    assert not claims.duplicated(CARE).any()
    assert found["C07"].tolist() == [0]
    carved = frames["high_cost_care"].merge(claims, on=CARE).groupby("person_id")["cost_pence"].sum()
    whole = frames["high_cost_care"].groupby("person_id")["cost_pence"].sum()
    assert set(counted.index) == set(whole.index)
    for person, row in counted.iterrows():
        assert row["counted_pence"] + carved.get(person, 0) == row["cost_pence"] == whole[person]
        assert row["excess_pence"] == max(row["counted_pence"] - THRESHOLD, 0)
    assert sum(excess.values()) == counted["excess_pence"].sum()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@drawn(worlds())
def test_what_history_carves_out_is_care_that_is_claimed(world: World) -> None:
    frames = world.frames()
    values = world.values | {"low_volume_basis": "history", "non_contract_basis": "history"}
    with DuckEngine() as engine:
        look = given(frames, values, budget_years=YEARS[:1], engine=engine)
        carving, year = Carving(look), look.plan.budget_years[0]
        claims, sums = carving.claims(year), carving.history(year)
    cost = frames["provider_activity"].merge(claims[[*CARE, "type"]], on=CARE)
    for kind in ("low_volume", "non_contract"):
        claimed = cost[cost["type"] == kind].groupby("place")["cost_pence"].sum().to_dict()
        assert {place: pence for (of, place), pence in sums.items() if of == kind and pence} == {
            place: pence for place, pence in claimed.items() if pence
        }
