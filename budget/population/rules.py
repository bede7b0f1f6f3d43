"""The rules of responsible commissioner, read from data and compiled to SQL expressions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from budget.engine.statement import Sql, quote
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml

FACTS = frozenset(
    {
        "identifier_valid", "regular", "left_without_end", "died", "has_left", "ends_before_start", "starts_later",
        "birth_unknown", "on_no_list", "registered_here", "lives_here", "flag_test_patient", "flag_overseas",
        "flag_armed_forces", "flag_prison", "flag_fp69",
    }
)  # fmt: skip
"""What ``registrations.sql`` establishes for every record, as at the snapshot."""

Outcome = Literal["unregistered", "excluded", "ended", "exported", "quarantined"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(_Part):
    """A code that the product writes itself, and what it means."""

    id: StrictStr
    about: StrictStr


class Mark(Named):
    """A rule that only writes its code where its condition holds."""

    when: StrictStr


class Rule(Mark):
    """A rule that decides: where its condition holds, the record has its outcome."""

    outcome: Outcome


class Source(_Part):
    """Where the rules are published."""

    title: StrictStr
    where: StrictStr


class CommissionerRules(_Part):
    """The rules in order.

    Attributes:
        decides: the first that holds decides.
        marks: every one that holds writes its code.
        duplicates: the code of records that lose to another of the same person.
        merged: the code of a registration that is written twice, under two identifiers of a person.
    """

    effective_from: date
    source: Source
    decides: tuple[Rule, ...]
    marks: tuple[Mark, ...]
    duplicates: Named
    merged: Named

    @classmethod
    def read(cls, path: Path) -> CommissionerRules:
        """Read a rule file.

        Raises:
            ConfigurationError: a part is missing or unknown, or a condition is not a plain expression over facts.
        """
        try:
            rules = cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}:", *faults(error)])) from None
        for rule in (*rules.decides, *rules.marks):
            _check_condition(path, rule)
        return rules

    @property
    def outcome(self) -> Sql:
        """The outcome of a record as an SQL expression; a record that no rule takes is counted."""
        return _case([(rule.when, rule.outcome) for rule in self.decides], "'counted'")

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


def _check_condition(path: Path, rule: Mark) -> None:
    unknown = _columns(path, rule) - FACTS
    if unknown:
        raise ConfigurationError(
            f"{path}: {rule.id} asks about {', '.join(sorted(unknown))}; known facts: {', '.join(sorted(FACTS))}."
        )


def _columns(path: Path, rule: Mark) -> set[str]:
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
