"""Contract forms: the numbers of the method, and that what is borne is what there is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.kernel.errors import ConfigurationError
from budget.kernel.money import apportion
from budget.payment.contracts import CONTRACT_FORMS, FACTS, account_of, booked, contract_form_of, settle
from budget.payment.terms import parameters_of

pytestmark = pytest.mark.unit

PARTIES = pd.DataFrame(
    {
        "party": ["acute", "community", "mental_health"],
        "budget_pence": [12_000_000_00, 5_000_000_00, 3_000_000_00],
        "cost_pence": [12_900_000_00, 4_900_000_00, 2_800_000_00],
    }
)
SHARED_COST = {"gain_share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "first_dollar"}
TERMS: dict[str, dict[str, object]] = {
    "C1": {},
    "C2": {},
    "C2e": {},
    "C3": {},
    "C3a": {},
    "C4": {"share": 0.5},
    "C5": {"share": 0.025, "score": 0.8},
    "C6": {},
    "C7": {"risk_pool": 40_000_000, "uncommitted": 20_000_000},
    "C8": {"performance_losses": "invert", "performance": [0.7, 0.9, 0.8]},
    "C9": SHARED_COST,
    "C10": SHARED_COST | {"share": 0.025, "score": 0.8},
}
RESULTS = {
    "C1": (-900_000, 100_000, 200_000),
    "C2": (-360_000, -150_000, -90_000),
    "C2e": (-200_000, -200_000, -200_000),
    "C3": (-900_000, 100_000, 200_000),
    "C3a": (-600_000, 0, 0),
    "C4": (-180_000, -75_000, -45_000),
    "C6": (-600_000, 0, 0),
}


def results(form: str, parties: pd.DataFrame = PARTIES, **terms: object) -> dict[str, float]:
    """Pounds by party."""
    settled = settle(form, parties, **terms)
    return dict(zip(settled["party"], settled["result_pence"] / 100, strict=True))


@pytest.mark.parametrize("form", RESULTS)
def test_shares_the_result_as_the_method_says(form: str) -> None:
    found = results(form, **TERMS[form])
    assert tuple(found[party] for party in PARTIES["party"]) == RESULTS[form]


def test_transfers_of_an_alliance() -> None:
    transfers = settle("C2", PARTIES)["transfer_pence"] // 100
    assert transfers.tolist() == [540_000, -250_000, -290_000]


@pytest.mark.parametrize("name", ["share", "sigma"])
def test_the_commissioner_shares_half(name: str) -> None:
    assert results("C4", **{name: 0.5})["commissioner"] == -300_000


def test_an_outcome_contract_leaves_what_is_not_earned_with_the_commissioner() -> None:
    found = results("C5", share=0.2, score=0.8)
    assert found["commissioner"] == 20_000_000 * 0.2 * 0.2
    assert found["acute"] == -900_000 - 12_000_000 * 0.2 * 0.2


def test_a_prime_provider_bears_what_choice_costs_more() -> None:
    prime = pd.DataFrame({"party": ["prime"], "budget_pence": [4_782_317_91], "cost_pence": [5_010_000_00]})
    assert results("C6", prime) == {"prime": -227_682.09}


def test_a_prime_provider_pays_others_what_they_did() -> None:
    providers = PARTIES.assign(lead=[False, True, False])
    assert results("C6", providers) == {"acute": 0, "community": -600_000, "mental_health": 0}
    assert results("C6", PARTIES, lead="community") == results("C6", providers)


POOL = pd.DataFrame(
    {"party": ["icb", "council"], "budget_pence": [24_000_000_00, 16_000_000_00], "cost_pence": [41_500_000_00, 0]}
)


def test_a_pooled_fund_uses_its_reserves_first() -> None:
    found = results("C7", POOL, risk_pool=400_000_00, uncommitted=200_000_00)
    assert found == {
        "icb": -540_000,
        "council": -360_000,
        "underspends": 0,
        "risk_pool": -400_000,
        "uncommitted": -200_000,
        "outside": 0,
    }


def test_a_pooled_fund_takes_underspends_before_its_pool_and_returns_what_is_left() -> None:
    found = results("C7", POOL, underspends=2_000_000_00, risk_pool=400_000_00)
    assert (found["underspends"], found["risk_pool"], found["icb"]) == (-1_500_000, 0, 0)
    spared = results("C7", POOL.assign(cost_pence=[39_000_000_00, 0]), risk_pool=400_000_00)
    assert (spared["icb"], spared["council"], spared["risk_pool"]) == (600_000, 400_000, 0)


def test_partners_share_by_what_they_put_in_where_that_is_not_their_budget() -> None:
    found = results("C7", POOL.assign(contribution_pence=[1, 3]), risk_pool=300_000_00)
    assert (found["icb"], found["council"]) == (-300_000, -900_000)


def test_a_gain_goes_by_performance() -> None:
    gain = PARTIES.assign(cost_pence=[11_400_000_00, 5_000_000_00, 3_000_000_00], performance=[0.7, 0.9, 0.8])
    found = results("C8", gain, performance_losses="invert")
    assert found == {"acute": 329_411.76, "community": 176_470.59, "mental_health": 94_117.65}


@pytest.mark.parametrize(("losses", "weights"), [("invert", [3.6, 0.5, 0.6]), ("budget", [12, 5, 3])])
def test_a_loss_goes_as_is_agreed(losses: str, weights: list[float]) -> None:
    found = settle("C8", PARTIES, performance_losses=losses, performance=[0.7, 0.9, 0.8])
    assert found["result_pence"].tolist() == pytest.approx(apportion(-600_000_00, weights).tolist(), abs=1)


def test_an_aligned_incentive_shares_each_party_s_cost() -> None:
    assert results("C9", **SHARED_COST) == {
        "acute": -450_000,
        "community": 100_000,
        "mental_health": 100_000,
        "commissioner": -450_000 + 100_000,
    } | {"community": 100_000}


def test_one_contract_is_capitation_outcomes_and_gain_and_loss() -> None:
    found = results("C10", **TERMS["C10"])
    unearned, passed_on = 20_000_000 * 0.025 * 0.2, -300_000
    assert found["commissioner"] == unearned + passed_on
    assert found["acute"] == (-600_000 - unearned - passed_on) * 0.6


def test_every_form_says_what_it_is() -> None:
    assert set(CONTRACT_FORMS) == {*(f"C{number}" for number in range(1, 11)), "C2e", "C3a"} == set(TERMS)
    for form in CONTRACT_FORMS.values():
        assert form.name and form.about.endswith(".") and form.formula and form.source
        assert set(form.needs) <= set(FACTS)
        assert all(one.unit and one.about and one.source for one in parameters_of(form))


@pytest.mark.parametrize(
    ("form", "parties", "terms", "told"),
    [
        ("C99", PARTIES, {}, "no form 'C99'; known: C1"),
        ("C4", PARTIES, {}, "C4 lacks share"),
        ("C8", PARTIES, {"performance_losses": "invert"}, "C8 needs performance"),
        ("C5", PARTIES, {"share": 0.1}, "C5 needs score"),
        ("C1", PARTIES.drop(columns="cost_pence"), {}, "every party needs cost_pence"),
        ("C1", PARTIES.assign(party="acute"), {}, "acute is there twice"),
    ],
)
def test_what_cannot_be_settled_is_refused(
    form: str, parties: pd.DataFrame, terms: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        settle(form, parties, **terms)


pairs = st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 10**12)), min_size=1, max_size=6)


@given(st.sampled_from(sorted(TERMS)), pairs)
def test_what_is_borne_is_what_there_is(form: str, rows: list[tuple[int, int]]) -> None:
    table = pd.DataFrame(rows, columns=["budget_pence", "cost_pence"])
    table["party"] = [f"P{number}" for number in range(len(table))]
    terms = TERMS[form] | ({"performance": np.linspace(0.2, 0.9, len(table))} if form == "C8" else {})
    shared = settle(form, table, **terms)
    assert shared["result_pence"].sum() == table["budget_pence"].sum() - table["cost_pence"].sum()
    assert shared["transfer_pence"].sum() == 0


@given(st.sampled_from(sorted(set(TERMS) - {"C5", "C10"})), st.lists(st.integers(1, 10**9), min_size=3, max_size=3))
def test_what_costs_as_planned_moves_nothing(form: str, budgets: list[int]) -> None:
    table = PARTIES.assign(budget_pence=budgets, cost_pence=budgets)
    assert (settle(form, table, **TERMS[form])["result_pence"] == 0).all()


@given(st.sampled_from(["C2", "C2e"]), pairs)
def test_an_alliance_shares_as_largest_remainder_does(form: str, rows: list[tuple[int, int]]) -> None:
    budgets, costs = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    weights = budgets.astype(float) if form == "C2" else np.ones(len(budgets))
    parts = contract_form_of(form, {}).bear(account_of(budgets, costs)).parties
    total = int(budgets.sum() - costs.sum())
    assert np.abs(booked(parts, total) - apportion(total, weights)).max() <= 1


def test_draws_are_settled_as_one_by_one() -> None:
    costs = np.random.default_rng(7).integers(1, 10**9, size=(5, 3)).astype(float)
    budgets = np.array([3e8, 5e8, 2e8])
    facts = {"score": 0.8, "performance": [0.7, 0.9, 0.8]}
    for form, terms in TERMS.items():
        rule = contract_form_of(form, {key: value for key, value in terms.items() if key not in FACTS})
        many = rule.bear(account_of(np.broadcast_to(budgets, costs.shape), costs, **facts))
        for draw, cost in enumerate(costs):
            one = rule.bear(account_of(budgets, cost, **facts))
            assert many.parties[draw] == pytest.approx(one.parties, abs=1e-6)
            assert {name: part[draw] for name, part in many.beside.items()} == pytest.approx(one.beside, abs=1e-6)
            borne = many.parties[draw].sum() + sum(part[draw] for part in many.beside.values())
            assert borne == pytest.approx(budgets.sum() - cost.sum(), abs=1e-3)
