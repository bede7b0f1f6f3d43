"""Payment and contract forms: the test vectors of the method, and what must hold of every form."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.payment.contracts import settle
from budget.payment.forms import (
    Activity,
    Blended,
    Block,
    BlockWithTolerance,
    CapAndCollar,
    Care,
    MarginalRate,
    PaymentForm,
)
from budget.payment.simulate import contracts, payments

pytestmark = pytest.mark.unit

PLANNED, MORE, LESS, PRICE = 10_000.0, 10_600.0, 9_300.0, 2_000_00.0
COST = 20_720_000_00

FORMS: dict[str, PaymentForm] = {
    "F01": Block(),
    "F02": BlockWithTolerance(tolerance=0.02, share=0.5),
    "F03": Activity(),
    "F06": CapAndCollar(band=0.02),
    "F07": MarginalRate(rate=0.7),
    "F08": Blended(variable=0.2),
}

PAID = {
    "F01": (20_000_000, 20_000_000),
    "F02": (20_400_000, 19_500_000),
    "F03": (21_200_000, 18_600_000),
    "F06": (20_400_000, 19_600_000),
    "F07": (20_840_000, 18_600_000),
    "F08": (20_240_000, 19_720_000),
}

MARGINS = {"F01": -720_000, "F03": 480_000, "F06": -320_000, "F07": 120_000, "F08": -480_000}


def pay(form: PaymentForm, planned: float, actual: float, price: float) -> float:
    """Pounds."""
    return float(form.pay(Care.of([planned], [actual], [price]))[0]) / 100


@pytest.mark.parametrize("form", FORMS)
def test_pays_what_the_method_says(form: str) -> None:
    assert FORMS[form].id == form
    above, below = PAID[form]
    assert pay(FORMS[form], PLANNED, MORE, PRICE) == pytest.approx(above, abs=0.005)
    assert pay(FORMS[form], PLANNED, LESS, PRICE) == pytest.approx(below, abs=0.005)


def test_the_earlier_marginal_rate() -> None:
    assert pay(MarginalRate(rate=0.3), PLANNED, MORE, PRICE) == pytest.approx(20_360_000, abs=0.005)


def test_activity_within_the_tolerance_moves_nothing() -> None:
    assert pay(FORMS["F02"], PLANNED, 10_200, PRICE) == pay(FORMS["F02"], PLANNED, 9_800, PRICE) == 20_000_000


@pytest.mark.parametrize("form", MARGINS)
def test_margin_at_the_higher_activity(form: str) -> None:
    assert pay(FORMS[form], PLANNED, MORE, PRICE) - COST / 100 == pytest.approx(MARGINS[form], abs=0.005)


amounts = st.floats(0, 1e6)
prices = st.floats(1, 1e6)


@given(amounts, amounts, amounts, prices)
def test_a_block_does_not_move_with_activity(planned: float, one: float, other: float, price: float) -> None:
    assert pay(Block(), planned, one, price) == pay(Block(), planned, other, price)


@given(amounts, amounts, prices, st.floats(0, 1))
def test_a_cap_and_collar_is_never_exceeded(planned: float, actual: float, price: float, band: float) -> None:
    paid, value = pay(CapAndCollar(band), planned, actual, price), planned * price / 100
    assert value * (1 - band) * (1 - 1e-12) <= paid <= value * (1 + band) * (1 + 1e-12)


@given(st.sampled_from(sorted(FORMS)), amounts, prices)
def test_activity_as_planned_is_paid_as_planned(form: str, planned: float, price: float) -> None:
    assert pay(FORMS[form], planned, planned, price) == pytest.approx(planned * price / 100)


@given(st.sampled_from(sorted(FORMS)), amounts, amounts, amounts, prices)
def test_more_activity_is_never_paid_less(form: str, planned: float, one: float, other: float, price: float) -> None:
    low, high = sorted((one, other))
    least, most = pay(FORMS[form], planned, low, price), pay(FORMS[form], planned, high, price)
    assert least <= most * (1 + 1e-12) + 1e-6


PARTIES = pd.DataFrame(
    {
        "party": ["acute", "community", "mental_health"],
        "budget_pence": [12_000_000_00, 5_000_000_00, 3_000_000_00],
        "cost_pence": [12_900_000_00, 4_900_000_00, 2_800_000_00],
    }
)
RESULTS = {
    "C1": (-900_000, 100_000, 200_000),
    "C2": (-360_000, -150_000, -90_000),
    "C2e": (-200_000, -200_000, -200_000),
    "C3a": (-600_000, 0, 0),
}
TRANSFERS = {"C2": (540_000, -250_000, -290_000)}


@pytest.mark.parametrize("form", RESULTS)
def test_shares_the_result_as_the_method_says(form: str) -> None:
    assert tuple(settle(form, PARTIES)["result_pence"] // 100) == RESULTS[form]


def test_transfers_of_an_alliance() -> None:
    transfers = settle("C2", PARTIES)["transfer_pence"]
    assert tuple(transfers // 100) == TRANSFERS["C2"]
    assert transfers.sum() == 0


parties = st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 10**12)), min_size=1, max_size=6)


@given(st.sampled_from(sorted(RESULTS)), parties)
def test_what_parties_bear_is_what_there_is(form: str, pairs: list[tuple[int, int]]) -> None:
    table = pd.DataFrame(pairs, columns=["budget_pence", "cost_pence"])
    table["party"] = [f"P{number}" for number in range(len(table))]
    shared = settle(form, table)
    assert shared["result_pence"].sum() == table["budget_pence"].sum() - table["cost_pence"].sum()
    assert shared["transfer_pence"].sum() == 0


PROVIDERS = pd.DataFrame(
    {"provider_code": ["RX1", "RY1"], "provider_name": ["Near", None], "planned_pence": [20_000_000_00, 101]}
)


def test_simulated_payments_cost_what_does_not_move_and_what_does() -> None:
    table = payments(PROVIDERS, tuple(FORMS.values()), (1.06, 0.93), 0.4)
    assert len(table) == len(PROVIDERS) * len(FORMS) * 2
    of_block = table[(table["form"] == "F01") & (table["provider_code"] == "RX1")].set_index("activity")
    assert of_block["cost_pence"].to_dict() == {1.06: 20_720_000_00, 0.93: 19_160_000_00}
    assert of_block["margin_pence"].to_dict() == {1.06: -720_000_00, 0.93: 840_000_00}
    assert (table["margin_pence"] == table["payment_pence"] - table["cost_pence"]).all()
    assert (table.loc[table["form"] == "F01", "delta_vs_block_pence"] == 0).all()


def test_simulated_payments_are_the_vectors_of_the_method() -> None:
    table = payments(PROVIDERS, tuple(FORMS.values()), (1.06, 0.93), 0.4)
    large = table[table["provider_code"] == "RX1"].set_index(["form", "activity"])["payment_pence"]
    assert {form: (large[form, 1.06] / 100, large[form, 0.93] / 100) for form in FORMS} == PAID


def test_simulated_contracts_share_every_penny() -> None:
    table = contracts(PROVIDERS, (1.06, 0.93), 0.4)
    for _, rows in table.groupby(["form", "activity"]):
        assert rows["result_pence"].sum() == rows["budget_pence"].sum() - rows["cost_pence"].sum()
        assert rows["transfer_pence"].sum() == 0
