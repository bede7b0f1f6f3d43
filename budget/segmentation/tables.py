"""The small tables of a segmentation: its segments, its codelists, its scheme, what is odd about its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from budget.kernel.checks import CheckResult
from budget.plan import Plan
from budget.segmentation.codelists import Codelist
from budget.segmentation.findings import Finding
from budget.segmentation.resolved import Resolved
from budget.segmentation.scheme import Scheme

NOT_STATED = "not_stated"
"""Broad group of a segment that a locality named itself and its scheme does not have."""


def segments(scheme: Scheme) -> pd.DataFrame:
    """``segments`` of a scheme."""
    last = scheme.unregistered
    parts: list[tuple[str, str, bool, str | None]] = [
        *((part.code, part.name, False, None) for part in scheme.segments),
        (last.code, last.name, True, last.rate_from),
    ]
    frame = pd.DataFrame(parts, columns=["segment", "name", "unregistered", "rate_from"])
    return _ranked(frame, scheme)


def segments_as_found(codes: pd.Series, scheme: Scheme) -> pd.DataFrame:
    """``segments`` of a locality that named them itself, in the order of its table.

    Names and broad groups are those of the scheme, where it has the code; a code of its own is its own name.
    """
    found = codes.drop_duplicates()
    known = dict(segments(scheme)[["segment", "name"]].itertuples(index=False))
    names = [known.get(code, code) for code in found]
    frame = pd.DataFrame({"segment": found, "name": names, "unregistered": False, "rate_from": None})
    return _ranked(frame, scheme)


def _ranked(frame: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    groups = scheme.broad_groups
    broad = [groups.get(code, NOT_STATED) for code in frame["segment"]]
    return frame.assign(rank=range(1, len(frame) + 1), broad_group=broad)


def summary(people: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """``segment_summary``: people and shares of the base year."""
    base = people[people["financial_year"] == str(plan.base_year)]
    whole = base.groupby("place")["people"].transform("sum")
    return base.assign(share=base["people"] / whole)[["place", "segment", "people", "share"]]


def codelists(resolved: Resolved, recorded: Mapping[str, int]) -> pd.DataFrame:
    """``segment_codelists``: every codelist that the scheme counts.

    Args:
        resolved: the scheme in force.
        recorded: people with each codelist on record; one that is not there has nobody, a true zero.
    """
    rows = [_codelist_row(codelist, recorded.get(codelist.codelist, 0)) for codelist in resolved.codelists]
    rows += [_codelist_row(Codelist.missing(group), 0) for group in resolved.empty_groups]
    columns = ["codelist", "name", "groups", "code_system", "source", "version", "status", "change", "people"]
    return pd.DataFrame(rows, columns=columns)


def _codelist_row(codelist: Codelist, people: int) -> dict[str, Any]:
    written = codelist.model_dump() | {"groups": ";".join(codelist.groups), "people": people}
    return written | {"change": codelist.change or None}


def findings_table(found: tuple[Finding, ...]) -> pd.DataFrame:
    """``segment_findings``."""
    rows = [(finding.segment, finding.kind, finding.is_fault, finding.sentence) for finding in found]
    return pd.DataFrame(rows, columns=["segment", "kind", "fault", "finding"])


def scheme_checks(resolved: Resolved, found: tuple[Finding, ...]) -> tuple[CheckResult, ...]:
    """What the gate will say of the scheme, before anybody is counted: checks S24 and S25."""
    name = f"scheme {resolved.scheme.scheme}"
    faults = tuple(finding.segment for finding in found if finding.is_fault)
    drafts = tuple(codelist.codelist for codelist in resolved.codelists if codelist.status != "approved")
    return (
        _check("S24", name, "every codelist that the scheme counts is approved", (*drafts, *resolved.empty_groups)),
        _check("S25", name, "every rule of the scheme can place somebody", faults),
    )


def _check(check_id: str, table: str, rule: str, keys: tuple[str, ...]) -> CheckResult:
    return CheckResult(
        "segmentation",
        check_id,
        "warn",
        "failed" if keys else "passed",
        table,
        rule,
        observed=len(keys),
        threshold="at most 0",
        rows_failed=len(keys),
        mend="the segmentation scheme of the locality, or its register of codelists",
        keys=keys,
        unit="rows",
    )
