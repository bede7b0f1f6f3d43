"""Agreements: read strictly, without contradictions or overlap, and planned to the penny."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import write_yaml
from budget.kernel.years import FinancialYear
from budget.payment.agreements import (
    OUTSIDE,
    Agreement,
    Known,
    commissioner_money,
    contract_measures,
    contract_plans,
    contract_terms,
    findings,
    party_lines,
    read_agreements,
    uncontracted_lines,
)
from budget.payment.forms import Together

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
MEASURES = [
    {
        "id": "response",
        "title": "Response",
        "floor": 0.6,
        "target": 0.8,
        "weight": 0.6,
        "better": "higher",
        "source": "x",
    },
    {"id": "days", "title": "Days", "floor": 9, "target": 5, "weight": 0.4, "better": "lower", "source": "x"},
]
OTHER = {"gain_share": 0.6, "deadband": 0.02, "cap": 0.05, "basis": "excess"}
SHARED: dict[str, Any] = {"share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "first_dollar"}
TOLERANT = {"id": "F02", "parameters": {"tolerance": 0.02, "share": 0.5}}


def sharing(base: dict[str, Any], **more: object) -> dict[str, Any]:
    """A payment over which a gain and loss share is laid."""
    return {**base, "adjusted_by": [{"id": "F13", "parameters": SHARED | more}]}


WRITTEN: dict[str, Any] = {
    "contract": "alliance",
    "title": "An alliance",
    "about": "Two trusts.",
    "purpose": "Care at home.",
    "status": "draft",
    "source": {"title": "A paper", "where": "here"},
    "starts_on": date(2026, 4, 1),
    "years": 2,
    "scope": {"places": "all", "lines": ["community", "acute"]},
    "commissioners": ["QXX"],
    "form": {"id": "C2"},
    "parties": [
        {
            "party": "RA",
            "role": "provider",
            "payment": {
                "id": "F10",
                "adjusted_by": [{"id": "F12", "parameters": {"share": 0.025}}],
                "lines": {"acute": {"id": "F02", "parameters": {"tolerance": 0.02, "share": 0.5}}},
            },
            "in_force": {"id": "F01"},
            "cost": {"fixed": 0.4, "stepped": 0.1, "step": 0.05},
            "can_bear": 1000.5,
        },
        {"party": "RB", "role": "provider", "payment": {"id": "F01"}, "can_bear": 10},
    ],
    "outcomes": {"share": 0.025, "maximum_share": 0.2, "measures": MEASURES},
    "gain_loss": {"deadband": 0.02, "share": 0.5, "cap": 0.05, "basis": "excess", "expected_basis": "plan"},
}

BUDGET = pd.DataFrame(
    [
        ("2026/27", "A", "OA", "community", "QXX", 5, 101),
        ("2026/27", "A", "AMW", "community", "QXX", 0, 50),
        ("2026/27", "A", "AMW", "community", "NHSE", 0, 20),
        ("2026/27", "A", "AMW", "acute", "QXX", 10, 990),
        ("2026/27", "B", "AMW", "community", "QXX", 0, 77),
        ("2026/27", "B", "AMW", "pharmacy", "QXX", 0, 33),
        ("2027/28", "A", "OA", "community", "QXX", 0, 9_999),
    ],
    columns=["financial_year", "place", "segment", "service_line", "commissioner", "incentive_pence", "core_pence"],
)
ACTIVITY = pd.DataFrame(
    [
        ("A", "community", "RA", True, 10.0, 200),
        ("A", "community", "RB", True, 20.0, 100),
        ("A", "community", "RC", True, 5.0, 100),
        ("A", "community", "FAR", False, 9.0, 900),
        ("A", "acute", "RA", True, 8.0, 700),
        ("B", "pharmacy", "RC", True, 3.0, 30),
    ],
    columns=["place", "service_line", "provider_code", "local", "units", "cost_pence"],
)
KNOWN = Known.of(BUDGET, ACTIVITY)


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The agreement with one value changed; ``KeyError`` as the value leaves the key out."""
    written = copy.deepcopy(WRITTEN)
    at: Any = written
    for key in path[:-1]:
        at = at[key]
    if to is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return written


def read(folder: Path, *contracts: dict[str, Any], known: Known | None = KNOWN) -> tuple[Agreement, ...]:
    for number, written in enumerate(contracts):
        write_yaml(folder / f"{number}.yaml", written)
    return read_agreements(folder, known)


@pytest.fixture
def agreement(tmp_path: Path) -> Agreement:
    return read(tmp_path, WRITTEN)[0]


def test_an_agreement_as_written(agreement: Agreement) -> None:
    payment = agreement.party("RA").payment
    assert payment is not None and isinstance(payment.form("community"), Together)
    assert payment.form("community").id == "F10+F12"
    assert payment.form("acute").id == "F02"
    assert agreement.party("RA").capacity_pence == 1000_50
    assert agreement.party("RA").cost is not None and agreement.party("RA").cost.variable == pytest.approx(0.5)
    assert (agreement.ends_before, agreement.contract_form().id) == (date(2028, 4, 1), "C2")
    years = [FinancialYear.parse(year) for year in ("2025/26", "2026/27", "2027/28", "2028/29")]
    assert [agreement.covers(year) for year in years] == [False, True, True, False]
    assert findings([agreement]) == ()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (changed("party", to=1), "party: Extra inputs"),
        (changed("purpose", to=""), "purpose"),
        (changed("scope", "line", to=["community"]), "scope.line: Extra inputs"),
        (changed("scope", "lines", to=["acute", "dentistry"]), "scope.lines names dentistry; known: acute, c"),
        (changed("scope", "places", to=["Z"]), "scope.places names Z"),
        (changed("scope", "segments", to=["U5"]), "scope.segments names U5"),
        (changed("commissioners", to=["QYY"]), "commissioners names QYY"),
        (changed("parties", 1, "party", to="FAR"), "parties names FAR; known: RA, RB, RC"),
        (changed("parties", 1, "party", to="RA"), "RA is there twice"),
        (changed("parties", 1, "role", to="lead"), "nobody leads under C2"),
        (changed("form", to={"id": "C3a"}), "one party must have the role lead"),
        (changed("form", to={"id": "C7"}), "every commissioner of a pooled fund is a party"),
        (changed("form", to={"id": "C77"}), "form: there is no form 'C77'"),
        (changed("form", "parameters", to={"share": 1}), "form: C2 has no parameter share"),
        (changed("parties", 1, "payment", to={"id": "F02"}), "parties: RB: payment: F02 lacks tolerance, share"),
        (changed("parties", 1, "payment", to=KeyError), "RB: a provider or lead needs a payment"),
        (changed("parties", 0, "payment", "adjusted_by", 0, "id", to="F01"), "F01 has no parameter share"),
        (changed("parties", 0, "payment", "adjusted_by", to=[{"id": "F01"}]), "F01 cannot adjust"),
        (changed("parties", 0, "payment", "lines", to={"pharmacy": {"id": "F01"}}), "lines names pharmacy"),
        (changed("parties", 0, "cost", "fixed", to=0.95), "fixed and stepped cost are more than all cost"),
        (changed("parties", 0, "cost", "step", to=KeyError), "stepped cost needs the step"),
        (changed("parties", 0, "can_bear", to="a lot"), "a number is wanted"),
        (changed("parties", 0, "in_force", to={"id": "F18", "parameters": {"share": 2}}), "RA: in_force: F18: share"),
        (changed("outcomes", to=KeyError), "F12 is earned by outcomes; the contract has none"),
        (changed("outcomes", "share", to=0.05), "F12: share is not that of outcomes"),
        (changed("outcomes", "measures", 1, "id", to="response"), "an id is there twice"),
        (changed("outcomes", "measures", 1, "better", to="higher"), "days: higher is better"),
        (changed("form", to={"id": "C5", "parameters": {"share": 0.1}}), "form: share is not that of outcomes"),
        (changed("form", to={"id": "C9", "parameters": OTHER}), "form: gain_share is not that of gain_loss"),
        (changed("starts_on", to="soon"), "starts_on"),
        (changed("parties", 1, "payment", to=sharing({"id": "F01"})), "RB: payment: F13 shares what gain_loss"),
        (changed("parties", 1, "payment", to=sharing({"id": "F01"}, borne_by="payer")), "cost is borne by paid"),
        (changed("parties", 1, "payment", to=sharing({"id": "F20"}, borne_by="paid")), "cost is borne by payer"),
        (changed("parties", 1, "payment", to=sharing(TOLERANT)), "F13 over F02: say who bears cost"),
        (changed("parties", 1, "in_force", to={"id": "F13", "parameters": SHARED}), "RB: F13 pays for no care"),
    ],
)  # fmt: skip
def test_what_is_written_wrong_is_refused_by_file_and_key(tmp_path: Path, written: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, written)
    assert told in str(refused.value)
    assert "0.yaml" in str(refused.value)


def test_two_contracts_do_not_hold_the_same_money(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="alliance and other both hold"):
        read(tmp_path, WRITTEN, changed("contract", to="other"))


def test_gain_and_loss_are_shared_once_whoever_says_so(tmp_path: Path) -> None:
    written = changed("parties", 1, "payment", to=sharing({"id": "F01"}))
    del written["gain_loss"]
    (agreement,) = read(tmp_path, written)
    payment = agreement.party("RB").payment
    assert payment is not None
    (share,) = payment.form().adjustments  # type: ignore[union-attr]
    assert share.borne_by == "paid"  # type: ignore[attr-defined]
    parameters = {"gain_share": 0.5, "deadband": 0.02, "cap": 0.05, "basis": "first_dollar"}
    with pytest.raises(ConfigurationError, match="F13 shares what form C9 of the contract shares"):
        read(tmp_path, written | {"form": {"id": "C9", "parameters": parameters}})


def test_one_prime_provider_holds_the_money_for_choice(tmp_path: Path) -> None:
    prime = changed("parties", 0, "role", to="lead") | {"form": {"id": "C6"}}
    other = copy.deepcopy(prime) | {"contract": "other"}
    other["parties"] = [other["parties"][0] | {"party": "RC"}]
    with pytest.raises(ConfigurationError, match="prime providers of alliance and other both hold"):
        read(tmp_path, prime, other)
    assert len(read(tmp_path, prime, other | {"starts_on": date(2028, 4, 1)})) == 2


@pytest.mark.parametrize(
    "apart",
    [
        changed("scope", "lines", to=["pharmacy"]) | {"parties": [WRITTEN["parties"][1]], "outcomes": None},
        changed("parties", to=[WRITTEN["parties"][1] | {"party": "RC"}]),
        changed("starts_on", to=date(2028, 4, 1)),
    ],
)
def test_contracts_apart_by_line_party_or_time_stand_side_by_side(tmp_path: Path, apart: dict[str, Any]) -> None:
    assert len(read(tmp_path, WRITTEN, apart | {"contract": "other"})) == 2


def test_a_contract_is_there_once_and_a_folder_holds_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no contracts"):
        read_agreements(tmp_path)
    with pytest.raises(ConfigurationError, match=r"alliance is there twice \(0.yaml, 1.yaml\)"):
        read(tmp_path, WRITTEN, WRITTEN)


def test_what_a_reader_should_know(tmp_path: Path) -> None:
    written = changed("outcomes", "maximum_share", to=0.02)
    written["outcomes"]["measures"] = [MEASURES[0] | {"id": f"m{n}", "weight": 0.1} for n in range(11)]
    del written["parties"][1]["can_bear"]
    said = findings(read(tmp_path, written))
    assert [sentence.split(": ", 1)[1].split(";")[0].split(" (")[0] for sentence in said] == [
        "the weights of its measures add up to 1.1, not to 1.",
        "11 measures",
        "outcomes earn 2.5% of the payment",
        "RB does not say what it can lose in a year",
    ]


def test_the_contract_s_money_is_shared_by_cost_to_the_penny(agreement: Agreement) -> None:
    plan = party_lines(agreement, BUDGET, ACTIVITY).set_index(["party", "service_line"])
    # of community's 156 pence in A, whose care cost 2:1:1, and 77 in B, where no local provider works
    assert plan["budget_pence"].to_dict() == {
        ("RA", "acute"): 1000,
        ("RA", "community"): 78,
        ("RB", "community"): 39,
        (OUTSIDE, "community"): 39 + 77,
    }
    # the other commissioner's 20 of 176 pence buy the rest of the units
    assert plan.loc[("RA", "community"), "units"] == pytest.approx(10 * 156 / 176)
    assert plan.loc[("RA", "acute"), "price_pence"] == 125
    assert commissioner_money(agreement, BUDGET).to_dict("records") == [
        {"commissioner": "QXX", "contribution_pence": 1233}
    ]
    assert plan["budget_pence"].sum() == 1233
    later = party_lines(agreement, BUDGET, ACTIVITY, "2027/28")
    assert later["budget_pence"].sum() == 9_999


def test_a_contract_for_some_segments_holds_their_part(tmp_path: Path) -> None:
    (one,) = read(tmp_path, changed("scope", "segments", to=["OA"]))
    plan = party_lines(one, BUDGET, ACTIVITY)
    assert plan["budget_pence"].sum() == 106
    assert plan.loc[plan["party"] == "RB", "units"].item() == pytest.approx(20 * 106 / 176)


def test_contracts_and_what_is_in_none_are_the_budget_of_local_providers(agreement: Agreement) -> None:
    rest = uncontracted_lines([agreement], BUDGET, ACTIVITY)
    held = party_lines(agreement, BUDGET, ACTIVITY).query("party != @OUTSIDE")["budget_pence"].sum()
    of_local_providers = 176 + 1000 + 33
    assert abs(held + rest["budget_pence"].sum() - of_local_providers) <= 1
    whole = uncontracted_lines([], BUDGET, ACTIVITY)
    assert whole["budget_pence"].sum() == of_local_providers
    assert whole.set_index("party").loc["RC", "budget_pence"].to_list() == [44, 33]


def test_agreements_as_tables(agreement: Agreement) -> None:
    terms = contract_terms([agreement]).set_index("party")
    assert terms.loc["RA", "payment"] == "F10 + F12 (share 0.025); acute: F02 (tolerance 0.02, share 0.5)"
    assert terms.loc["RA", "capacity_pence"] == 1000_50
    assert contract_measures([agreement])["weight"].tolist() == [0.6, 0.4]
    assert list(contract_measures([])) and contract_measures([]).empty
    assert contract_plans([agreement], BUDGET, ACTIVITY)["budget_pence"].sum() == 1233


def test_the_shipped_contracts_of_east_london_are_sound() -> None:
    agreements = read_agreements(ROOT / "config/contracts/east_london")
    assert {one.form.id for one in agreements} == {"C1", "C2", "C7", "C9"}
    assert {one.status for one in agreements} == {"illustrative"}
    assert findings(agreements) == ()
    assert all(party.in_force and party.can_bear for one in agreements for party in one.providers)
