"""The record of the run: assumptions, checks, inputs, the meaning of columns."""

from __future__ import annotations

import pandas as pd

from budget.contracts import output_tables
from budget.report.facts import RunFacts, RunTables
from budget.report.show import number

_MARKS = {"unverified": "UNVERIFIED: check before use", "draft": "Draft: not yet approved", "approved": "Approved"}
_WORST_FIRST = {"failed": 0, "waived": 1, "passed": 2}


def assumptions(facts: RunFacts) -> pd.DataFrame:
    """Every resolved assumption with its status in words; unverified ones first."""
    frame = facts.assumptions.copy()
    frame["mark"] = frame["status"].map(_MARKS)
    frame["verified"] = frame["status"] != "unverified"
    return frame.sort_values(["verified", "name", "financial_year", "scope"], ignore_index=True)


def reissues(facts: RunFacts) -> pd.DataFrame:
    """Values of the run's years that were published on a day and replace an earlier one."""
    frame = facts.assumptions
    years = {str(year) for year in facts.budget_years} | {"any"}
    anew = frame["published_on"].notna() & frame["previous_value"].notna() & frame["financial_year"].isin(years)
    return frame[anew].sort_values(["name", "financial_year", "scope"], ignore_index=True)


def checks(facts: RunFacts) -> pd.DataFrame:
    """Every check that was asked; those that did not pass first."""
    rows = [check.as_dict() | {"keys": ", ".join(check.keys) or None} for check in facts.checks]
    columns = ["gate", "check_id", "severity", "outcome", "table", "rule", "observed", "threshold", "rows_failed"]
    frame = pd.DataFrame(rows, columns=[*columns, "keys", "mend", "waiver_id"])
    frame["observed"] = [number(value) for value in frame["observed"]]
    frame["rank"] = frame["outcome"].map(_WORST_FIRST)
    return frame.sort_values("rank", kind="stable", ignore_index=True)


def gates(facts: RunFacts) -> pd.DataFrame:
    """Counts of checks by gate and outcome, gates in the order they were asked."""
    frame = pd.DataFrame([(check.gate, check.outcome) for check in facts.checks], columns=["gate", "outcome"])
    counts = frame.groupby(["gate", "outcome"], sort=False).size().unstack(fill_value=0)
    counts = counts.reindex(columns=["passed", "failed", "waived"], fill_value=0)
    return counts.assign(asked=counts.sum(axis=1)).reset_index()


def waivers(facts: RunFacts) -> pd.DataFrame:
    """Every waiver that the run is held to, and whether it covers a warning."""
    used = {check.waiver_id for check in facts.checks}
    columns = [
        "id",
        "check",
        "used",
        "value",
        "threshold",
        "codes",
        "person",
        "role",
        "reason",
        "given_on",
        "expires_on",
    ]
    rows = [dict(held) | {"used": held["id"] in used, "codes": ", ".join(held["codes"])} for held in facts.waivers]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(value=[number(float(value)) for value in frame["value"]])


def manifest(facts: RunFacts) -> pd.DataFrame:
    """What the run was made from."""
    return pd.DataFrame(facts.record, columns=["item", "value"])


def input_register(tables: RunTables) -> pd.DataFrame:
    """Every input as it was read."""
    return tables["input_register"].sort_values("input_id", ignore_index=True)


def dictionary() -> pd.DataFrame:
    """Every column of every output table: what it is, its type and unit."""
    rows = [
        (
            table.name,
            table.about,
            column.name,
            column.about,
            column.type,
            column.unit,
            column.nullable,
            table.disclosure,
        )
        for table in output_tables().values()
        for column in table.columns
    ]
    names = ["table", "table_about", "column", "about", "type", "unit", "nullable", "disclosure"]
    return pd.DataFrame(rows, columns=names)
