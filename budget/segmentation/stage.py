"""The segmentation stage: every person, registered or not, in exactly one segment."""

from __future__ import annotations

import logging
from collections.abc import Collection

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.engine import Engine, Select
from budget.kernel.checks import CheckResult
from budget.kernel.errors import refusal
from budget.plan import Plan
from budget.segmentation.compile import condition_filter
from budget.segmentation.findings import findings
from budget.segmentation.placing import place_people, replay, statement
from budget.segmentation.projection import Counted, Way
from budget.segmentation.resolved import Resolved, resolve
from budget.segmentation.scheme import Scheme
from budget.segmentation.tables import (
    codelists,
    findings_table,
    scheme_checks,
    segments,
    segments_as_found,
    summary,
)
from budget.stage import Given, Stage, Written

logger = logging.getLogger(__name__)

_BAND = ["place", "sex", "age_from"]
_DETAIL = ["place", "practice_code", "segment", "sex", "age_from"]


def assign_segments(given: Given) -> Written:
    """Place every person by the locality's scheme and count people by segment in every year of the run.

    Raises:
        ConfigurationError: the scheme cannot be read, or may not decide in a production run.
        RunStopped: a place has no projection.
    """
    if given.has("segment_population"):
        return _as_given(given.frame("segment_population"), given.plan)
    resolved = resolve(given.plan, given.assumptions)
    found = findings(resolved)
    place_people(given.engine, given.plan, resolved)
    counts = _counts(given.engine)
    people = _people(given, counts)
    return {
        "population": Select("population", ("person_id",)),
        **people,
        "segment_summary": summary(people["segment_people"], given.plan),
        "segment_detail": counts,
        "segments": segments(resolved.scheme),
        "segment_scheme": pd.DataFrame([resolved.as_row()]),
        "segment_codelists": codelists(resolved, _recorded(given.engine)),
        "segment_findings": findings_table(found),
        **_prevalence(given, resolved),
        **_churn(given),
    }


def inspect_scheme(plan: Plan, assumptions: Assumptions, inputs: Collection[str]) -> tuple[CheckResult, ...]:
    """Read the scheme before anything is computed.

    Args:
        plan: the plan of the run.
        assumptions: those that the stage declares.
        inputs: the input tables that the locality has.

    Returns:
        What there is to say of its codelists and rules; nothing where the locality counts its segments itself.

    Raises:
        ConfigurationError: the scheme cannot be read, or may not decide in a production run.
    """
    if "segment_population" in inputs:
        return ()
    resolved = resolve(plan, assumptions)
    return scheme_checks(resolved, findings(resolved))


def _as_given(totals: pd.DataFrame, plan: Plan) -> Written:
    people = _people_as_given(totals, plan)
    scheme = Scheme.read(plan.segmentation)
    return {
        "segment_people": people,
        "segment_summary": summary(people, plan),
        "segments": segments_as_found(totals["segment"], scheme),
    }


def _counts(engine: Engine) -> pd.DataFrame:
    """People of the base year by practice, segment, sex and band; estimates of the unregistered have no practice."""
    parts = [engine.frame(f"select * from {name}") for name in ("segment_counts", "unregistered_counts")]
    counted = pd.concat([part for part in parts if not part.empty] or parts[:1])
    # the estimate of a band comes in several rows
    summed = counted.groupby([*_DETAIL, "listed"], dropna=False, as_index=False)[["people", "low", "high"]].sum()
    return summed.sort_values([*_DETAIL, "listed"], ignore_index=True)


def _people(given: Given, counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """People by segment in every year, and as every other way of counting them would have it."""
    by_band = counts.groupby([*_BAND, "segment", "listed"], dropna=False, as_index=False)[
        ["people", "low", "high"]
    ].sum()
    counted = Counted(by_band, given.frame("population_growth_variants"), given.frame("list_inflation"))
    chosen = Way("none", given.assumptions.choice("population_variant"))
    return {"segment_people": counted.people(chosen), "segment_people_alternatives": counted.others(chosen)}


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


def _recorded(engine: Engine) -> dict[str, int]:
    counts = engine.frame("select condition, count(*) as people from on_record group by condition")
    return {str(row.condition): int(row.people) for row in counts.itertuples()}


def _prevalence(given: Given, resolved: Resolved) -> dict[str, pd.DataFrame]:
    """Conditions on record against what is published of them, where something is."""
    if not given.has("published_prevalence"):
        return {}
    frame = given.engine.frame(statement("condition_prevalence"), counted=condition_filter(resolved.scheme))
    return {"condition_prevalence": frame.sort_values(["place", "condition"], ignore_index=True)}


def _churn(given: Given) -> dict[str, pd.DataFrame]:
    """Who moved since the earlier run that the plan names, where it names one that placed people."""
    if not given.has("previous_population"):
        return {}
    if not given.has("previous_segment_scheme"):
        logger.warning("the earlier run kept no scheme, so it cannot be said who moved between segments")
        return {}
    earlier = Resolved.from_row(given.frame("previous_segment_scheme").iloc[0].to_dict())
    replay(given.engine, given.plan, earlier)
    keys = ["from_segment", "to_segment", "cause"]
    return {"segment_churn": given.engine.frame("select * from segment_churn").sort_values(keys, ignore_index=True)}


SEGMENTATION = Stage(
    name="segmentation",
    about="Place every person in exactly one segment and project the segments to each budget year.",
    reads=(),
    may_read=(
        "population_base",
        "population_counts",
        "population_growth_variants",
        "list_inflation",
        "conditions",
        "activity",
        "person_merges",
        "segment_population",
        "published_prevalence",
        "previous_population",
        "previous_segment_scheme",
    ),
    assumes=("older_precedence", "unreg_segment_mode", "population_variant"),
    writes=(
        "population",
        "segments",
        "segment_summary",
        "segment_detail",
        "segment_people",
        "segment_people_alternatives",
        "segment_scheme",
        "segment_codelists",
        "segment_findings",
        "segment_churn",
        "condition_prevalence",
    ),
    gate="segmentation",
    of_people=True,
    run=assign_segments,
    inspect=inspect_scheme,
)
