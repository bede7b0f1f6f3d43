"""The pipeline in tables: stages, steps of the ledger, checks of the gates."""

from __future__ import annotations

import re
from pathlib import Path

from budget.ledger.steps import STEPS
from budget.pipeline import STAGES
from expectations.suite import GATES, Question, read_suite
from expectations.thresholds import Limits

from .markdown import grid, listed

_LIMITS = Path(__file__).resolve().parents[2] / "config" / "gates" / "default.yaml"
_CITED = re.compile(r" \([^)]*the method, [^)]*\)")


def stages() -> str:
    """The stages of the pipeline."""
    rows = [
        (str(number), f"`{stage.name}`", stage.about, listed(stage.writes)) for number, stage in enumerate(STAGES, 1)
    ]
    return grid(("", "stage", "what it does", "may write"), rows)


def steps() -> str:
    """The steps of the ledger, in order, in the words of their functions."""
    rows = [
        (str(number), f"`{step.name}`", step.title, _first_line(step.apply.__doc__))
        for number, step in enumerate(STEPS, 1)
    ]
    return grid(("", "step", "name in reports", "what it does"), rows)


def _first_line(text: str | None) -> str:
    """The first sentence of a docstring, without what it cites: the page is what it cites."""
    return _CITED.sub("", (text or "").strip().splitlines()[0])


def checks() -> str:
    """Every check of every gate with its limit."""
    limits = Limits.read(_LIMITS)
    parts = []
    for gate in GATES:
        rows = [
            (q.check_id, q.severity, _judged(q), q.rule, _limit(q, limits), limits[q.check_id].source)
            for q in read_suite(gate)
        ]
        parts.append(f"**{gate}**\n\n{grid(('check', 'severity', 'table', 'rule', 'limit', 'limit from'), rows)}")
    return "\n\n".join(parts)


def _judged(question: Question) -> str:
    return "each table" if question.table == "{table}" else f"`{question.table}`"


def _limit(question: Question, limits: Limits) -> str:
    limit = limits[question.check_id]
    where = ", ".join(f"{name} {_plain(value)}" for name, value in limit.where.items())
    return limit.text() + (f" ({where})" if where else "")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
