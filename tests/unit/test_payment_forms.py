"""Payment forms: the test vectors of the method, and what must hold of every form."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.kernel.errors import ConfigurationError
from budget.payment.forms import FACTS, FORMS, Capitation, Care, Outcomes, Together, form_of, outcome_score, pay
from budget.payment.forms.bands import MarginalRate
from budget.payment.forms.gain_loss import GainLossShare
from budget.payment.forms.outcomes import achievement
from budget.payment.forms.pools import drawn
from budget.payment.terms import parameters_of

pytestmark = pytest.mark.unit

PLANNED, MORE, LESS, PRICE = 10_000, 10_600, 9_300, 2_000_00
COST = 20_720_000_00
COST_AND_VOLUME = {"core": 16_000_000_00, "floor": 8_000, "ceiling": 10_500, "variable": 1_600_00}
GAIN_LOSS = {"share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "first_dollar"}

TERMS: dict[str, dict[str, object]] = {
    "F01": {},
    "F02": {"tolerance": 0.02, "share": 0.5},
    "F03": {},
    "F05": COST_AND_VOLUME,
    "F06": {"band": 0.02},
    "F07": {"rate": 0.7},
    "F08": {"variable": 0.2},
    "F09": {"variable": 0.75},
    "F10": {},
    "F12": {"share": 0.025, "score": 0.8},
    "F18": {"share": 0.01, "score": 0.8},
}
PAID = {
    "F01": (20_000_000, 20_000_000),
    "F02": (20_400_000, 19_500_000),
    "F03": (21_200_000, 18_600_000),
    "F05": (20_000_000, 18_080_000),
    "F06": (20_400_000, 19_600_000),
    "F07": (20_840_000, 18_600_000),
    "F08": (20_240_000, 19_720_000),
    "F09": (20_900_000, 18_950_000),
    "F10": (20_000_000, 20_000_000),
    "F12": (19_900_000, 19_900_000),
    "F18": (19_960_000, 19_960_000),
}
MARGINS = {"F01": -720_000, "F03": 480_000, "F06": -320_000, "F07": 120_000, "F08": -480_000, "F09": 180_000}
OPTIONS = [
    ("F02", {"tolerance": 0.02, "share": 0.5, "one_sided": True}, (20_400_000, 20_000_000)),
    ("F05", {"core": 0.8, "floor": 0.8, "ceiling": 1.05, "variable": 0.8, "of_plan": True}, (20_000_000, 18_080_000)),
    ("F07", {"rate": 0.3}, (20_360_000, 18_600_000)),
    ("F09", {"variable": 1.0}, (21_200_000, 18_600_000)),
    ("F09", {"variable": 0.75, "recovery_fund": 1_000_000_00}, (20_900_000, 19_250_000)),
    ("F12", {"share": 0.2, "score": 0.8}, (19_200_000, 19_200_000)),
]


@pytest.mark.parametrize("form", PAID)
def test_pays_what_the_method_says(form: str) -> None:
    assert [pay(form, PLANNED, units, PRICE, **TERMS[form]) for units in (MORE, LESS)] == [100 * p for p in PAID[form]]


@pytest.mark.parametrize(("form", "terms", "paid"), OPTIONS)
def test_options_pay_what_the_method_says(form: str, terms: dict[str, object], paid: tuple[int, int]) -> None:
    assert [pay(form, PLANNED, units, PRICE, **terms) for units in (MORE, LESS)] == [100 * pounds for pounds in paid]


@pytest.mark.parametrize("form", MARGINS)
def test_margin_at_the_higher_activity(form: str) -> None:
    assert pay(form, PLANNED, MORE, PRICE, **TERMS[form]) - COST == MARGINS[form] * 100


@pytest.mark.parametrize(("activity", "paid"), [(7_500, 16_000_000), (11_000, 20_000_000)])
def test_cost_and_volume_beyond_floor_and_ceiling(activity: int, paid: int) -> None:
    assert pay("F05", PLANNED, activity, PRICE, **COST_AND_VOLUME) == paid * 100


def test_fees_of_many_items() -> None:
    items, fees = [41_340, 95_400, 16_960, 31_800, 84_800], [310_00, 12_50, 85_00, 120_00, 18_00]
    assert pay("F04", items, items, fees) == 20_791_900_00
    assert pay("F16", items, items, fees) == 20_791_900_00


def test_a_weighted_list_at_the_global_sum() -> None:
    assert pay("F11", 92_400, 0, 121_79) == 11_253_396_00
    assert pay("F11", 92_400, 0, 121_79, out_of_hours=0.0475) == 10_718_859_69
    assert pay("F11", 92_400, 0, 121_79, enhanced=1_000_00) == 11_254_396_00


@pytest.mark.parametrize(
    ("cost", "moved"),
    [(19_000_000, 500_000), (19_700_000, 0), (20_300_000, 0), (21_200_000, -600_000), (20_000_000, 0)],
)
def test_gains_and_losses_from_the_first_pound(cost: int, moved: int) -> None:
    assert pay("F13", PLANNED, PLANNED, PRICE, cost_pence=cost * 100, **GAIN_LOSS) == moved * 100


@pytest.mark.parametrize(
    ("change", "moved"), [({"basis": "excess"}, -400_000), ({}, -600_000), ({"cap": 0.01}, -200_000)]
)
def test_a_loss_by_basis_and_cap(change: dict[str, object], moved: int) -> None:
    assert pay("F13", PLANNED, PLANNED, PRICE, cost=21_200_000_00, **GAIN_LOSS | change) == moved * 100


def test_a_loss_that_the_party_bore_is_passed_on_and_a_one_sided_share_has_none() -> None:
    given = {"cost": 21_200_000_00, **GAIN_LOSS}
    assert pay("F13", PLANNED, PLANNED, PRICE, borne_by="paid", **given) == 600_000_00
    assert pay("F13", PLANNED, PLANNED, PRICE, loss_share=0.0, **given) == 0
    assert pay("F13", PLANNED, PLANNED, PRICE, loss_share=0.0, **given | {"cost": 19_000_000_00}) == 500_000_00


def test_a_risk_pool_pays_as_far_as_it_reaches() -> None:
    assert pay("F14", PLANNED, PLANNED, PRICE, pool_share=0.005, cost=21_200_000_00) == 100_000_00
    assert pay("F14", PLANNED, PLANNED, PRICE, pool_share=0.005, cost=19_000_000_00) == 0
    draw, residual = drawn(np.array([100_000_00.0]), np.array([1_200_000_00.0]))
    assert (draw[0], residual[0]) == (100_000_00, 1_100_000_00)


def test_low_volume_activity_is_the_mean_of_earlier_years() -> None:
    earlier = [1_210_000_00, 1_340_000_00, 1_290_000_00]
    assert pay("F15", 1, MORE, 0, earlier_pence=earlier) == 1_280_000_00
    assert pay("F15", 1, LESS, 0, earlier=earlier, uplift=0.02) == 1_305_600_00


def test_best_practice_is_paid_a_bonus() -> None:
    assert pay("F17", 100, 100, 1_000_00, bonus=200_00, meeting=0.75) == 115_000_00


@pytest.mark.parametrize("form", ["F19", "F20"])
def test_what_is_paid_at_cost(form: str) -> None:
    assert pay(form, PLANNED, MORE, PRICE, cost=COST) == COST


def test_a_block_grows_and_activity_has_a_market_forces_factor() -> None:
    grown = pay("F01", 1, 9, 100_000_00, demographic_growth=0.02, casemix_growth=0.01, net_uplift=0.0215)
    assert grown == round(100_000_00 * 1.02 * 1.01 * 1.0215)
    assert pay("F03", 1, 2, 100_00, market_forces_factor=1.1) == 220_00


def test_what_a_marginal_rate_keeps_back() -> None:
    kept = MarginalRate(0.3).retained(Care.of(PLANNED, MORE, PRICE))
    assert kept + pay("F07", PLANNED, MORE, PRICE, rate=0.3) == pay("F03", PLANNED, MORE, PRICE)


def test_every_form_is_there_once_and_says_what_it_is() -> None:
    assert list(FORMS) == [f"F{number:02d}" for number in range(1, 21)]
    for form in FORMS.values():
        assert form.name and form.about.endswith(".") and form.formula and form.source
        assert set(form.needs) <= set(FACTS)
        for one in parameters_of(form):
            assert one.unit and one.about and one.source, (form.id, one.name)
    assert {one.name for one in fields(Care)} == {"planned", "actual", "price", *FACTS}


@pytest.mark.parametrize(
    ("form", "terms", "told"),
    [
        ("F99", {}, "no form 'F99'; known: F01"),
        ("F02", {"tolerance": 0.02}, "lacks share; its parameters are tolerance, share, one_sided"),
        ("F02", {"tolerance": 0.02, "share": 0.5, "pace": 1}, "no parameter pace"),
        ("F02", {"tolerance": 0.02, "share": 1.5}, "share is 1.5; allowed: from 0 to 1"),
        ("F02", {"tolerance": 0.02, "share": "half"}, "share is 'half'"),
        ("F02", {"tolerance": 0.02, "share": True}, "share is True"),
        ("F02", {"tolerance": float("nan"), "share": 0.5}, "tolerance is nan"),
        ("F02", {"tolerance": 0.02, "share": 0.5, "one_sided": 1}, "one_sided is 1; allowed: yes, no"),
        ("F13", GAIN_LOSS | {"basis": "last"}, "basis is 'last'; allowed: first_dollar, excess"),
    ],
)
def test_what_cannot_be_agreed_is_refused(form: str, terms: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigurationError, match="file") as refused:
        form_of(form, terms, where="file")
    assert told in str(refused.value)


def test_a_form_refuses_to_guess_what_it_needs() -> None:
    with pytest.raises(ConfigurationError, match="F20 needs cost"):
        pay("F20", PLANNED, MORE, PRICE)
    with pytest.raises(ConfigurationError, match="F12 needs score"):
        pay("F12", PLANNED, MORE, PRICE, share=0.02)


def test_letters_of_the_method_stand_for_names() -> None:
    assert pay("F02", PLANNED, MORE, PRICE, t=0.02, s=0.5) == 20_400_000_00


def test_forms_together_are_capitation_outcomes_and_a_share_of_gains() -> None:
    care = Care.of(PLANNED, MORE, PRICE, cost=21_200_000_00, score=0.8)
    both = Together(Capitation(), (Outcomes(0.025), GainLossShare(0.5, 0.02, 0.05, "first_dollar")))
    assert both.pay(care) == 19_900_000_00 - 600_000_00
    assert (both.id, both.needs, both.counts) == ("F10+F12+F13", ("score", "cost"), "people")


def test_a_score_of_measures_either_way() -> None:
    reached = achievement(np.array([0.7, 500.0, 2_000.0]), np.array([0.6, 1_500, 1_500]), np.array([0.8, 500, 500]))
    assert reached.tolist() == pytest.approx([0.5, 1.0, 0.0])
    assert outcome_score(reached, [0.5, 0.3, 0.2]) == pytest.approx(0.55)


amounts = st.integers(0, 10**6)
prices = st.integers(1, 10**6)
shares = st.floats(0, 1)
MOVING = sorted(set(TERMS) - {"F05", "F12", "F18"})
STILL = ("F01", "F10", "F11", "F15")


@given(st.sampled_from(STILL), amounts, amounts, amounts, prices)
def test_what_is_set_before_the_year_does_not_move_with_activity(
    form: str, planned: int, one: int, other: int, price: int
) -> None:
    earlier = {"earlier": [1, 2, 6]} if form == "F15" else {}
    assert pay(form, planned, one, price, **earlier) == pay(form, planned, other, price, **earlier)


@given(amounts, amounts, prices, shares, shares)
def test_a_tolerance_lies_between_block_and_activity(
    planned: int, actual: int, price: int, tolerance: float, share: float
) -> None:
    paid = pay("F02", planned, actual, price, tolerance=tolerance, share=share)
    low, high = sorted((planned * price, actual * price))
    assert low - 1 <= paid <= high + 1


@given(amounts, amounts, prices, shares)
def test_a_cap_and_collar_is_never_exceeded(planned: int, actual: int, price: int, band: float) -> None:
    value = planned * price
    assert value * (1 - band) - 1 <= pay("F06", planned, actual, price, band=band) <= value * (1 + band) + 1


@given(st.sampled_from(MOVING), amounts, prices)
def test_activity_as_planned_is_paid_as_planned(form: str, planned: int, price: int) -> None:
    assert pay(form, planned, planned, price, **TERMS[form]) == planned * price


@given(st.sampled_from(sorted(TERMS)), amounts, amounts, amounts, prices)
def test_more_activity_is_never_paid_less(form: str, planned: int, one: int, other: int, price: int) -> None:
    low, high = sorted((one, other))
    assert pay(form, planned, low, price, **TERMS[form]) <= pay(form, planned, high, price, **TERMS[form])


@given(amounts, amounts, shares, shares, shares, st.sampled_from(["first_dollar", "excess"]))
def test_a_loss_is_a_gain_turned_round(
    value: int, difference: int, share: float, deadband: float, cap: float, basis: str
) -> None:
    terms = {"share": share, "deadband": deadband, "cap": cap, "basis": basis}
    gain, loss = (pay("F13", 1, 1, value, cost=value - sign * difference, **terms) for sign in (1, -1))
    assert gain == -loss
    assert abs(gain) <= cap * value + 1
    assert abs(gain) <= share * difference + 1


@given(amounts, prices, shares, shares, shares)
def test_a_better_score_is_never_paid_less(planned: int, price: int, share: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    least, most = (pay("F12", planned, 0, price, share=share, score=score) for score in (low, high))
    assert planned * price * (1 - share) - 1 <= least <= most <= planned * price + 1


@given(st.sampled_from(MOVING), st.lists(st.tuples(amounts, amounts, prices), min_size=1, max_size=5))
def test_many_are_paid_what_each_is_paid(form: str, rows: list[tuple[int, int, int]]) -> None:
    planned, actual, price = (np.array(column) for column in zip(*rows, strict=True))
    each = sum(pay(form, *row, **TERMS[form]) for row in rows)
    assert abs(pay(form, planned, actual, price, **TERMS[form]) - each) <= len(rows)
