"""The national data opt-out: people count, and what is on their records of care goes no further.

See decision 12 for what is kept of people who opted out, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from budget.contracts import table
from budget.engine import Engine
from budget.engine.statement import Sql, Statement
from budget.intake.raw import RawTable

RECORDS_OF_CARE = ("conditions", "activity", "patient_costs")
"""Tables of what is confidential about a person's care."""

RULE = "national data opt-out"

_SQL = Path(__file__).parent / "sql"
_FLAG = "national_opt_out"


def in_use(engine: Engine, raw: Mapping[str, RawTable]) -> dict[str, str]:
    """The relation that each table of care is written from, without the records of people who opted out.

    Args:
        engine: holds a view of every canonical table by its name.
        raw: the tables that are there.

    Returns:
        Name of the relation by table; nothing where the list says nothing of opt-outs.
    """
    if "registered_list" not in raw or _FLAG not in raw["registered_list"].types:
        return {}
    engine.or_empty(table("person_merges"))
    engine.step("opted_out", Statement.read(_SQL / "opted_out.sql"))
    kept = Statement.read(_SQL / "records_in_use.sql")
    return {name: engine.view(f"{name}_in_use", kept, records=Sql(name)) for name in RECORDS_OF_CARE if name in raw}


def set_aside(engine: Engine, relations: Mapping[str, str]) -> pd.DataFrame:
    """How many records were left out: ``name``, ``rule`` and ``rows`` of every table of ``in_use``."""
    opted_out = "person_id in (select person_id from opted_out)"
    return pd.DataFrame(
        [(name, RULE, engine.scalar(f"select count(*) from {name} where {opted_out}")) for name in relations],
        columns=["name", "rule", "rows"],
    )
