"""What a stage declares, and what it is given.

A stage is a pure function: tables and assumptions in, tables out. Its declaration gives the order, the
cache key, the lineage, the gate and the documentation; `budget.runner` reads, calls, writes and asks the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.engine import Engine, Select
from budget.kernel.checks import CheckResult, Severity
from budget.plan import Plan

EVERYTHING = ("*",)
"""What the last stage assumes: every assumption of the run."""


@dataclass(frozen=True)
class Document:
    """A file for people (workbook, page) that a stage writes beside its tables.

    Attributes:
        write: writes the file at a path; the same bytes for the same tables.
    """

    write: Callable[[Path], None]


Made = TypeVar("Made")

Written = Mapping[str, "pd.DataFrame | Select | Document"]

Inspect = Callable[[Plan, Assumptions, Collection[str]], tuple[CheckResult, ...]]
"""Looks at the plan, a stage's own assumptions and the names of the inputs before anything is computed."""


@dataclass(frozen=True)
class Given:
    """What a stage may look at: the tables it reads, the assumptions it declares, the plan of the run.

    Attributes:
        plan: locality, years and snapshot.
        assumptions: only those that the stage declares.
        tables: Parquet files by table name; a table that the locality does not have is absent.
        engine: runs SELECTs over the tables; every table is a view of the same name.
        files: raw input files by table, for intake alone.
        run_id: identifier of the run, for documents.
        checks: results of the gates passed so far, for documents.
        waivers: the waivers that the run is held to, as plain values, for documents.
    """

    plan: Plan
    assumptions: Assumptions
    tables: Mapping[str, Path]
    engine: Engine
    files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    run_id: str = ""
    checks: tuple[CheckResult, ...] = ()
    waivers: tuple[Mapping[str, Any], ...] = ()

    def has(self, name: str) -> bool:
        """Whether the locality has this table."""
        return name in self.tables

    def frame(self, name: str) -> pd.DataFrame:
        """A small table as pandas. Person tables are never read this way.

        Raises:
            KeyError: the table is not among those the stage reads, or is absent.
        """
        return pd.read_parquet(self.tables[name])

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What is made of tables alone, so that whoever asks the same tables again need not make it again.

        Args:
            what: names it, with everything else that it is made from.
            make: makes it; nobody may change it afterwards.
        """
        return make()


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline.

    Attributes:
        name: verb or noun of the method, also the name of its gate.
        about: one sentence for people.
        reads: tables it needs.
        may_read: tables it uses where the locality has them.
        assumes: identifiers of the assumptions it uses.
        writes: tables it may write.
        gate: the gate that guards what it wrote.
        run: the pure function.
        leans_on: rooms of the package, beside its own, whose code can change what it writes.
        documents: whether it writes files for people, which name the run.
        inspect: looks at the plan before anything is computed; may refuse it.
        of_people: whether its SELECTs read rows of people; where the run has a cluster, they run there.
        plan_files: properties of the plan that name files which this stage alone reads, so that it alone is computed
            anew when one of them changes.
    """

    name: str
    about: str
    reads: tuple[str, ...]
    may_read: tuple[str, ...]
    assumes: tuple[str, ...]
    writes: tuple[str, ...]
    gate: str
    run: Callable[[Given], Written]
    leans_on: tuple[str, ...] = ()
    documents: bool = False
    inspect: Inspect | None = None
    of_people: bool = False
    plan_files: tuple[str, ...] = ()


class Gate(Protocol):
    """Judges the tables that a stage has read and written."""

    def fingerprint(self, gate: str, plan: Plan) -> str:
        """Hash of the checks and thresholds of a gate: the same one gives the same verdict on the same tables."""
        ...

    def severities(self) -> Mapping[str, Severity]:
        """Every check that the gates know, with what its failure means."""
        ...

    def judge(self, gate: str, tables: Mapping[str, Path], engine: Engine, plan: Plan) -> tuple[CheckResult, ...]:
        """Ask every check of a gate that the tables allow.

        Args:
            gate: name of the gate.
            tables: Parquet files by table name, read and written.
            engine: an engine in which every one of these tables is a view.
            plan: the plan of the run.
        """
        ...
