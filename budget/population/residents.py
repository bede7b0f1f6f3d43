"""Residents: the two ways of handing them over that the counts could not bear, refused before anything is counted."""

from __future__ import annotations

from budget.engine import Engine
from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped

_SEVERAL_PLACES = """
select lad_code as key, count(*) as rows from areas group by lad_code having count(distinct place) > 1 order by all
"""
_UNKNOWN_DISTRICTS = """
select lad_code as key, count(*) as rows from unregistered_residents
where lad_code not in (select lad_code from areas) group by lad_code order by all
"""
_COUNTED_TWICE = """
select 'V81997' as key, count(*) as rows from registered_list
where practice_code = 'V81997' and (select count(*) from unregistered_residents) > 0
having count(*) > 0
"""


def refuse_ambiguous_residents(engine: Engine) -> None:
    """Refuse districts that cannot be joined to one place, and residents on no list who are there twice.

    Estimates and projections speak of districts. One that lies in two places would be counted in both, one that
    lies in none would be lost, and persons on no list are among the estimates of their district.

    Raises:
        RunStopped: naming the districts, never a person.
    """
    failures = [
        *_failed(
            engine,
            _SEVERAL_PLACES,
            "P31",
            "areas",
            "every district must lie in one place",
            "areas, or the places in it",
        ),
        *_failed(
            engine,
            _UNKNOWN_DISTRICTS,
            "P32",
            "unregistered_residents",
            "every district must be one of the areas",
            "unregistered_residents, or areas",
        ),
        *_failed(
            engine,
            _COUNTED_TWICE,
            "P33",
            "unregistered_residents",
            "residents on no list are persons (practice V81997) or estimates, not both",
            "unregistered_residents, or registered_list",
        ),
    ]
    if failures:
        raise RunStopped("population", tuple(failures))


def _failed(engine: Engine, query: str, check_id: str, table: str, rule: str, mend: str) -> list[CheckResult]:
    found = engine.frame(query)
    if found.empty:
        return []
    rows = int(found["rows"].sum())
    keys = tuple(found["key"])
    return [CheckResult("population", check_id, "fail", "failed", table, rule, rows_failed=rows, mend=mend, keys=keys)]
