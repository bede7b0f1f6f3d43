"""Whose records failed a check: pseudonyms alone, in files that only the owner of the run can read.

A check names organisations and counts rows, never people. Whoever has to mend a list needs to know which rows, so
every check of a person table has a SELECT of the people who broke it (``evidence/<gate>/people/<check>.sql``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from budget.contracts import table as contract_of
from budget.engine import Engine
from budget.engine.statement import Statement
from budget.kernel.checks import CheckResult
from budget.plan import Plan
from expectations.evidence import EVIDENCE, Evidence, facts, facts_of
from expectations.suite import EACH, read_suite
from expectations.thresholds import Limits

_OWNER_ALONE = 0o600
_OWNER_ALONE_ENTERS = 0o700

Identity = tuple[str, str, str]
"""Gate, check and table."""


@dataclass(frozen=True)
class SetAside:
    """The file of one failed check.

    Attributes:
        file: its name.
        people: how many people it holds.
    """

    file: str
    people: int


def identity_of(check: CheckResult) -> Identity:
    """What tells a check from all others of a run."""
    return check.gate, check.check_id, check.table


def write_quarantine(
    checks: Sequence[CheckResult],
    tables: Mapping[str, Path],
    engine: Callable[[Mapping[str, Path]], AbstractContextManager[Engine]],
    plan: Plan,
    folder: Path,
) -> dict[Identity, SetAside]:
    """Write the pseudonyms of people whose records failed, one file a check; nothing where nobody's did.

    Args:
        checks: every check of the run.
        tables: Parquet files of the run by table name, person tables included.
        engine: opens an engine over tables.
        plan: the plan of the run.
        folder: where the files go; made where there is something to write.

    Returns:
        The files by the check that they belong to.
    """
    wanted = [(check, evidence) for check in checks if (evidence := _people_of(check, tables))]
    if not wanted:
        return {}
    values = facts(plan, tables) | Limits.read(plan.gates).settings()
    read = {name: tables[name] for name in sorted({name for _, evidence in wanted for name in evidence.needs})}
    with engine(read) as opened:
        found = [(check, _pseudonyms(opened, check, evidence, values)) for check, evidence in wanted]
    kept = {identity_of(check): _write(check, people, folder) for check, people in found if len(people)}
    return dict(sorted(kept.items()))


def people_select(gate: str, check_id: str) -> Path:
    """Where the SELECT of the people who broke a check lies."""
    return EVIDENCE / gate / "people" / f"{check_id}.sql"


def _people_of(check: CheckResult, tables: Mapping[str, Path]) -> Evidence | None:
    """The SELECT of a failed check's people; nothing where it has none, or the run lacks the table."""
    if check.outcome == "passed" or not people_select(check.gate, check.check_id).is_file():
        return None
    evidence = Evidence.read(check.gate, f"people/{check.check_id}")
    if evidence.each:
        evidence = evidence.of(check.table)
    of_people = not evidence.each or names_people(check.table)
    return evidence if of_people and all(name in tables for name in evidence.needs) else None


def names_people(table: str) -> bool:
    """Whether a table has rows of persons, each under an identifier."""
    contract = contract_of(table)
    return contract.disclosure == "person" and "person_id" in contract.names


def _pseudonyms(engine: Engine, check: CheckResult, evidence: Evidence, values: Mapping[str, Any]) -> pa.Table:
    named = evidence.statement.with_values(**values, **facts_of(check.table if evidence.each else ""))
    query = f"select distinct person_id from ({named}\n) where person_id is not null order by person_id"
    return engine.arrow(Statement(query))


def _write(check: CheckResult, people: pa.Table, folder: Path) -> SetAside:
    folder.mkdir(mode=_OWNER_ALONE_ENTERS, parents=True, exist_ok=True)
    name = f"{check.check_id}-{check.table}" if _is_spread(check) else check.check_id
    path = folder / f"{name}.parquet"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE), "wb") as file:
        pq.write_table(people, file, compression="zstd")
    return SetAside(path.name, len(people))


def _is_spread(check: CheckResult) -> bool:
    """Whether the check is asked of several tables."""
    return any(q.check_id == check.check_id and q.table == EACH for q in read_suite(check.gate))
