"""States of a ledger laid out by cause."""

from __future__ import annotations

import pandas as pd
import pytest

from budget.kernel.errors import CapitationError
from budget.scenario.causes import UNRECORDED, Cause, State, attribute
from budget.scenario.compare import KEYS, between, summed

pytestmark = pytest.mark.unit

DATA, RATE, SHARE = Cause("data", "inputs"), Cause("assumption", "rate"), Cause("assumption", "share", "1 to 2")


def ledger(**pence: int) -> pd.Series:
    """A ledger of one movement a step."""
    rows = [("2025/26", step, "P", "well", "S", "line", "ICB", amount) for step, amount in pence.items()]
    return pd.DataFrame(rows, columns=[*KEYS, "pence"]).set_index(list(KEYS))["pence"]


START = ledger(baseline=100)


def test_each_cause_has_what_it_adds_to_those_before_it() -> None:
    told = attribute(START, [State(DATA, ledger(baseline=90)), State(RATE, ledger(baseline=90, efficiency=-9))])
    assert [(part.name, part.pence(), part.pence("2025/26")) for part in told.parts] == [
        ("inputs", -10, -10),
        ("rate", -9, -9),
    ]
    assert told.total_pence == -19 and told.rows["difference_pence"].sum() == -19
    assert told.rows["step"].tolist() == ["baseline", "efficiency"]
    assert told.order == ("inputs", "rate") and told.by_kind() == {"data": -10, "assumption": -9}


def test_a_state_without_a_ledger_hands_its_cause_on() -> None:
    told = attribute(START, [State(DATA, None, "it stops"), State(RATE, ledger(baseline=80)), State(SHARE, START)])
    first, second = told.parts
    assert (first.name, first.kind, first.why_together) == ("inputs + rate", "several", ("it stops",))
    assert (first.pence(), second.pence()) == (-20, 20)
    assert second.detail == "1 to 2" and second.why_together == ()


def test_one_cause_needs_no_state_of_its_own() -> None:
    """What stands alone is known even where nothing between the runs can be computed."""
    told = attribute(START, [State(None, None, "gone"), State(RATE, None, "gone"), State(None, ledger(baseline=7))])
    assert [(part.name, part.pence(), part.why_together) for part in told.parts] == [("rate", -93, ())]


def test_what_changes_nothing_is_told_where_it_has_a_name() -> None:
    told = attribute(START, [State(None, START), State(RATE, START), State(None, START)])
    assert [(part.name, part.pence()) for part in told.parts] == [("rate", 0)]
    assert told.rows.empty


def test_a_penny_without_a_cause_is_not_hidden() -> None:
    told = attribute(START, [State(None, ledger(baseline=101)), State(RATE, START)])
    assert [(part.name, part.pence()) for part in told.parts] == [(UNRECORDED, 1), ("rate", -1)]


def test_nothing_between_the_same_runs() -> None:
    told = attribute(START, [])
    assert told.parts == () and told.total_pence == 0 and told.rows.empty


def test_the_last_ledger_is_needed() -> None:
    with pytest.raises(CapitationError, match="missing"):
        attribute(START, [State(RATE, None)])


def test_a_movement_of_one_side_alone_is_a_whole_difference() -> None:
    rows = between(ledger(baseline=5), ledger(efficiency=-2))
    assert rows["difference_pence"].tolist() == [-5, -2]
    assert rows[["before_pence", "after_pence"]].to_numpy().tolist() == [[5, 0], [0, -2]]


def test_a_segment_of_no_group_is_a_group_of_its_own() -> None:
    columns = ["financial_year", "step", "place", "segment", "service_line", "commissioner", "amount_pence"]
    rows = [("2025/26", "baseline", "P", segment, "line", "ICB", pence) for segment, pence in (("S", 3), ("UNATTR", 4))]
    segments = pd.DataFrame({"segment": ["S"], "broad_group": ["well"]})
    keyed = summed(pd.DataFrame(rows, columns=columns), segments)
    assert keyed.groupby("broad_group").sum().to_dict() == {"UNATTR": 4, "well": 3}
