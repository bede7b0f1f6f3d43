"""The segmentation stage: every person, registered or not, in exactly one segment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.contracts import table
from budget.engine import Engine, Select
from budget.engine.statement import Sql, Statement
from budget.kernel.errors import refusal
from budget.plan import Plan
from budget.segmentation.compile import condition_counts, event_counts, event_filter, segment_case
from budget.segmentation.scheme import Scheme
from budget.stage import Given, Stage, Written

_SQL = Path(__file__).parent / "sql"


def assign_segments(given: Given) -> Written:
    """Place every person by the locality's scheme and count people by segment in every year of the run.

    Raises:
        ConfigurationError: the scheme cannot be read.
        RunStopped: a place has no projection.
    """
    if given.has("segment_population"):
        totals = given.frame("segment_population")
        people = _people_as_given(totals, given.plan)
        return {
            "segment_people": people,
            "segment_summary": _summary(people, given.plan),
            "segments": _as_found(totals),
        }
    scheme = Scheme.read(given.plan.segmentation)
    _place_people(given.engine, given.plan, scheme, given.assumptions)
    people = _project(given.engine, given.frame("population_growth"))
    return {
        "population": Select("population", ("person_id",)),
        "segment_people": people,
        "segment_summary": _summary(people, given.plan),
        "segments": _segments(scheme),
    }


def _place_people(engine: Engine, plan: Plan, scheme: Scheme, assumptions: Assumptions) -> None:
    engine.or_empty(table("person_merges"))
    snapshot = plan.snapshot_date
    choices = {"older_precedence": assumptions.choice("older_precedence")}
    counted = [name for name, feature in scheme.features.items() if feature.count_conditions or feature.count_events]
    values: dict[str, Any] = {
        "snapshot": snapshot,
        "separate": assumptions.choice("unreg_segment_mode") == "separate",
        "unregistered": scheme.unregistered.code,
        "segment": segment_case(scheme, choices),
        "features": Sql(", ".join(f"coalesce({name}, 0) as {name}" for name in counted)),
        "no_features": Sql(", ".join(f"0 as {name}" for name in counted)),
    }
    conditions, events = Statement.read(_SQL / "condition_features.sql"), Statement.read(_SQL / "event_features.sql")
    engine.step("condition_features", conditions, counts=condition_counts(scheme), snapshot=snapshot)
    engine.step("event_features", events, counts=event_counts(scheme, snapshot), window=event_filter(scheme, snapshot))
    for name in ("population", "segment_counts", "unregistered_counts"):
        engine.step(name, Statement.read(_SQL / f"{name}.sql"), **values)


def _project(engine: Engine, growth: pd.DataFrame) -> pd.DataFrame:
    """People by year, place and segment: each band grows as the projection says for its place, sex and ages.

    Raises:
        RunStopped: a place has no projection.
    """
    order = "order by place, segment, sex, age_from, people"
    counts = pd.concat(
        [engine.frame(f"select * from {name} {order}") for name in ("segment_counts", "unregistered_counts")]
    )
    keys = ["place", "sex", "age_from"]
    joined = counts.merge(growth, on=keys, how="left", validate="many_to_many")
    _refuse_gaps(joined)
    joined["people"] = joined["people"] * joined["growth_index"]
    return joined.groupby(["financial_year", "place", "segment"], as_index=False)["people"].sum()


def _refuse_gaps(joined: pd.DataFrame) -> None:
    missing = joined[joined["growth_index"].isna()]
    if not missing.empty:
        raise refusal(
            "segmentation",
            "S31",
            table="population_projection",
            rule="every place, sex and age band with people needs a projection for the base year and each budget year",
            rows_failed=len(missing),
            mend="population_projection, or the areas that join its districts to places",
            keys=tuple(sorted(set(missing["place"]))),
        )


def _people_as_given(given: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """People of a locality that knows only totals: the base year, and the one budget year it projected."""
    if len(plan.budget_years) != 1:
        raise refusal(
            "segmentation",
            "S32",
            table="segment_population",
            rule="projected_people speaks of one budget year, so the run can set only one",
            mend="budget_years in the locality's YAML",
        )
    base = given.assign(financial_year=str(plan.base_year))
    later = given.assign(financial_year=str(plan.budget_years[0]), people=given["projected_people"])
    columns = ["financial_year", "place", "segment", "people"]
    return pd.concat([base, later])[columns].sort_values(columns[:3], ignore_index=True)


def _segments(scheme: Scheme) -> pd.DataFrame:
    last = scheme.unregistered
    parts: list[tuple[str, str, bool, str | None]] = [
        *((part.code, part.name, False, None) for part in scheme.segments),
        (last.code, last.name, True, last.rate_from),
    ]
    frame = pd.DataFrame(parts, columns=["segment", "name", "unregistered", "rate_from"])
    return frame.assign(rank=range(1, len(parts) + 1))


def _as_found(totals: pd.DataFrame) -> pd.DataFrame:
    """The segments of a locality that named them itself, in the order of its table."""
    codes = totals["segment"].drop_duplicates()
    frame = pd.DataFrame({"segment": codes, "name": codes, "unregistered": False, "rate_from": None})
    return frame.assign(rank=range(1, len(codes) + 1))


def _summary(people: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    base = people[people["financial_year"] == str(plan.base_year)]
    whole = base.groupby("place")["people"].transform("sum")
    return base.assign(share=base["people"] / whole)[["place", "segment", "people", "share"]]


SEGMENTATION = Stage(
    name="segmentation",
    about="Place every person in exactly one segment and project the segments to each budget year.",
    reads=(),
    may_read=(
        "population_base",
        "population_counts",
        "population_growth",
        "conditions",
        "activity",
        "person_merges",
        "segment_population",
    ),
    assumes=("older_precedence", "unreg_segment_mode"),
    writes=("population", "segments", "segment_summary", "segment_people"),
    gate="segmentation",
    run=assign_segments,
)
