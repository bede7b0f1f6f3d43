"""Identifiers of people: which can be true, how they are hashed, and how clear ones are kept out."""

from __future__ import annotations

from budget.contracts import Column
from budget.engine import Engine
from budget.intake.raw import RawTable
from budget.intake.reading import readable
from budget.kernel.checks import CheckResult
from budget.kernel.pseudonyms import PersonId

_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_MOST_BY_CHANCE = 0.2
"""One in eleven texts of ten digits passes the check of an NHS number; more than this share is no chance."""


def valid(text: str, kind: PersonId) -> str:
    """A condition: the identifier in an expression can be somebody's. One that is missing never is.

    Args:
        text: an SQL expression of text.
        kind: what identifiers are; a supplier's pseudonyms have no check digit.
    """
    can_be = f"trim({text}) <> ''" if kind == "pseudonym" else _passes(text)
    return f"coalesce({can_be}, false)"


def pseudonym(text: str, kind: PersonId) -> str:
    """What is kept in place of the identifier in an SQL expression; needs the variable ``pseudonym_key``."""
    if kind == "pseudonym":
        return f"nullif(trim({text}), '')"
    return f"substr(sha256(getvariable('pseudonym_key') || nullif(replace({text}, ' ', ''), '')), 1, 20)"


def clear_identifiers(engine: Engine, raw: RawTable, kind: PersonId) -> list[CheckResult]:
    """Columns that hold NHS numbers where the locality says that they hold a supplier's pseudonyms.

    Pseudonyms are kept as they are, so this is asked before anything is written.

    Raises:
        RunStopped: a file cannot be read to its end.
    """
    columns = [column for column in raw.contract.supplied if column.identifier and column.name in raw.types]
    return [_clear(raw, column) for column in columns if kind == "pseudonym" and _is_clear(engine, raw, column)]


def _is_clear(engine: Engine, raw: RawTable, column: Column) -> bool:
    text = f"cast({column.name} as varchar)"
    passing = f"count(*) filter (where {_passes(text)})"
    query = f"select {passing} > {_MOST_BY_CHANCE} * count({column.name}) from {raw.relation}"
    return bool(readable(raw.contract.name, raw.mend, lambda: engine.scalar(query)))


def _clear(raw: RawTable, column: Column) -> CheckResult:
    rule = f"column {column.name} must hold pseudonyms (person_id: pseudonym); it holds NHS numbers"
    mend = f"{raw.mend}, or say person_id: nhs_number in the locality's YAML and they are hashed on entry"
    return CheckResult("intake", "I02", "fail", "failed", raw.contract.name, rule, mend=mend)


def _passes(text: str) -> str:
    """Modulus 11 check of an NHS number: ten digits, the last one the check digit."""
    digits = f"replace({text}, ' ', '')"
    total = " + ".join(
        f"{weight} * try_cast(substr({digits}, {i}, 1) as integer)" for i, weight in enumerate(_WEIGHTS, 1)
    )
    check = f"(11 - ({total}) % 11) % 11"
    return f"(regexp_full_match({digits}, '\\d{{10}}') and {check} = try_cast(substr({digits}, 10, 1) as integer))"
