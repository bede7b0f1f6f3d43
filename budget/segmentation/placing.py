"""The person-level steps: features of a record, one segment a person, and what an earlier rule would have said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from budget.contracts import table
from budget.engine import Engine
from budget.engine.statement import Sql, Statement
from budget.plan import Plan
from budget.segmentation.compile import condition_counts, condition_filter, event_counts, event_filter, segment_case
from budget.segmentation.resolved import Resolved

SQL = Path(__file__).parent / "sql"


def place_people(engine: Engine, plan: Plan, resolved: Resolved) -> None:
    """Steps ``population``, ``segment_counts`` and ``unregistered_counts`` of a run."""
    engine.or_empty(table("person_merges"))
    _features(engine, plan, resolved, prefix="")
    base = table("population_base").names
    columns = [name for name in table("population").names if name in base]
    counted = tuple(resolved.scheme.features)
    values = _rule(resolved) | {
        "columns": Sql(", ".join(columns)),
        "base_columns": Sql(", ".join(f"base.{name}" for name in columns)),
        "features": Sql(", ".join(f"coalesce({name}, 0) as {name}" for name in counted)),
        "no_features": Sql(", ".join(f"0 as {name}" for name in counted)),
    }
    for name in ("population", "segment_counts", "unregistered_counts"):
        engine.step(name, statement(name), **values)


def replay(engine: Engine, plan: Plan, earlier: Resolved) -> None:
    """Step ``segment_churn``: who moved since an earlier run, whose people are in ``previous_population``, and why."""
    _features(engine, plan, earlier, prefix="old_")
    engine.step("moved", statement("moved"))
    features = Sql(", ".join(f"coalesce({name}, 0) as {name}" for name in earlier.scheme.features))
    for name, age in (("replayed_today", "age"), ("replayed_then", "age_then")):
        engine.step(name, statement("replayed"), **_rule(earlier), features=features, asked_age=Sql(age))
    engine.step("segment_churn", statement("segment_churn"))


def statement(name: str) -> Statement:
    """One of the room's SELECTs."""
    return Statement.read(SQL / f"{name}.sql")


def _features(engine: Engine, plan: Plan, resolved: Resolved, prefix: str) -> None:
    scheme, snapshot = resolved.scheme, plan.snapshot_date
    on_record = f"{prefix}on_record"
    engine.step(on_record, statement("on_record"), snapshot=snapshot, counted=condition_filter(scheme))
    counts = condition_counts(scheme, snapshot)
    engine.step(f"{prefix}condition_features", statement("condition_features"), counts=counts, on_record=Sql(on_record))
    window, counts = event_filter(scheme, snapshot), event_counts(scheme, snapshot)
    engine.step(f"{prefix}event_features", statement("event_features"), counts=counts, window=window)


def _rule(resolved: Resolved) -> dict[str, Any]:
    return {
        "separate": resolved.separate,
        "unregistered": resolved.scheme.unregistered.code,
        "segment": segment_case(resolved),
    }
