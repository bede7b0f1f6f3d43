"""The catalogue: what each assumption means, and how a value is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.assumptions.catalogue import as_text, catalogue, parameter
from budget.kernel.errors import ConfigurationError
from budget.payment.settlement.terms import ASSUMED
from budget.pipeline import needed_assumptions

pytestmark = pytest.mark.unit


def test_every_stage_declares_known_assumptions_and_each_is_used() -> None:
    assert set(needed_assumptions()) <= set(catalogue())
    assert set(catalogue()) == set(needed_assumptions()) | set(ASSUMED), "stages or settlement use each"
    assert all(catalogue()[name].inert for name in set(ASSUMED) - set(needed_assumptions()))


@pytest.mark.parametrize("known", catalogue().values(), ids=lambda known: known.id)
def test_an_assumption_is_described(known: Any) -> None:
    assert known.about
    assert set(known.scopes) <= {"line", "place"}
    assert (known.unit == "choice") == bool(known.options)
    if known.unit in ("rate_per_year", "share", "pounds"):
        assert known.minimum is not None
        assert known.maximum is not None


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("efficiency", "efficiency_factor"), ("chioce_share", "choice_share"), ("quantum_grow", "quantum_growth")],
)
def test_an_unknown_name_is_answered_with_near_ones(wrong: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{wrong}'.*Did you mean.*{near}"):
        parameter(wrong, "--set")


def test_a_name_like_no_other_gets_no_guess() -> None:
    with pytest.raises(ConfigurationError) as stop:
        parameter("xyzzy", "pack.yaml")
    assert str(stop.value) == "pack.yaml: there is no assumption called 'xyzzy'."


@pytest.mark.parametrize(
    ("identifier", "written", "advice"),
    [
        ("efficiency_factor", 2, "a rate is a decimal: 0.02 for 2%"),
        ("efficiency_factor", "2%", "a rate is a decimal: 0.02 for 2%"),
        ("choice_share", 13, "a share is a decimal from 0 to 1: 0.13 for 13%"),
        ("investment", "10.005", "an amount is in pounds, with at most two decimals"),
        ("efficiency_factor", "nan", "outside -0.05 to 0.10"),
        ("quantum_growth", "inf", "outside -0.20 to 0.20"),
        ("choice_share", True, "must be a number"),
        ("pace_rule", "fastest", "must be one of floor_then_raise_lowest, gap_share, uniform; found 'fastest'"),
        ("simulated_activity", [1, "many"], "must be a number; found 'many'"),
        ("simulated_activity", [1, 4], "outside 0 to 3"),
    ],
)
def test_a_wrong_value_is_refused_with_advice(identifier: str, written: Any, advice: str) -> None:
    with pytest.raises(ConfigurationError) as stop:
        parameter(identifier, "test").read(written, "pack.yaml: somewhere")
    assert str(stop.value).startswith(f"pack.yaml: somewhere: {identifier}")
    assert advice in str(stop.value)


@pytest.mark.parametrize(
    ("identifier", "written", "value"),
    [
        ("efficiency_factor", "0.02", Decimal("0.02")),
        ("efficiency_factor", Decimal("-0.05"), Decimal("-0.05")),
        ("efficiency_factor", 0, Decimal(0)),
        ("uplift_combination", "additive", "additive"),
        ("choice_lines", "outpatient, acute_elective", ("outpatient", "acute_elective")),
        ("choice_lines", ["outpatient"], ("outpatient",)),
        ("simulated_activity", "1.06,0.93", (Decimal("1.06"), Decimal("0.93"))),
        ("simulated_activity", Decimal("1.06"), (Decimal("1.06"),)),
        ("investment", "1000000.25", Decimal("1000000.25")),
    ],
)
def test_a_value_is_typed_by_its_unit(identifier: str, written: Any, value: Any) -> None:
    assert parameter(identifier, "test").read(written, "test") == value


@given(st.decimals(Decimal("-0.05"), Decimal("0.10"), places=6))
def test_a_rate_is_read_exactly_and_shown_as_written(rate: Decimal) -> None:
    read = parameter("efficiency_factor", "test").read(str(rate), "test")
    assert read == rate
    assert as_text(read) == str(rate)
