"""What the costs gate leaves alone: providers that nobody names, small providers, money that is held out on purpose."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.checks import CheckResult
from budget.kernel.codes import UNATTRIBUTED
from tests.gates.poisons import both, put, put_all
from tests.gates.tables import Judge, Tables, write_tables

pytestmark = pytest.mark.integration


@pytest.fixture
def asked(world: Tables, paths: dict[str, Path], tmp_path: Path, judge: Judge):  # type: ignore[no-untyped-def]
    """Asks the costs gate about the small world after a change."""

    def ask(change) -> dict[str, CheckResult]:  # type: ignore[no-untyped-def]
        tables = dict(world)
        change(tables)
        changed = {name: frame for name, frame in tables.items() if frame is not world[name]}
        given = {name: path for name, path in paths.items() if name in tables} | write_tables(changed, tmp_path)
        return {check.check_id: check for check in judge("costs", given)}

    return ask


def test_invoices_are_not_asked_for_where_spend_names_no_provider(asked) -> None:  # type: ignore[no-untyped-def]
    assert "B05" not in asked(put_all("spend", "provider_code", None))


def test_a_provider_that_was_paid_without_activity_is_named(asked) -> None:  # type: ignore[no-untyped-def]
    found = asked(put("spend", "provider_code", 0, "RYY"))["B05"]
    assert (found.outcome, found.observed, found.keys) == ("failed", 1.0, ("RYY",))


def test_a_small_provider_may_miss_months(asked) -> None:  # type: ignore[no-untyped-def]
    def few(tables: Tables) -> None:
        activity = tables["activity"]
        tables["activity"] = pd.concat([activity, activity.head(30).assign(provider_code="RYY")], ignore_index=True)

    assert asked(few)["B10"].outcome == "passed"


def test_activity_of_another_year_is_missed_by_provider(asked) -> None:  # type: ignore[no-untyped-def]
    found = asked(put_all("activity", "activity_date", lambda day: date(day.year - 1, day.month, min(day.day, 28))))
    assert (found["B10"].outcome, found["B10"].keys) == ("failed", ("R1H",))


def test_spend_held_out_of_segments_is_not_orphaned(asked) -> None:  # type: ignore[no-untyped-def]
    held = both(put("segment_cost", "people", 0, 0.0), put("segment_cost", "segment", 0, UNATTRIBUTED))
    assert asked(held)["B04"].outcome == "passed"


def test_the_lines_that_jump_are_named(asked) -> None:  # type: ignore[no-untyped-def]
    found = asked(put("spend_per_head", "change_share", 0, None))["B07"]
    assert (found.outcome, found.observed, found.keys) == ("failed", 1, ("acute",))
