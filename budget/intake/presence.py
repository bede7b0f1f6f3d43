"""Which tables a run cannot do without."""

from __future__ import annotations

from budget.kernel.checks import CheckResult

_ALWAYS = ("spend",)
_WITH_A_LIST = ("practices", "areas", "conditions", "activity", "population_projection")
_WITHOUT_A_LIST = "segment_population"


def missing_tables(present: set[str]) -> list[CheckResult]:
    """The tables that are missing, each as a failed check.

    A locality hands over either person-level tables (a registered list and what belongs to it) or
    ``segment_population``, the totals by segment.
    """
    needed = list(_ALWAYS)
    if _WITHOUT_A_LIST not in present:
        needed += ["registered_list", *_WITH_A_LIST]
    return [_missing(name) for name in needed if name not in present]


def _missing(name: str) -> CheckResult:
    hint = " (or segment_population, for a locality without person-level data)" if name == "registered_list" else ""
    return CheckResult(
        gate="intake",
        check_id="I02",
        severity="fail",
        outcome="failed",
        table=name,
        rule=f"the table must be among the inputs{hint}",
        mend=f"put {name}.csv, {name}.csv.gz, {name}.parquet or a folder {name}/ of Parquet files among the inputs; "
        "a sheet is saved as CSV UTF-8",
    )
