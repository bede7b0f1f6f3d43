"""The intake stage: every raw file read, typed, pseudonymised and registered; nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from budget.contracts import Table, input_tables
from budget.engine import Engine, Select
from budget.engine.statement import Statement
from budget.intake.identifiers import clear_identifiers
from budget.intake.opt_out import in_use, set_aside
from budget.intake.presence import missing_tables
from budget.intake.raw import RawTable
from budget.intake.typed import typed_columns, violations
from budget.kernel.checks import CheckResult
from budget.kernel.errors import RunStopped
from budget.kernel.pseudonyms import PersonId, key_of
from budget.stage import Given, Stage, Written

_SQL = Path(__file__).parent / "sql"
_CONTROL_COLUMNS = (
    "amount_pence",
    "cost_pence",
    "opening_pence",
    "weighted_population",
    "patients",
    "persons",
    "people",
)
_VINTAGE_COLUMNS = ("financial_year", "year", "activity_date", "registered_on", "recorded_on")


def read_inputs(given: Given) -> Written:
    """Read every raw file into its canonical table.

    Raises:
        RunStopped: a table or column is missing, a value has the wrong type, or pseudonyms are none.
    """
    engine = given.engine
    engine.variable("pseudonym_key", key_of(given.plan.person_id))
    raw = {name: RawTable.open(engine, name, files) for name, files in given.files.items()}
    failures = [*missing_tables(set(raw)), *(fault for table in raw.values() for fault in _faults(given, table))]
    if failures:
        raise RunStopped("intake", tuple(failures))
    written: dict[str, pd.DataFrame | Select] = {
        name: _canonical(engine, table, given.plan.person_id) for name, table in raw.items()
    }
    kept = in_use(engine, raw)
    written |= {name: Select(relation, _order(raw[name].contract)) for name, relation in kept.items()}
    written["input_register"] = pd.concat(
        [table.register(_CONTROL_COLUMNS, _VINTAGE_COLUMNS) for table in raw.values()]
    )
    if {"published_weights", "practices"} <= raw.keys():
        engine.view("practice_weights", Statement.read(_SQL / "practice_weights.sql"))
        written["practice_weights"] = Select("practice_weights", ("practice_code", "financial_year", "stream"))
    written["quarantine"] = pd.concat([_invalid(engine, written), set_aside(engine, kept)], ignore_index=True)
    return written


def _faults(given: Given, raw: RawTable) -> list[CheckResult]:
    return [
        *raw.missing_columns(),
        *violations(given.engine, raw),
        *clear_identifiers(given.engine, raw, given.plan.person_id),
    ]


def _canonical(engine: Engine, raw: RawTable, kind: PersonId) -> Select:
    typed = f"select {typed_columns(raw, kind)} from {raw.relation}"
    if raw.contract.name == "person_merges":
        engine.step("merges", typed)
        engine.step("person_merges", Statement.read(_SQL / "survivors.sql"))
    else:
        engine.view(raw.contract.name, typed)
    return Select(raw.contract.name, _order(raw.contract))


def _order(contract: Table) -> tuple[str, ...]:
    """Key first, so that rows of one person lie together, then every other column: a total order."""
    rest = [name for name in contract.names if name not in contract.key]
    return (*contract.key, *rest)


def _invalid(engine: Engine, written: dict[str, pd.DataFrame | Select]) -> pd.DataFrame:
    """How many records failed their check digit; they are kept, flagged, and never counted."""
    if "registered_list" not in written:
        return pd.DataFrame({"name": [], "rule": [], "rows": []})
    rows = engine.scalar("select count(*) from registered_list where not identifier_valid")
    return pd.DataFrame([{"name": "registered_list", "rule": "check digit of the identifier", "rows": rows}])


INTAKE = Stage(
    name="intake",
    about="Read the raw files into canonical, typed tables and register every one of them.",
    reads=(),
    may_read=(),
    assumes=(),
    writes=(*input_tables(), "input_register", "quarantine", "practice_weights"),
    gate="intake",
    run=read_inputs,
)
