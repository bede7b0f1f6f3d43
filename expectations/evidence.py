"""What a gate looks at: SELECTs that turn tables into one row of counts, shares and amounts."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from budget.contracts import Table, input_tables, output_tables
from budget.contracts import table as contract_of
from budget.engine import Engine
from budget.engine.statement import Sql, Statement, literal
from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.errors import ConfigurationError
from budget.plan import Plan
from expectations.suite import people_of, tables_of

logger = logging.getLogger(__name__)

EVIDENCE = Path(__file__).parent / "evidence"
VIEWS = "views"

Measure = int | float | None

_MOST_KEYS = 10
_HEADER = re.compile(r"^-- (needs|each|uses|reads): (.+)$", re.MULTILINE)
_PERSONAL = re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}|\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}|[0-9a-f]{16,}")
_HARMLESS_ERRORS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


@dataclass(frozen=True)
class Evidence:
    """One SELECT that measures, and what it can be asked of.

    Attributes:
        needs: the tables that it reads; without one of them it is not asked.
        each: kind of the tables that it is asked of one by one; empty where it names its tables itself.
        uses: the views that it reads, see ``View``.
    """

    statement: Statement
    needs: tuple[str, ...]
    each: str
    uses: tuple[str, ...] = ()

    @classmethod
    def read(cls, gate: str, name: str) -> Evidence:
        """The evidence of a name, from the gate's folder."""
        statement = Statement.read(EVIDENCE / gate / f"{name}.sql")
        return cls(statement, _named(statement, "needs"), "".join(_named(statement, "each")), _named(statement, "uses"))

    def of(self, table: str) -> Evidence:
        """The same SELECT, which then reads that table too."""
        return replace(self, needs=(*self.needs, table))

    def tables(self, present: Mapping[str, Path]) -> tuple[str, ...]:
        """The tables to ask one by one: those present; one empty name where the SELECT names its tables itself.

        Nothing where a table that it needs is absent.
        """
        if any(name not in present for name in self.needs):
            return ()
        if not self.each:
            return ("",)
        return tuple(table.name for table in tables_of(self.each) if table.name in present)


@dataclass(frozen=True)
class View:
    """A SELECT that several pieces of evidence share, by the name that they know it under.

    Attributes:
        reads: the tables that it reads; one that is absent has no rows there.
        uses: the views that it reads.
    """

    name: str
    statement: Statement
    reads: tuple[str, ...]
    uses: tuple[str, ...]

    @classmethod
    def read(cls, name: str) -> View:
        """The view of a name, from the folder of views."""
        statement = Statement.read(EVIDENCE / VIEWS / f"{name}.sql")
        return cls(name, statement, _named(statement, "reads"), _named(statement, "uses"))

    def make(self, engine: Engine, values: Mapping[str, Any]) -> None:
        """Work it out once in an engine, and before it the views that it reads."""
        if engine.has(self.name):
            return
        for name in self.uses:
            View.read(name).make(engine, values)
        engine.or_empty(*(contract_of(name) for name in self.reads))
        engine.step(self.name, self.statement, **values)


def _named(statement: Statement, header: str) -> tuple[str, ...]:
    """What a header of a statement names."""
    headers = dict(_HEADER.findall(statement.text))
    return tuple(part.strip() for part in headers.get(header, "").split(",") if part.strip())


def measure(engine: Engine, evidence: Evidence, table: str, values: Mapping[str, Any]) -> dict[str, Measure]:
    """Run one SELECT of evidence.

    Returns:
        Its measures by name; none at all where the SELECT could not be run. What the engine says of values
        it could not read may hold those values, so it is neither shown nor logged.

    Raises:
        ConfigurationError: the SELECT refers to a setting that the limits do not hold.
    """
    try:
        for name in evidence.uses:
            View.read(name).make(engine, values)
        rows = engine.arrow(evidence.statement, **values, **facts_of(table)).to_pylist()
    except KeyError as error:
        check_id, _, name = str(error.args[0]).partition("_")
        raise ConfigurationError(
            f"the gates' limits lack the setting {name} under where, for the check {check_id.capitalize()}."
        ) from None
    except duckdb.Error as error:
        told = str(error).splitlines()[0] if isinstance(error, _HARMLESS_ERRORS) else type(error).__name__
        logger.error("evidence could not be measured: %s", told)
        return {}
    if len(rows) != 1:
        raise ValueError(f"evidence must be one row, this is {len(rows)}: {evidence.statement.text.splitlines()[0]}")
    return {name: _plain(value) for name, value in rows[0].items()}


def offenders(engine: Engine, gate: str, check_id: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The organisation or category codes that broke a rule, ten at most; none where the check names none.

    A code that looks like a number, date or pseudonym of a person is withheld: it comes from a column that
    was filled with the wrong thing.
    """
    path = EVIDENCE / gate / "keys" / f"{check_id}.sql"
    if not path.is_file():
        return ()
    statement = Statement.read(path)
    for name in _named(statement, "uses"):
        View.read(name).make(engine, values)
    select = statement.with_values(**values)
    named = f"select distinct cast(key as varchar) as key from ({select}\n) where key is not null"
    query = f"{named} order by key limit {_MOST_KEYS}"
    keys = engine.arrow(Statement(query)).column("key").to_pylist()
    return tuple(dict.fromkeys("(withheld)" if _PERSONAL.search(key) else key for key in keys))


def facts(plan: Plan, tables: Mapping[str, Path]) -> dict[str, Any]:
    """What every SELECT of evidence may refer to: the plan, and the tables given."""
    return {
        "base_year": str(plan.base_year),
        "care_begins": plan.care_year.first_day,
        "care_ends": plan.care_year.last_day,
        "unattributed": UNATTRIBUTED,
        "budget_years": tuple(str(year) for year in plan.budget_years),
        "snapshot": plan.snapshot_date,
        "icb": plan.icb_code,
        "person_id": plan.person_id,
        "given": _given(tables),
        "identifiers": tuple(sorted(_identifiers(contract_of(name) for name in _contracted(tables)) | {"person_id"})),
    }


def _given(tables: Mapping[str, Path]) -> Sql:
    """The tables of the run as rows: name, disclosure class, whether it lies in the pack, input or output."""
    outputs = output_tables()
    rows = [
        (name, contract_of(name).disclosure, "pack" in tables[name].parts, "output" if name in outputs else "input")
        for name in _contracted(tables)
    ]
    written = ", ".join(literal(row) for row in rows)
    return Sql(f"(select * from (values {written}) as rows(table_name, disclosure, in_pack, origin))")


def _contracted(tables: Mapping[str, Path]) -> list[str]:
    known = input_tables().keys() | output_tables().keys()
    return sorted(known & tables.keys())


def _identifiers(tables: Iterable[Table]) -> set[str]:
    return {column.name for table in tables for column in table.columns if column.identifier}


def facts_of(table: str) -> dict[str, Any]:
    """What a SELECT that is asked of one table after another may refer to."""
    if not table:
        return {}
    contract = contract_of(table)
    people = people_of(contract)
    return {
        "table": Sql(table),
        "name": table,
        "key": Sql(", ".join(contract.key)),
        "identified": Sql(_identified(contract)),
        "people": Sql("[" + ", ".join(people) + "]"),
    }


def _identified(contract: Table) -> str:
    """The condition that a row names its person, where the key holds one."""
    people = [column.name for column in contract.columns if column.identifier and column.name in contract.key]
    return " and ".join(f"{name} is not null" for name in people) or "true"


def _plain(value: Any) -> Measure:
    """A measure as int or float; DuckDB's wide integers come as Decimal. What is not a finite number is no measure."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, int | float) and math.isfinite(value) else None
