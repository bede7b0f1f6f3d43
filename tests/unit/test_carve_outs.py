"""Carve-outs by history, specialised care, choice by volume and price, and who holds the money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest

from budget.costs.providers import provider_history
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.ledger.choice import choice_terms
from budget.ledger.uplift import uplift
from budget.plan import PrimeProvider
from tests.support.given import given, plan_of
from tests.support.localities import BASE, QUIET, YEARS, Locality, locality

pytestmark = pytest.mark.unit

ACTIVITY = "place service_line provider_code provider_name local contracted units cost_pence"
CARE = ("acute_elective", "acute_nonelective")
PENCE = 100


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def spend(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Gross spend of year, line, provider and pounds."""
    columns = "financial_year service_line provider_code amount_pence"
    found = frame(columns, *((year, line, code, int(pounds) * PENCE) for year, line, code, pounds in rows))  # type: ignore[call-overload]
    return found.assign(commissioner="QXX", place="A", adjustment=None, reason=None)


def providers(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Provider, where it is local, whether there is a contract."""
    return frame("provider_code local_to contracted", *rows).assign(provider_name="Name")


def acute(
    spent: pd.DataFrame | None = None,
    *,
    seen: pd.DataFrame | None = None,
    known: pd.DataFrame | None = None,
    **values: object,
) -> Locality:
    """One place that spends 10,000,000 pounds on each of the acute lines, and what it knows of providers."""
    one = locality({"A": 10_000_000 * PENCE}, **values)
    others = {} if seen is None else {"provider_activity": seen}
    past = provider_history(spend() if spent is None else spent, known, seen, plan_of(BASE, YEARS[:1]))
    return replace(
        one,
        baseline=pd.concat([one.baseline.assign(service_line=line) for line in CARE], ignore_index=True),
        costs=pd.concat([one.costs.assign(service_line=line) for line in CARE], ignore_index=True),
        others=others if past.empty else others | {"provider_history": past},
    )


def planned(tables: Mapping[str, pd.DataFrame], year: str = YEARS[0]) -> dict[str, int]:
    rows = tables["carve_outs"]
    return rows[rows["financial_year"] == year].set_index("type")["planned_pence"].to_dict()


THREE_YEARS = (
    ("2022/23", "acute_nonelective", "RX1", 1_210_000),
    ("2023/24", "acute_nonelective", "RX1", 1_340_000),
    ("2024/25", "acute_nonelective", "RX1", 1_290_000),
    ("2024/25", "acute_nonelective", "RX2", 9_000_000),
    ("2024/25", "community", "RX1", 9_000_000),
)


class TestLowVolume:
    def test_the_mean_of_three_years_of_small_pairs(self) -> None:
        tables = acute(spend(*THREE_YEARS), low_volume_basis="history").book()
        assert planned(tables)["low_volume"] == 1_280_000 * PENCE
        (row,) = tables["carve_outs"].query("type == 'low_volume'").itertuples()
        assert row.method == "history"
        claims = tables["carve_out_claims"]
        assert claims[["service_line", "provider_code", "type"]].to_numpy().tolist() == [
            ["acute_nonelective", "RX1", "low_volume"]
        ]

    def test_it_rises_with_the_prices_of_the_years_since(self) -> None:
        factors = {"cost_uplift_factor": 0.04, "efficiency_factor": 0.02}
        small = acute(spend(*THREE_YEARS), low_volume_basis="history", years=YEARS, **factors)
        assert planned(small.book())["low_volume"] == 130_560_000
        assert planned(small.book(), YEARS[1])["low_volume"] == 133_171_200
        compound = small.with_values(uplift_combination="multiplicative")
        assert planned(compound.book())["low_volume"] == round(128_000_000 * 1.04 * 0.98)

    def test_the_threshold_of_a_year_decides(self) -> None:
        rules = {
            f"low_volume_threshold@{YEARS[0]}": 1_500_000,
            f"low_volume_threshold@{YEARS[1]}": 1_279_999,
        }
        small = acute(spend(*THREE_YEARS), low_volume_basis="history", years=YEARS, **rules)
        tables = small.book()
        assert [planned(tables, year)["low_volume"] for year in YEARS] == [128_000_000, 0]
        pairs = tables["low_volume_pairs"].query("provider_code == 'RX1'").set_index("financial_year")
        assert pairs["low_volume"].to_dict() == {YEARS[0]: True, YEARS[1]: False}
        assert pairs.loc[YEARS[1], ["earlier_year", "earlier_low_volume"]].tolist() == [YEARS[0], True]

    def test_without_any_history_it_is_refused_and_not_nothing(self) -> None:
        with pytest.raises(RunStopped, match="low_volume_basis = history needs") as stop:
            acute(low_volume_basis="history").book()
        assert stop.value.failures[0].check_id == "C33"

    def test_activity_stands_in_for_spend_that_names_nobody(self) -> None:
        seen = frame(ACTIVITY, ("A", "acute_nonelective", "RX1", "Near", True, None, 3.0, 70_000))
        tables = acute(seen=seen, low_volume_basis="history").book()
        assert planned(tables)["low_volume"] == 70_000
        assert tables["low_volume_pairs"]["years"].tolist() == [1]

    def test_what_patients_chose_elsewhere_is_in_choice_alone(self) -> None:
        rows = (("2024/25", "acute_elective", "FAR", 400_000), ("2024/25", "acute_nonelective", "FAR", 300_000))
        given_share = {"choice_share": 0.1, "low_volume_basis": "history"}
        tables = acute(spend(*rows), **given_share).book()
        assert planned(tables)["low_volume"] == 300_000 * PENCE
        claims = tables["carve_out_claims"].set_index("service_line")["type"].to_dict()
        assert claims == {"acute_elective": "choice", "acute_nonelective": "low_volume"}
        without = acute(spend(*rows), low_volume_basis="history").book()
        assert planned(without)["low_volume"] == 700_000 * PENCE, "nothing is carved out for choice"


class TestNonContract:
    ROWS = (
        ("2023/24", "acute_nonelective", "RX9", 90_000),
        ("2024/25", "acute_nonelective", "RX9", 50_000),
        ("2024/25", "acute_nonelective", "RX1", 70_000),
    )

    def test_the_base_years_actual_of_providers_without_a_contract(self) -> None:
        known = providers(("RX9", "A", False), ("RX1", "A", True))
        tables = acute(spend(*self.ROWS), known=known, non_contract_basis="history", cost_uplift_factor=0.04).book()
        assert planned(tables)["non_contract"] == 5_200_000

    def test_where_no_contract_is_known_it_is_refused_and_not_nothing(self) -> None:
        known = providers(("RX9", "A", None), ("RX1", "A", None))
        with pytest.raises(RunStopped, match="non_contract_basis = history needs"):
            acute(spend(*self.ROWS), known=known, non_contract_basis="history").book()

    def test_a_provider_of_which_nothing_is_known_has_a_contract_as_far_as_we_know(self) -> None:
        known = providers(("RX9", "A", None), ("RX1", "A", True))
        assert planned(acute(spend(*self.ROWS), known=known, non_contract_basis="history").book())["non_contract"] == 0

    def test_a_small_pair_is_low_volume_first(self) -> None:
        known = providers(("RX9", "A", False), ("RX1", "A", True))
        both = {"non_contract_basis": "history", "low_volume_basis": "history"}
        sums = planned(acute(spend(*self.ROWS), known=known, **both).book())
        assert (sums["low_volume"], sums["non_contract"]) == (105_000 * PENCE, 0)


class TestSpecialised:
    def test_whole_lines_stay_with_nhs_england(self) -> None:
        tables = acute(specialised_lines=["acute_nonelective"], carve_out_lines=["acute_elective"]).book()
        assert planned(tables)["specialised_lines"] == 10_000_000 * PENCE
        left = tables["budget_ledger"].groupby("service_line")["amount_pence"].sum()
        assert left.to_dict() == {"acute_elective": 10_000_000 * PENCE, "acute_nonelective": 0}

    def test_an_amount_is_taken_from_the_carve_out_lines(self) -> None:
        tables = acute(specialised_services=2_500_000, low_volume_activity=500_000).book()
        assert planned(tables)["specialised"] == 2_500_000 * PENCE
        moved = tables["budget_ledger"].query("step == 'other_carve_outs'")
        assert moved.groupby("service_line")["amount_pence"].sum().to_dict() == dict.fromkeys(CARE, -150_000_000)

    def test_where_there_is_none_it_is_not_shown(self) -> None:
        assert set(planned(acute().book())) == {"choice", "low_volume", "non_contract", "stop_loss"}

    @pytest.mark.parametrize("other", ["choice_lines", "carve_out_lines"])
    def test_a_line_cannot_leave_twice(self, other: str) -> None:
        values = {"choice_lines": [], "carve_out_lines": [], "specialised_lines": ["acute_elective"]}
        with pytest.raises(ConfigurationError, match=f"specialised_lines and {other} both name acute_elective"):
            acute(**(values | {other: ["acute_elective"]})).book()


class TestChoice:
    SEEN = frame(
        ACTIVITY,
        ("A", "acute_elective", "RX1", "Far", False, None, 30.0, 30_000_01),
        ("A", "acute_elective", "RX2", "Further", False, None, 7.0, 20_000_00),
        ("A", "acute_elective", "RX3", "Without units", False, None, 0.0, 1_000),
        ("A", "acute_elective", "RY1", "Near", True, None, 70.0, 70_000_00),
    )

    def test_units_times_price_are_the_planned_sum(self) -> None:
        growth = {"growth": 1.02, "growth_nondemographic": 0.01, "cost_uplift_factor": 0.04}
        small = acute(seen=self.SEEN, choice_basis="flows", years=YEARS, **growth)
        found = small.book()["choice_by_provider"]
        known = found[found["planned_units"].notna()]
        assert set(known["provider_code"]) == {"RX1", "RX2"}
        assert ((known["planned_units"] * known["unit_price_pence"] + 0.5) // 1 == known["planned_pence"]).all()
        units = known[known["provider_code"] == "RX1"].set_index("financial_year")["planned_units"]
        assert units[YEARS[0]] == pytest.approx(30 * 1.02 * 1.01, rel=1e-8)
        assert units[YEARS[1]] == pytest.approx(30 * (1.02 * 1.01) ** 2, rel=1e-8)

    def test_providers_add_up_to_what_every_line_loses(self) -> None:
        other = self.SEEN.assign(service_line="acute_nonelective", cost_pence=self.SEEN["cost_pence"] * 3)
        seen = pd.concat([self.SEEN, other], ignore_index=True)
        lines = {"choice_lines": list(CARE), "choice_basis": "flows"}
        tables = acute(seen=seen, **lines).book()
        moved = (
            tables["budget_ledger"].query("step == 'choice_carve_out'").groupby("service_line")["amount_pence"].sum()
        )
        by_line = tables["choice_by_provider"].groupby("service_line")["planned_pence"].sum()
        assert by_line.to_dict() == (-moved).to_dict()

    def test_a_stated_share_of_a_line_whose_care_stayed_goes_to_the_places_other_providers(self) -> None:
        lines = {"choice_lines": list(CARE), "choice_share": 0.1}
        found = acute(seen=self.SEEN, **lines).book()["choice_by_provider"]
        stayed = found[found["service_line"] == "acute_nonelective"]
        assert stayed["planned_pence"].sum() == 1_000_000 * PENCE
        assert stayed["planned_units"].isna().all()

    def test_who_holds_the_money_and_with_what_interest(self) -> None:
        look = given({}, QUIET | {"choice_method": "prime_provider"}, base_year=BASE, budget_years=YEARS[:1])
        prime = PrimeProvider(name="Trust", conflict_of_interest="It treats patients itself.")
        carved = frame("financial_year type planned_pence", (YEARS[0], "choice", 5), (YEARS[0], "choice", 6))
        named = replace(look, plan=look.plan.model_copy(update={"prime_provider": prime}))
        (row,) = choice_terms(named, carved).itertuples()
        assert (row.planned_pence, row.holder, row.conflict_of_interest) == (11, "Trust", "It treats patients itself.")
        (unnamed,) = choice_terms(look, carved).itertuples()
        assert (unnamed.holder, unnamed.conflict_of_interest) == (None, None)
        kept = replace(named, assumptions=given({}, QUIET).assumptions)
        (row,) = choice_terms(kept, carved).itertuples()
        assert (row.method, row.holder) == ("commissioner_keeps", None)

    def test_past_years_show_what_share_went_outside(self) -> None:
        rows = (
            ("2022/23", "acute_elective", "FAR", 10),
            ("2022/23", "acute_elective", "RX1", 90),
            ("2023/24", "acute_elective", "RX1", 50),
            ("2025/26", "acute_elective", "FAR", 50),
            ("2022/23", "acute_nonelective", "FAR", 99),
        )
        known = providers(("RX1", "A", True), ("FAR", None, True))
        found = acute(spend(*rows), known=known, choice_share=0.1).book()["choice_history"].set_index("financial_year")
        assert found["share"].to_dict() == {"2022/23": 0.1, "2023/24": 0.0}, "a later year is no history"


def test_uplift_stops_at_its_year() -> None:
    look = given(
        {}, QUIET | {"cost_uplift_factor": 0.05, "efficiency_factor": 0.01}, base_year=BASE, budget_years=YEARS
    )
    factors = [uplift(look.assumptions, look.plan, year, "acute_elective", "A") for year in look.plan.budget_years]
    assert factors == pytest.approx([1.04, 1.04**2])
