"""The gate: measures the tables of a stage, has the measures judged, and says what each check found."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from budget.engine import Engine
from budget.kernel.checks import CheckResult, Severity
from budget.kernel.hashing import hash_code, hash_value
from budget.plan import Plan
from expectations.client import validate, warm_up
from expectations.evidence import EVIDENCE, Evidence, Measure, facts, measure, offenders
from expectations.suite import GATES, SUITES, Question, read_suite
from expectations.thresholds import Limits
from expectations.verdict import Verdict

__all__ = ["GreatExpectationsGate", "warm_up"]

logger = logging.getLogger(__name__)

_UNMEASURED = Verdict(met=False, raised=True)


@dataclass(frozen=True)
class GreatExpectationsGate:
    """Judges tables by the suites in ``expectations/suites`` (implements ``budget.stage.Gate``).

    Attributes:
        limits: limits read so far, by file; each file is read and checked once.
    """

    limits: dict[Path, Limits] = field(default_factory=dict, repr=False, compare=False)

    def fingerprint(self, gate: str, plan: Plan) -> str:
        """Hash of a gate's suite, evidence, limits and code.

        Raises:
            ConfigurationError: the limits cannot be read.
        """
        here = Path(__file__).parent
        code = hash_code([SUITES / f"{gate}.json", EVIDENCE / gate, *sorted(here.glob("*.py"))], here)
        limits = self._limits(plan)
        held = {question.check_id: limits[question.check_id].model_dump(mode="json") for question in read_suite(gate)}
        return hash_value([code, held])

    def severities(self) -> Mapping[str, Severity]:
        """Every check that the gates know, with what its failure means."""
        return {question.check_id: question.severity for gate in GATES for question in read_suite(gate)}

    def judge(self, gate: str, tables: Mapping[str, Path], engine: Engine, plan: Plan) -> tuple[CheckResult, ...]:
        """Ask every check of a gate that the tables allow.

        Args:
            gate: name of the gate.
            tables: Parquet files by table name, read and written.
            engine: an engine in which every one of these tables is a view.
            plan: the plan of the run.

        Returns:
            One result a check and table, in the order of the suite. A check that could not be measured, or
            that raised, has failed with severity ``fail``, whatever its own severity.

        Raises:
            CapitationError: there is no such gate.
            ConfigurationError: the limits cannot be read, or do not fit the suites.
        """
        limits = self._limits(plan)
        hearing = _Hearing(gate, engine, facts(plan, tables) | limits.settings())
        questions = tuple(hearing.ask(read_suite(gate), tables))
        configurations = [question.configuration() for question in questions]
        verdicts = validate(gate, configurations, hearing.row, limits.parameters(questions)) if questions else {}
        return tuple(_result(question, verdicts, hearing, limits) for question in questions)

    def _limits(self, plan: Plan) -> Limits:
        if plan.gates not in self.limits:
            limits = Limits.read(plan.gates)
            limits.check(question for gate in GATES for question in read_suite(gate))
            self.limits[plan.gates] = limits
        return self.limits[plan.gates]


@dataclass(frozen=True)
class _Hearing:
    """One gate's look at one set of tables.

    Attributes:
        values: what SELECTs may refer to.
        row: the measures taken so far, by column.
        seen: the evidence asked so far, by name and table.
    """

    gate: str
    engine: Engine
    values: Mapping[str, Any]
    row: dict[str, Measure] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def ask(self, suite: tuple[Question, ...], tables: Mapping[str, Path]) -> Iterator[Question]:
        """Measure what the tables allow; gives the questions that there is something to say to."""
        unasked = []
        for question in suite:
            evidence = Evidence.read(self.gate, question.evidence)
            asked = evidence.tables(tables)
            if not asked:
                unasked.append(question.check_id)
            for table in asked:
                one = question.on(table) if table else question
                self._measure(one, evidence, table)
                if one.may_be_silent and self._is_silent(one):
                    unasked.append(f"{one.check_id} ({one.table})")
                else:
                    yield one
        if unasked:
            logger.info(
                "%s: not asked, for want of tables or of anything to measure: %s", self.gate, ", ".join(unasked)
            )

    def _measure(self, question: Question, evidence: Evidence, table: str) -> None:
        if (question.evidence, table) in self.seen:
            return
        self.seen.add((question.evidence, table))
        measured = measure(self.engine, evidence, table, self.values)
        suffix = f"_{table}" if table else ""
        self.row.update({f"{name}{suffix}": value for name, value in measured.items()})

    def _is_silent(self, question: Question) -> bool:
        """Whether the evidence was asked and gave no value."""
        return question.column in self.row and self.row[question.column] is None

    def offenders(self, question: Question) -> tuple[str, ...]:
        """The codes to name in a failed check."""
        return offenders(self.engine, self.gate, question.check_id, self.values)


def _result(
    question: Question, verdicts: Mapping[tuple[str, str], Verdict], hearing: _Hearing, limits: Limits
) -> CheckResult:
    observed = hearing.row.get(question.column)
    limit = limits[question.check_id]
    verdict = verdicts.get((question.check_id, question.table), _UNMEASURED) if observed is not None else _UNMEASURED
    failed = not verdict.met
    return CheckResult(
        gate=question.gate,
        check_id=question.check_id,
        severity="fail" if verdict.raised else question.severity,
        outcome="failed" if failed else "passed",
        table=question.table,
        rule=f"{question.rule} (could not be measured)" if verdict.raised else question.rule,
        observed=observed,
        threshold=limit.text(),
        rows_failed=int(observed) if failed and observed is not None and question.unit == "rows" else 0,
        mend=question.mend,
        unit=question.unit,
        least=None if limit.min is None else float(limit.min),
        most=None if limit.max is None else float(limit.max),
        keys=hearing.offenders(question) if failed and not verdict.raised else (),
    )
