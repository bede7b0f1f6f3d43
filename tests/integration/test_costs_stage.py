"""The costs stage on people and activity: prices, person costs, providers, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from budget.costs.stage import COSTS, attribute_costs
from budget.engine import Engine, Select
from budget.kernel.errors import RunStopped
from tests.support.given import given

pytestmark = pytest.mark.integration

YEAR = "2024/25"
VALUES = {
    "in_scope_lines": ["community", "acute_elective"],
    "unattributed_spend_rule": "gross_up",
    "unreg_rate_basis": "mostly_well_mean",
}


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def tables() -> dict[str, pd.DataFrame]:
    """Four people on lists of two places, ten residents on none in one of them."""
    population = frame(
        "person_id place segment",
        ("p1", "A", "AMW"),
        ("p2", "A", "OA"),
        ("p3", "B", "AMW"),
        ("p4", "B", "AMW"),
    )
    activity = frame(
        "person_id service_line provider_code units currency_code cost_pence",
        ("p1", "community", "RX1", 2.0, "C1", None),
        ("p2", "community", "RX1", 1.5, "C1", None),
        ("p2", "acute_elective", "RY1", 1.0, None, 9_000),
        ("p3", "community", "RX1", 1.0, "C1", 77),
        ("p4", "dentistry", "RX1", 9.0, None, None),
    ).astype({"cost_pence": "Int64"})
    spend = frame(
        "financial_year commissioner place service_line amount_pence adjustment reason",
        (YEAR, "QXX", "A", "community", 1_000, None, None),
        (YEAR, "QXX", "A", "acute_elective", 9_900, None, None),
        (YEAR, "QXX", "B", "community", 154, None, None),
    )
    return {
        "population": population,
        "activity": activity,
        "spend": spend,
        "prices": frame("financial_year currency_code department unit_price_pence", (YEAR, "C1", None, 101)),
        "providers": frame("provider_code provider_name local_to", ("RX1", "Near", "A"), ("RY1", "Far", None)),
        "segments": frame("segment unregistered rate_from", ("AMW", False, None), ("UNREG", True, "AMW")),
        "segment_people": frame(
            "financial_year place segment people",
            (YEAR, "A", "AMW", 1.0),
            (YEAR, "A", "OA", 1.0),
            (YEAR, "A", "UNREG", 10.0),
            (YEAR, "B", "AMW", 2.0),
            ("2025/26", "A", "AMW", 99.0),
        ),
    }


def attribute(frames: Mapping[str, pd.DataFrame], **values: object) -> dict[str, pd.DataFrame]:
    with Engine() as engine:
        written = attribute_costs(given(frames, VALUES | values, engine=engine))
        assert set(written) <= set(COSTS.writes)
        return {
            name: engine.frame(f"select * from {table.relation} order by {', '.join(table.order_by)}")
            if isinstance(table, Select)
            else table
            for name, table in written.items()
        }


def test_units_are_priced_half_up_unless_the_cost_is_known() -> None:
    costs = attribute(tables())["person_cost"].set_index("person_id")["cost_pence"]
    # 1.5 units at 101 pence are 151.5
    assert costs.to_dict() == {"p1": 202, "p2": 9_152, "p3": 77, "p4": 0}


def test_direct_cost_is_that_of_each_segment_and_stands_in_for_people_without_a_record() -> None:
    found = attribute(tables())["segment_cost"]
    community = found[(found["place"] == "A") & (found["service_line"] == "community")].set_index("segment")
    assert community["direct_pence"].to_dict() == {"AMW": 202.0, "OA": 152.0, "UNREG": 2_020.0}
    assert community["grossed_pence"].sum() == pytest.approx(1_000)
    elective = found[(found["place"] == "A") & (found["service_line"] == "acute_elective")].set_index("segment")
    assert elective["direct_pence"].to_dict() == {"AMW": 0.0, "OA": 9_000.0, "UNREG": 0.0}


def test_unregistered_people_can_cost_as_everyone() -> None:
    found = attribute(tables(), unreg_rate_basis="whole_population_mean")["segment_cost"]
    unregistered = found[(found["place"] == "A") & (found["segment"] == "UNREG")].set_index("service_line")
    assert unregistered["direct_pence"].to_dict() == {"acute_elective": 45_000.0, "community": 1_770.0}


def test_providers_are_local_where_they_serve_a_place_of_ours() -> None:
    found = attribute(tables())["provider_activity"].set_index(["place", "provider_code"])
    assert found["cost_pence"].to_dict() == {("A", "RY1"): 9_000, ("A", "RX1"): 354, ("B", "RX1"): 77}
    assert found["local"].to_dict() == {("A", "RY1"): False, ("A", "RX1"): True, ("B", "RX1"): True}
    assert found.loc[("A", "RX1"), "units"] == 3.5


def test_activity_out_of_scope_is_left_alone() -> None:
    assert "dentistry" not in set(attribute(tables())["provider_activity"]["service_line"])


@pytest.mark.parametrize("what", ["no prices", "two prices", "a price of another year"])
def test_activity_without_one_price_is_refused_with_its_count(what: str) -> None:
    frames = tables()
    prices = frames["prices"]
    frames["prices"] = {
        "no prices": prices.iloc[:0],
        "two prices": pd.concat([prices, prices.assign(department="OP", unit_price_pence=5)]),
        "a price of another year": prices.assign(financial_year="2023/24"),
    }[what]
    with pytest.raises(RunStopped) as stop:
        attribute(frames)
    (failure,) = stop.value.failures
    assert (failure.check_id, failure.table, failure.rows_failed) == ("B13", "activity", 2)
    assert "p1" not in str(stop.value)


def test_a_base_year_without_spend_is_refused() -> None:
    frames = tables()
    frames["spend"]["financial_year"] = "2023/24"
    with pytest.raises(RunStopped, match="there is spend of the base year 2024/25"):
        attribute(frames)


def test_prices_and_providers_may_be_absent_where_every_cost_is_known() -> None:
    frames = tables()
    frames["activity"]["cost_pence"] = frames["activity"]["cost_pence"].fillna(100)
    found = attribute({name: frame for name, frame in frames.items() if name not in ("prices", "providers")})
    assert found["provider_activity"]["local"].tolist() == [False] * 3
    assert found["person_cost"]["cost_pence"].sum() == 100 + 100 + 9_000 + 77


def test_a_locality_of_totals_needs_no_people() -> None:
    frames = {name: table for name, table in tables().items() if name in ("spend", "segments", "segment_people")}
    frames["segment_population"] = frame(
        "place segment people direct_cost_pence_per_head", ("A", "OA", 10.0, 1_000), ("B", "OA", 10.0, 1_000)
    )
    found = attribute(frames)
    assert set(found) == {"baseline_lines", "baseline_adjustments", "segment_cost", "line_attribution"}
    assert found["segment_cost"]["grossed_pence"].sum() == pytest.approx(1_000 + 9_900 + 154)


def test_the_ledger_is_compared_where_the_locality_has_one() -> None:
    frames = tables()
    frames["spend_control"] = frame(
        "financial_year commissioner service_line amount_pence basis", (YEAR, "QXX", None, 11_054, None)
    )
    assert attribute(frames)["ledger_control"]["difference_share"].tolist() == [0.0]


def test_the_order_of_activity_changes_nothing() -> None:
    frames = tables()
    mixed = {name: table.iloc[::-1].reset_index(drop=True) for name, table in frames.items()}
    expected, found = attribute(frames), attribute(mixed)
    for name, table in expected.items():
        pd.testing.assert_frame_equal(table, found[name])
