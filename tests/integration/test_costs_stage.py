"""The costs stage on people and activity: prices, person costs, providers, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
import pytest

from budget.costs.stage import COSTS, attribute_costs
from budget.engine import DuckEngine, Select
from budget.kernel.errors import RunStopped
from tests.support.given import given

pytestmark = pytest.mark.integration

YEAR = "2024/25"
VALUES = {
    "stop_loss_threshold": 150_000,
    "in_scope_lines": ["community", "acute_elective"],
    "host_lines": [],
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
    activity.insert(1, "activity_date", date(2024, 6, 1))
    activity = activity.assign(department=pd.Series(dtype="string"), ended_on=pd.Series(dtype="datetime64[s]"))
    spend = frame(
        "financial_year commissioner place service_line amount_pence adjustment reason",
        (YEAR, "QXX", "A", "community", 1_000, None, None),
        (YEAR, "QXX", "A", "acute_elective", 9_900, None, None),
        (YEAR, "QXX", "B", "community", 154, None, None),
    )
    return {
        "population": population,
        "activity": activity,
        "spend": spend.assign(provider_code=None),
        "prices": frame("financial_year currency_code department unit_price_pence", (YEAR, "C1", None, 101)),
        "providers": frame(
            "provider_code provider_name local_to contracted", ("RX1", "Near", "A", True), ("RY1", "Far", None, False)
        ),
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
    with DuckEngine() as engine:
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


def test_care_of_the_dearest_people_is_kept_by_line_and_provider() -> None:
    found = attribute(tables(), stop_loss_threshold=1_000)["high_cost_care"]
    assert found.empty, "nobody costs a thousand pounds"
    frames = tables()
    frames["activity"]["cost_pence"] = frames["activity"]["cost_pence"].mask(
        frames["activity"]["service_line"] == "acute_elective", 100_000
    )
    dear = attribute(frames, stop_loss_threshold=1_000)["high_cost_care"]
    assert dear[["person_id", "place", "service_line", "provider_code", "cost_pence"]].to_numpy().tolist() == [
        ["p2", "A", "acute_elective", "RY1", 100_000],
        ["p2", "A", "community", "RX1", 152],
    ]
    hosted = attribute(frames, stop_loss_threshold=1_000, host_lines=["acute_elective"])["high_cost_care"]
    assert hosted.empty, "a hosted line is no person's cost"


def test_patient_level_costs_name_no_provider() -> None:
    frames = tables() | {"patient_costs": frame("person_id service_line cost_pence", ("p2", "acute_elective", 200_000))}
    dear = attribute(frames, stop_loss_threshold=1_000)["high_cost_care"].set_index("service_line")
    assert dear["cost_pence"].to_dict() == {"acute_elective": 200_000, "community": 152}
    assert dear["provider_code"].isna().to_dict() == {"acute_elective": True, "community": False}


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
    about_spend = {"baseline_lines", "baseline_adjustments", "line_attribution", "unattributed_spend"}
    assert set(found) == about_spend | {"segment_cost"}
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


class TestHostedLines:
    """RC18: what is there for everyone present is not tied to persons."""

    def test_a_hosted_line_is_shared_per_head_and_is_no_persons_cost(self) -> None:
        plain, hosted = attribute(tables()), attribute(tables(), host_lines=["community"])
        costs = hosted["segment_cost"].set_index(["place", "service_line", "segment"])
        assert costs.loc[("A", "community"), "direct_pence"].sum() == 0
        heads = costs.loc[("A", "community")]
        assert (heads["grossed_pence"] / heads["people"]).round(6).nunique() == 1
        assert costs.loc[("A", "community"), "method"].str.contains("RC18").all()
        people = hosted["person_cost"].set_index("person_id")["cost_pence"]
        assert people.to_dict() == {"p1": 0, "p2": 9_000, "p3": 0, "p4": 0}
        assert plain["provider_activity"].equals(hosted["provider_activity"]), "flows are still seen"

    def test_pounds_in_are_pounds_out(self) -> None:
        for lines in ([], ["community"], ["community", "acute_elective"]):
            written = attribute(tables(), host_lines=lines)
            costs = written["segment_cost"].groupby(["place", "service_line"])["grossed_pence"].sum()
            spent = written["baseline_lines"].groupby(["place", "service_line"])["normalised_pence"].sum()
            assert costs.round(6).to_dict() == spent.astype(float).to_dict()

    def test_it_stands_apart_in_the_attribution(self) -> None:
        lines = attribute(tables(), host_lines=["community"])["line_attribution"].set_index("service_line")
        assert lines["hosted"].to_dict() == {"acute_elective": False, "community": True}
        assert pd.isna(lines.loc["community", "attribution_factor"])


class TestByLine:
    """What persons cost by line, for need models of streams."""

    ASKED = {"need_weighting": "published", "need_weighting@line:community": "model"}

    def test_it_is_made_where_a_line_in_scope_is_modelled_by_name(self) -> None:
        for values in ({}, {"need_weighting": "model"}, {"need_weighting@line:dentistry": "model"}):
            assert "person_line_cost" not in attribute(tables(), **values)
        costs = attribute(tables(), **self.ASKED)["person_line_cost"]
        assert costs.set_index(["person_id", "service_line"])["cost_pence"].to_dict() == {
            ("p1", "community"): 202,
            ("p2", "community"): 152,
            ("p2", "acute_elective"): 9_000,
            ("p3", "community"): 77,
        }

    @pytest.mark.parametrize("hosted", [[], ["acute_elective"]])
    def test_all_lines_of_a_person_are_the_persons_cost(self, hosted: list[str]) -> None:
        given_costs = frame(
            "person_id service_line cost_pence", ("p1", "acute_elective", 12_345), ("gone", "community", 9)
        )
        found = attribute(tables() | {"patient_costs": given_costs}, **self.ASKED, host_lines=hosted)
        by_line = found["person_line_cost"].groupby("person_id")["cost_pence"].sum()
        whole = found["person_cost"].set_index("person_id")["cost_pence"]
        assert by_line.reindex(whole.index).fillna(0).to_dict() == whole.to_dict()
        assert set(by_line.index) <= set(whole.index)
        assert found["person_line_cost"]["service_line"].isin(hosted).sum() == 0


class TestCases:
    """RC15 to RC19: whose cost a person's care is."""

    COLUMNS = "person_id service_line begins_on ends_on rank reason_code kind payer our_percent"

    def shares(self, *rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
        frames = tables() | {"commissioner_shares": frame(self.COLUMNS, *rows).astype({"our_percent": "Int8"})}
        return attribute(frames)

    def case(self, person: str, percent: int | None, rank: int = 1, **facts: object) -> tuple[object, ...]:
        given = {"line": None, "begins": date(2024, 4, 1), "ends": date(2025, 3, 31), "code": "RC19"} | facts
        return (
            person, given["line"], given["begins"], given["ends"], rank, given["code"], "dispute", "QYY", percent,
        )  # fmt: skip

    def test_a_dispute_is_held_half_and_half_to_the_penny(self) -> None:
        found = self.shares(self.case("p3", 50))
        assert found["person_cost"].set_index("person_id").loc["p3", "cost_pence"] == 39, "half of 77, half up"
        (row,) = found["commissioner_case_costs"].to_dict("records")
        assert (row["held_as"], row["cost_pence"], row["ours_pence"], row["others_pence"]) == ("DISPUTED", 77, 39, 38)

    @pytest.mark.parametrize(("percent", "cost", "held"), [(0, 0, "others"), (100, 77, "ours"), (None, 77, "usual")])
    def test_another_commissioner_pays_or_we_do(self, percent: int | None, cost: int, held: str) -> None:
        found = self.shares(self.case("p3", percent))
        assert found["person_cost"].set_index("person_id").loc["p3", "cost_pence"] == cost
        assert found["commissioner_case_costs"]["held_as"].tolist() == [held]

    def test_the_first_rule_wins_and_other_days_and_lines_are_left_alone(self) -> None:
        found = self.shares(
            self.case("p2", 50, rank=2),
            self.case("p2", 0, rank=1, line="acute_elective", code="RC15"),
            self.case("p1", 0, ends=date(2024, 5, 31)),
        )
        people = found["person_cost"].set_index("person_id")["cost_pence"]
        assert people["p2"] == 76, "half of the community care (152), none of the elective"
        assert people["p1"] == 202, "the case was over before the care"
        held = found["commissioner_case_costs"].set_index(["reason_code", "service_line"])["others_pence"].to_dict()
        assert held == {("RC15", "acute_elective"): 9_000, ("RC19", "community"): 76}

    def test_a_placement_of_somebody_on_no_list_of_ours_keeps_its_cost_in_sight(self) -> None:
        frames = tables()
        away = frames["activity"].iloc[[2]].assign(person_id="away")
        frames["activity"] = pd.concat([frames["activity"], away], ignore_index=True)
        shares = frame(self.COLUMNS, self.case("away", 100, code="RC15")).astype({"our_percent": "Int8"})
        found = attribute(frames | {"commissioner_shares": shares})
        assert "away" not in set(found["person_cost"]["person_id"])
        (row,) = found["commissioner_case_costs"].to_dict("records")
        assert (row["reason_code"], row["held_as"], row["ours_pence"]) == ("RC15", "ours", 9_000)
