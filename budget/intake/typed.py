"""From raw columns to typed ones: strict casts, counted violations, keyed pseudonyms."""

from __future__ import annotations

from budget.contracts import Column
from budget.engine import Engine
from budget.engine.statement import literal
from budget.intake.identifiers import pseudonym, valid
from budget.intake.raw import RawTable
from budget.intake.reading import readable
from budget.kernel.checks import CheckResult
from budget.kernel.pseudonyms import PersonId

_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
_NESTED = ("STRUCT", "MAP", "UNION")
_WHOLE = r"[+-]?\d+"
_WRITTEN = {
    "int": "whole numbers in digits alone, without commas, decimals or a sign of money",
    "float": "numbers in digits alone, without commas or units",
    "date": "days written as 2026-04-01",
    "bool": "true or false",
}


def typed_columns(raw: RawTable, kind: PersonId) -> str:
    """The select list that turns a raw table into its canonical one.

    Args:
        raw: the raw table, already found free of violations.
        kind: what person identifiers are (``budget.kernel.pseudonyms``).
    """
    parts = [f"{_entry(raw, column, kind)} as {column.name}" for column in raw.contract.supplied]
    if any(column.name == "identifier_valid" for column in raw.contract.columns):
        # a record without an identifier is as unusable as one whose check digit fails
        parts.append(f"{valid('person_id', kind)} as identifier_valid")
    return ", ".join(parts)


def violations(engine: Engine, raw: RawTable) -> list[CheckResult]:
    """Values that are missing, of the wrong type, or outside what the contract allows, counted per column.

    One pass over the table; no value leaves the engine.

    Raises:
        RunStopped: a file cannot be read to its end.
    """
    rules = [
        (column, rule, test)
        for column in raw.contract.supplied
        if column.name in raw.types
        for rule, test in _tests(raw, column)
    ]
    if not rules:
        return []
    counts = ", ".join(f"count(*) filter (where {test}) as rule_{i}" for i, (_, _, test) in enumerate(rules))
    query = f"select {counts} from {raw.relation}"
    found = readable(raw.contract.name, raw.mend, lambda: engine.frame(query).iloc[0])
    return [
        CheckResult(
            gate="intake",
            check_id="I02",
            severity="fail",
            outcome="failed",
            table=raw.contract.name,
            rule=f"column {column.name} {rule}",
            rows_failed=int(found[f"rule_{i}"]),
            mend=raw.mend + _how_to_write(raw, column, rule),
        )
        for i, (column, rule, _) in enumerate(rules)
        if found[f"rule_{i}"]
    ]


def _how_to_write(raw: RawTable, column: Column, rule: str) -> str:
    """How text has to be written for the column's type, where that is what is wrong."""
    kind = column.type.rstrip("0123456789")
    told = raw.types[column.name] == "VARCHAR" and "of type" in rule and kind in _WRITTEN
    return f": {_WRITTEN[kind]}" if told else ""


def _tests(raw: RawTable, column: Column) -> list[tuple[str, str]]:
    typed = _cast(raw, column)
    tests = [(f"must be of type {column.type}", f"{column.name} is not null and {typed} is null")]
    if not column.nullable:
        empty = f"trim({typed}) = ''" if column.type == "string" else "false"
        tests.append(("must not be empty", f"{column.name} is null or {empty}"))
    if column.type in ("float64", "date"):
        tests.append(("must be finite", f"not isfinite({typed})"))
    if column.values:
        tests.append((f"must be one of {', '.join(column.values)}", f"{typed} not in {literal(column.values)}"))
    if column.minimum is not None:
        tests.append((f"must be at least {column.minimum}", f"{typed} < {column.minimum}"))
    if column.maximum is not None:
        tests.append((f"must be at most {column.maximum}", f"{typed} > {column.maximum}"))
    return tests


def _entry(raw: RawTable, column: Column, kind: PersonId) -> str:
    if column.name not in raw.types:
        return f"cast(null as {column.sql})"
    typed = _cast(raw, column)
    return pseudonym(typed, kind) if column.identifier else typed


def _cast(raw: RawTable, column: Column) -> str:
    """A strict cast: text that is not wholly of the type, a fraction for an integer, or a list gives null."""
    name, found = column.name, raw.types[column.name]
    if found == column.sql:
        return name
    cast = f"try_cast({name} as {column.sql})"
    if found.endswith("]") or found.startswith(_NESTED):
        return f"cast(null as {column.sql})"
    if column.type.startswith("int") and found == "VARCHAR":
        return f"case when regexp_full_match({name}, '{_WHOLE}') then {cast} end"
    if column.type.startswith("int") and found.startswith(_FRACTIONS):
        return f"case when {name} = floor({name}) then {cast} end"
    return cast
