"""Causes add up and sensitivities hold, whatever the locality and the assumptions."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from budget.assumptions.resolved import Assumptions
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.ledger.stage import LEDGER
from budget.scenario.causes import Attribution, Cause, State, attribute
from budget.scenario.compare import summed
from budget.scenario.overlay import differing, laid_over
from budget.scenario.recompute import Tables, recompute
from tests.support.given import assume, plan_of
from tests.support.localities import BASE, SEGMENTS, YEARS, Locality, localities

pytestmark = pytest.mark.integration

# a ledger takes some 100 ms to book, and a comparison books a dozen
thorough = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SEGMENT_TABLE = pd.DataFrame({"segment": list(SEGMENTS), "broad_group": [f"group {name}" for name in SEGMENTS]})


def tables_of(small: Locality) -> Tables:
    return Tables(
        {
            "baseline_lines": small.baseline,
            "segment_cost": small.costs,
            "segment_people": small.people,
            "need_weights": small.weights,
        }
    )


def ledger_of(small: Locality, assumptions: Assumptions) -> pd.Series:
    written = recompute(tables_of(small), plan_of(BASE, small.years), assumptions, (LEDGER,))
    return summed(written["budget_ledger"], SEGMENT_TABLE)


def compared(small: Locality, first: Assumptions, second: Assumptions) -> Attribution:
    """The chain of a comparison: assumptions one at a time, and the second ledger at its end."""
    states, base = [], first
    years = plan_of(BASE, small.years).budget_years
    for one in differing(first, second, years):
        base = laid_over(base, second, one.assumption)
        cause = Cause("assumption", str(one))
        try:
            states.append(State(cause, ledger_of(small, base)))
        except (RunStopped, ConfigurationError) as stop:
            states.append(State(cause, None, str(stop)))
    return attribute(ledger_of(small, first), [*states, State(None, ledger_of(small, second))])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Locality, Assumptions, Assumptions]:
    """A locality whose budgets can be set under two sets of assumptions."""
    small, other = draw(localities()), draw(localities())
    sets = [assume(dict(one.values)) for one in (small, other)]
    for assumptions in sets:
        try:
            ledger_of(small, assumptions)
        except (RunStopped, ConfigurationError):
            reject()
    return small, sets[0], sets[1]


@thorough
@given(pairs())
def test_causes_add_up_to_the_difference_to_the_penny(pair: tuple[Locality, Assumptions, Assumptions]) -> None:
    small, first, second = pair
    told = compared(small, first, second)
    expected = int(ledger_of(small, second).sum()) - int(ledger_of(small, first).sum())
    assert told.total_pence == expected == int(told.rows["difference_pence"].sum())
    assert told.total_pence == sum(told.by_kind().values())
    assert (told.rows["difference_pence"] != 0).all()


@thorough
@given(pairs())
def test_the_total_turns_its_sign_with_the_runs(pair: tuple[Locality, Assumptions, Assumptions]) -> None:
    small, first, second = pair
    there, back = compared(small, first, second), compared(small, second, first)
    assert there.total_pence == -back.total_pence
    assert {name.split(" + ")[0] for name in there.order} == {name.split(" + ")[0] for name in back.order}


@thorough
@given(localities(years=YEARS))
def test_a_run_compared_with_itself_has_no_cause(small: Locality) -> None:
    assumptions = assume(dict(small.values))
    try:
        assert compared(small, assumptions, assumptions).parts == ()
    except (RunStopped, ConfigurationError):
        return


@thorough
@given(localities(years=YEARS))
def test_budgets_set_in_memory_are_those_of_the_stage(small: Locality) -> None:
    booked = small.book()
    if (booked["pace_of_change"]["binding_rule"] == "infeasible").any():
        return
    again = recompute(tables_of(small), plan_of(BASE, small.years), assume(dict(small.values)), (LEDGER,))
    for name, table in booked.items():
        pd.testing.assert_frame_equal(table, again[name])
