"""The budget as it is paid: parts, rates and months out of movements."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.payment.integrated import integrated_budget, monthly_profile, segment_rates

pytestmark = pytest.mark.unit

YEAR = "2025/26"


def ledger(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    """Movements by step, segment, line and pence, of one place and commissioner."""
    frame = pd.DataFrame(list(rows), columns=["step", "segment", "service_line", "amount_pence"])
    return frame.assign(financial_year=YEAR, place="A", commissioner="QXX")


PEOPLE = pd.DataFrame(
    {"financial_year": YEAR, "place": "A", "segment": ["AMW", "OA", "U5"], "people": [300.0, 100.0, 50.0]}
)
WEIGHTS = pd.DataFrame({"financial_year": [YEAR], "place": ["A"], "weighted_people": [1_000.0]})

MOVEMENTS = ledger(
    ("baseline", "AMW", "community", 900),
    ("cost_uplift", "AMW", "community", 100),
    ("pace_of_change", "AMW", "community", -200),
    ("choice_carve_out", "AMW", "community", -50),
    ("other_carve_outs", "AMW", "community", -30),
    ("risk_pool", "AMW", "community", -7),
    ("incentive", "AMW", "community", -13),
    ("baseline", "OA", "community", 3_000),
    ("baseline", "OA", "prescribing", 200),
    ("incentive", "OA", "prescribing", -20),
)


@pytest.fixture
def budget() -> pd.DataFrame:
    return integrated_budget(MOVEMENTS, PEOPLE, WEIGHTS)


def test_parts_are_the_movements_that_set_money_aside(budget: pd.DataFrame) -> None:
    row = budget.set_index(["segment", "service_line"]).loc[("AMW", "community")]
    parts = ["allocation", "carve_out", "risk_pool", "incentive", "core"]
    assert [row[f"{part}_pence"] for part in parts] == [800, 80, 7, 13, 700]


def test_parts_add_up_on_every_row(budget: pd.DataFrame) -> None:
    parts = ["carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence"]
    assert (budget[parts].sum(axis=1) == budget["allocation_pence"]).all()
    assert budget["core_pence"].sum() == MOVEMENTS["amount_pence"].sum()


def test_people_and_weighted_people_are_those_of_the_segment(budget: pd.DataFrame) -> None:
    by_segment = budget.drop_duplicates("segment").set_index("segment")
    assert by_segment["people"].to_dict() == {"AMW": 300.0, "OA": 100.0}
    assert by_segment["weighted_people"].to_dict() == pytest.approx({"AMW": 200.0, "OA": 800.0})
    assert (budget.groupby("segment")["people"].nunique() == 1).all()


def test_rates_are_core_and_incentive_a_head(budget: pd.DataFrame) -> None:
    rates = segment_rates(budget).set_index("segment")
    assert rates["wpap_pence"].to_dict() == {"AMW": 713, "OA": 3_200}
    assert rates["rate_per_head_pence"].to_dict() == pytest.approx({"AMW": 713 / 300, "OA": 32.0})


def test_a_segment_without_people_has_no_rate() -> None:
    nobody = PEOPLE.assign(people=[0.0, 100.0, 50.0])
    rates = segment_rates(integrated_budget(MOVEMENTS, nobody, WEIGHTS)).set_index("segment")
    assert rates["rate_per_head_pence"].isna().to_dict() == {"AMW": True, "OA": False}


def test_a_segment_counted_twice_is_an_error() -> None:
    with pytest.raises(pd.errors.MergeError):
        integrated_budget(MOVEMENTS, pd.concat([PEOPLE, PEOPLE]), WEIGHTS)


def rates_of(pence: int) -> pd.DataFrame:
    return pd.DataFrame({"financial_year": [YEAR], "place": ["A"], "segment": ["OA"], "wpap_pence": [pence]})


def test_pennies_left_over_go_to_the_first_months() -> None:
    months = monthly_profile(rates_of(15_895_155_163))
    assert list(months["payment_pence"]) == [1_324_596_264] * 7 + [1_324_596_263] * 5
    assert list(months["month"]) == list(range(1, 13))


@given(st.integers(0, 10**13))
def test_months_add_up_to_the_year_and_differ_by_a_penny_at_most(pence: int) -> None:
    months = monthly_profile(rates_of(pence))["payment_pence"]
    assert months.sum() == pence
    assert months.max() - months.min() <= 1
    assert list(months) == sorted(months, reverse=True)
