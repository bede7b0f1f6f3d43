"""Against the earlier run: what moved is told, and where the cause is known it is called by its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from budget.contracts import PREVIOUS
from budget.kernel.checks import CheckResult
from tests.gates.poisons import Change, both, plus, put, put_all, times
from tests.gates.tables import Judge, Tables, write_tables

pytestmark = pytest.mark.integration

Told = Callable[..., dict[str, CheckResult]]


@pytest.fixture
def told(world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge) -> Told:
    """Asks a gate of a changed world; every check by its identifier."""

    def ask(gate: str, *changes: Change) -> dict[str, CheckResult]:
        tables = dict(world)
        both(*changes)(tables)
        changed = {name: frame for name, frame in tables.items() if frame is not world[name]}
        return {check.check_id: check for check in judge(gate, paths | write_tables(changed, tmp_path / gate))}

    return ask


def _previous(column: str, value: object) -> Change:
    return put_all("previous_baseline_lines", column, value)


def test_a_movement_without_a_known_cause_has_a_size_and_no_name(told: Told) -> None:
    found = told("costs", _previous("normalised_pence", times(1 / 1.08)))
    assert found["B13n"].keys == ("Hackney +8.0%", "Newham +8.0%")
    assert found["B13"].outcome == "passed"
    assert found["B14n"].keys == ("acute +8.0%", "community +8.0%")


def test_a_larger_one_is_a_warning_as_well(told: Told) -> None:
    found = told("costs", _previous("normalised_pence", times(1 / 1.2)))
    assert found["B13"].keys == found["B13n"].keys == ("Hackney +20.0%", "Newham +20.0%")
    assert (found["B13"].severity, found["B13n"].severity) == ("warn", "info")
    assert not found["B13"].stops


def test_a_restated_baseline_is_called_that(told: Told) -> None:
    """The earlier run's base year is now a tenth less than it was then, in spend itself."""
    found = told("costs", *(_previous(name, times(1 / 0.9)) for name in ("gross_pence", "normalised_pence")))
    assert found["B17"].rows_failed == 4
    assert "Newham acute -10.0%" in found["B17"].keys
    assert found["B13n"].keys == ("Hackney -10.0%: restated baseline", "Newham -10.0%: restated baseline")
    assert found["B14n"].keys == ("acute -10.0%: restated baseline", "community -10.0%: restated baseline")


def test_a_baseline_of_another_year_is_not_restated(told: Told) -> None:
    """The earlier run began a year before, and spend has nothing to say of that year."""
    found = told(
        "costs",
        _previous("gross_pence", times(1 / 1.2)),
        put_all("previous_segment_people", "financial_year", lambda year: "2024/25"),
    )
    assert found["B17"].outcome == "passed"


def test_an_eleven_month_feed_is_called_that(told: Told) -> None:
    found = told(
        "costs",
        put_all("activity", "activity_date", lambda day: max(day, date(2025, 5, 1))),
        _previous("normalised_pence", times(1 / 0.9)),
    )
    assert found["B16"].keys == ("acute R1H: 11 months of care",)
    assert found["B14n"].keys == ("acute -10.0%: eleven-month feed", "community -10.0%")
    assert found["B13n"].keys == ("Hackney -10.0%", "Newham -10.0%: eleven-month feed")


def test_eleven_twelfths_of_the_spend_are_a_hint_of_it(told: Told) -> None:
    change = [_previous(name, times(12 / 11)) for name in ("gross_pence", "normalised_pence")]
    found = told("costs", *change, put_all("previous_segment_people", "financial_year", "2024/25"))
    assert "acute Newham: about eleven twelfths of the spend" in found["B16"].keys
    assert found["B13n"].keys == ("Hackney -8.3%: eleven-month feed", "Newham -8.3%: eleven-month feed")


def test_merged_practices_are_named_by_what_practices_say(told: Told) -> None:
    def merger(tables: Tables) -> None:
        tables["practices"] = tables["practices"].assign(successor_code=[None, None, "F84004"])
        put("previous_population_reconciliation", "practice_code", 0, "Y99999")(tables)

    found = told("population", merger)
    assert found["P28"].keys == ("Y99999 to F84004",)
    assert found["P28"].severity == "info"
    moved = told("segmentation", merger, put_all("previous_segment_summary", "people", times(0.5)))["S28"]
    assert any(key.endswith("+100.0%: merged practices") for key in moved.keys)


def test_merged_practices_are_found_by_where_their_people_are(told: Told) -> None:
    """Nobody names a successor, but most people of the practice are at one other now."""

    def closed(tables: Tables) -> None:
        put("previous_population_reconciliation", "practice_code", 0, "F84099")(tables)
        name = f"{PREVIOUS}population"
        tables[name] = tables[name].assign(practice_code=tables[name]["practice_code"].replace("F84004", "F84099"))

    assert told("population", closed)["P28"].keys == ("F84099 to F84004",)


def test_a_practice_whose_people_scattered_was_not_merged(told: Told) -> None:
    assert told("population", put("previous_population_reconciliation", "practice_code", 0, "F84099"))["P28"].keys == ()


def test_restated_weights_are_called_that(told: Told) -> None:
    changes = (
        put("previous_practice_weights", "weighted_population", 0, plus(5)),
        put_all("previous_need_weights", "need_index", times(1.05)),
        put_all("previous_pace_of_change", "allocation_pence", times(1.05)),
    )
    need, ledger = told("need", *changes), told("ledger", *changes)
    assert need["W34"].keys == ("Newham 2026/27 core",)
    assert "Newham 2026/27 -4.8%: restated weights" in need["W35"].keys
    assert "Hackney 2026/27 -4.8%" in need["W35"].keys
    assert "Newham 2026/27 -4.8%: restated weights" in ledger["C12n"].keys


def test_without_an_earlier_run_nothing_is_asked(paths: dict[str, Path], judge: Judge) -> None:
    alone = {name: path for name, path in paths.items() if not name.startswith(PREVIOUS)}
    gates = ("population", "segmentation", "costs", "need", "ledger")
    asked = {check.check_id for gate in gates for check in judge(gate, alone)}
    moving = "P28 S28 S28n B13 B13n B14 B14n B15 B15n B16 B17 W35 W35n W34 C12 C12n"
    assert not asked & set(moving.split())
