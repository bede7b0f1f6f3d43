"""What a gate asks: the expectations of its suite, one for every table that they speak of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from budget.contracts import Table, input_tables, output_tables
from budget.intake.opt_out import RECORDS_OF_CARE
from budget.kernel.checks import Severity
from budget.kernel.errors import CapitationError

SUITES = Path(__file__).parent / "suites"

GATES = ("intake", "population", "segmentation", "costs", "need", "ledger", "payment", "publish", "comparison", "share")
"""One a stage, that of a comparison of two runs, and that of tables that are to be shared."""

EACH = "{table}"
"""Stands for the table in a question that is asked of several."""

_SEVERITIES: Mapping[str, Severity] = {"critical": "fail", "warning": "warn", "info": "info"}


@dataclass(frozen=True)
class Question:
    """One expectation of a suite, on one table.

    Attributes:
        gate: the gate that asks.
        check_id: identifier of the check, as in the method; also the name of its limits.
        severity: what a failure means.
        table: the table judged; ``{table}`` until it is spread over tables.
        unit: unit of the measure; ``rows`` are rows that broke the rule.
        rule: the rule in one sentence.
        mend: the file or setting to mend.
        evidence: the SELECT that measures, as a path below the gate's folder of evidence.
        metric: the column of the evidence that is judged, or shown where several are judged together.
        may_be_silent: whether a measure without a value means that there is nothing to ask.
        kind: type of the expectation, a name of Great Expectations.
        bounds: arguments of the expectation besides its column; limits are named, not written.
        of_several: whether the arguments name the columns that are judged, so that there is no one column.
        key_of: suffix of the column, where one SELECT is asked of several tables.
    """

    gate: str
    check_id: str
    severity: Severity
    table: str
    unit: str
    rule: str
    mend: str
    evidence: str
    metric: str
    may_be_silent: bool
    kind: str
    bounds: Mapping[str, Any]
    of_several: bool = False
    key_of: str = ""

    @property
    def column(self) -> str:
        """The column of the one row that Great Expectations sees."""
        return f"{self.metric}_{self.key_of}" if self.key_of else self.metric

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the limits that the expectation refers to."""
        return tuple(bound["$PARAMETER"] for bound in self.bounds.values() if isinstance(bound, dict))

    def on(self, table: str) -> Question:
        """The same question, asked of one table."""
        mend = self.mend.replace(EACH, table)
        return replace(self, table=table, mend=mend, key_of=table)

    def configuration(self) -> dict[str, Any]:
        """The expectation as Great Expectations reads it."""
        meta = {"check_id": self.check_id, "table": self.table}
        severity = next(name for name, ours in _SEVERITIES.items() if ours == self.severity)
        judged = {} if self.of_several else {"column": self.column}
        return {"type": self.kind, "severity": severity, "kwargs": {**judged, **self.bounds}, "meta": meta}


def read_suite(gate: str) -> tuple[Question, ...]:
    """The questions of a gate, as its suite writes them.

    Raises:
        CapitationError: there is no such gate.
    """
    path = SUITES / f"{gate}.json"
    if gate not in GATES:
        raise CapitationError(f"there is no gate '{gate}'; known: {', '.join(GATES)}.")
    suite = json.loads(path.read_text(encoding="utf-8"))
    return tuple(_question(gate, written) for written in suite["expectations"])


def tables_of(kind: str) -> tuple[Table, ...]:
    """The tables that a question of a kind is asked of.

    Args:
        kind: ``input``, ``keyed input``, ``record of care`` or ``cell table``, as an evidence file writes it.

    Raises:
        CapitationError: there is no such kind.
    """
    kinds: dict[str, tuple[Iterable[Table], Callable[[Table], bool]]] = {
        "input": (input_tables().values(), lambda table: True),
        "keyed input": (input_tables().values(), lambda table: bool(table.key)),
        "record of care": (input_tables().values(), lambda table: table.name in RECORDS_OF_CARE),
        "cell table": (
            output_tables().values(),
            lambda table: table.disclosure == "aggregate" and bool(people_of(table)),
        ),
    }
    if kind not in kinds:
        raise CapitationError(f"there is no kind of table '{kind}'; known: {', '.join(kinds)}.")
    tables, belongs = kinds[kind]
    return tuple(table for table in tables if belongs(table))


def people_of(table: Table) -> tuple[str, ...]:
    """The columns of a table that count people."""
    return tuple(column.name for column in table.columns if column.unit == "people")


def _question(gate: str, written: Mapping[str, Any]) -> Question:
    meta, bounds = written["meta"], dict(written["kwargs"])
    return Question(
        gate=gate,
        check_id=meta["check_id"],
        severity=_SEVERITIES[written["severity"]],
        table=meta["table"],
        unit=meta["unit"],
        rule=meta["rule"],
        mend=meta["mend"],
        evidence=meta["evidence"],
        metric=meta["observed"] if "observed" in meta else bounds.pop("column"),
        may_be_silent=meta.get("without_measure") == "not asked",
        kind=written["type"],
        bounds=bounds,
        of_several="observed" in meta,
    )
