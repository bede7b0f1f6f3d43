"""The rules of responsible commissioner, read from data and compiled to SQL expressions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budget.engine.statement import Sql, quote
from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml

FACTS = frozenset(
    {
        "identifier_valid", "regular", "left_without_end", "died", "has_left", "ends_before_start", "starts_later",
        "birth_unknown", "on_no_list", "registered_here", "lives_here", "flag_test_patient", "flag_overseas",
        "flag_armed_forces", "flag_prison", "flag_fp69",
    }
)  # fmt: skip
"""What ``registrations.sql`` establishes for every record, as at the snapshot."""

_OUTCOMES = frozenset({"unregistered", "excluded", "ended", "exported", "quarantined"})


@dataclass(frozen=True)
class Rule:
    """One rule: where its condition holds, the record has its outcome."""

    id: str
    when: str
    about: str
    outcome: str | None = None


@dataclass(frozen=True)
class CommissionerRules:
    """The rules in order; the first that holds decides, ``marks`` only write their code."""

    decides: tuple[Rule, ...]
    marks: tuple[Rule, ...]
    duplicate_id: str

    @classmethod
    def read(cls, path: Path) -> CommissionerRules:
        """Read a rule file.

        Raises:
            ConfigurationError: an unknown outcome or fact, or a condition that is not a plain expression.
        """
        written = read_yaml(path)
        decides = tuple(_rule(path, body) for body in written["decides"])
        marks = tuple(_rule(path, body) for body in written["marks"])
        for rule in decides:
            if rule.outcome not in _OUTCOMES:
                raise ConfigurationError(
                    f"{path}: {rule.id} has the outcome '{rule.outcome}'; known: {', '.join(sorted(_OUTCOMES))}."
                )
        return cls(decides, marks, str(written["duplicates"]["id"]))

    @property
    def outcome(self) -> Sql:
        """The outcome of a record as an SQL expression; a record that no rule takes is counted."""
        return _case([(rule.when, str(rule.outcome)) for rule in self.decides], "'counted'")

    @property
    def reason(self) -> Sql:
        """The code of the rule that decided, as an SQL expression; null where none did."""
        return _case([(rule.when, rule.id) for rule in self.decides], "null")

    @property
    def mark_codes(self) -> Sql:
        """A list of SQL expressions, each the code of a mark that holds, or null."""
        return Sql(", ".join(f"case when {rule.when} then {quote(rule.id)} end" for rule in self.marks))


def _case(branches: list[tuple[str, str]], otherwise: str) -> Sql:
    whens = "\n        ".join(f"when {condition} then {quote(value)}" for condition, value in branches)
    return Sql(f"case\n        {whens}\n        else {otherwise}\n    end")


def _rule(path: Path, body: dict[str, Any]) -> Rule:
    rule = Rule(str(body["id"]), str(body["when"]), str(body["about"]), body.get("outcome"))
    unknown = _columns(path, rule) - FACTS
    if unknown:
        raise ConfigurationError(
            f"{path}: {rule.id} asks about {', '.join(sorted(unknown))}; known facts: {', '.join(sorted(FACTS))}."
        )
    return rule


def _columns(path: Path, rule: Rule) -> set[str]:
    """Columns of a condition; anything but columns, and, or, not and brackets is refused."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import ParseError

    try:
        tree = parse_one(rule.when, dialect="duckdb")
    except ParseError:
        raise ConfigurationError(f"{path}: {rule.id}: '{rule.when}' is not a condition.") from None
    if not all(
        isinstance(node, exp.Column | exp.Identifier | exp.And | exp.Or | exp.Not | exp.Paren) for node in tree.walk()
    ):
        raise ConfigurationError(f"{path}: {rule.id}: a condition may hold facts, and, or, not and brackets alone.")
    return {column.name for column in tree.find_all(exp.Column)}
