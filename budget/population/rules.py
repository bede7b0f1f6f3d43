"""The rules of responsible commissioner, read from a dated table and compiled to SQL expressions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from budget.engine.statement import Sql, quote
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml

FACTS = frozenset(
    {
        "identifier_valid", "regular", "left_without_end", "died", "has_left", "ends_before_start", "starts_later",
        "birth_unknown", "on_no_list", "unknown_practice", "registered_here", "lives_here", "area_unknown",
        "flag_test_patient", "flag_overseas", "flag_armed_forces", "flag_prison", "flag_fp69", "flag_no_fixed_abode",
    }
)  # fmt: skip
"""What ``registrations.sql`` establishes for every record, as at the snapshot."""

Outcome = Literal["unregistered", "excluded", "ended", "exported", "quarantined"]
Payer = Literal["named", "at_admission", "usual", "both"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(_Part):
    """A code that the product writes itself, and what it means."""

    id: StrictStr
    about: StrictStr


class _Dated(Named):
    """A rule with the days between which it is in force; without them it always is.

    Attributes:
        since: first day, written ``from``.
        until: last day.
    """

    since: date | None = Field(default=None, alias="from")
    until: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Mark(_Dated):
    """A rule that only writes its code where its condition holds."""

    when: StrictStr


class Rule(Mark):
    """A rule that decides: where its condition holds, the record has its outcome.

    Attributes:
        commissioner: who pays for the records it exports; nothing for the ICB of their practice.
    """

    outcome: Outcome
    commissioner: StrictStr | None = None


class Case(_Dated):
    """Whose cost the care of a case is: a stay, a placement, aftercare or a dispute."""

    kind: StrictStr
    pays: Payer


class Hosted(Named):
    """The rule for lines that are there for everyone present; an assumption says which lines those are."""

    assumption: StrictStr


class Source(_Part):
    """Where the rules are published."""

    title: StrictStr
    where: StrictStr


class CommissionerRules(_Part):
    """The rules in order.

    Attributes:
        effective_from: the first day that the table speaks of.
        decides: the first that holds decides.
        marks: every one that holds writes its code.
        duplicates: the code of records that lose to another of the same person.
        merged: the code of a registration that is written twice, under two identifiers of a person.
        cases: rules for cases; where two speak of one person's care on one day, the first wins.
        hosted: the rule for lines that are not tied to persons.
    """

    effective_from: date
    source: Source
    decides: tuple[Rule, ...]
    marks: tuple[Mark, ...]
    duplicates: Named
    merged: Named
    cases: tuple[Case, ...]
    hosted: Hosted

    @classmethod
    def read(cls, path: Path) -> CommissionerRules:
        """Read a rule file, whatever the day.

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

    def on(self, day: date) -> CommissionerRules:
        """The rules in force on a day.

        Raises:
            ConfigurationError: the table begins later.
        """
        if day < self.effective_from:
            raise ConfigurationError(
                f"the rules of responsible commissioner begin on {self.effective_from}; the snapshot is {day}. "
                "Name a table that was in force in population_rules of the locality."
            )
        parts = {name: _in_force(getattr(self, name), day) for name in ("decides", "marks", "cases")}
        return self.model_copy(update=parts)

    @property
    def rule(self) -> Sql:
        """The number of the first rule that takes a record, as an SQL expression over its facts; 0 where none does."""
        whens = "\n        ".join(f"when {rule.when} then {number}" for number, rule in enumerate(self.decides, 1))
        return Sql(f"case\n        {whens}\n        else 0\n    end" if whens else "0")

    @property
    def duplicate(self) -> int:
        """The number of a record that loses to another of its person (RC9)."""
        return len(self.decides) + 1

    @property
    def written_twice(self) -> int:
        """The number of a registration that is written twice, under two identifiers."""
        return len(self.decides) + 2

    def which(self, *outcomes: str) -> tuple[int, ...]:
        """The numbers of the rules with these outcomes; 0 is the number of a record that no rule takes."""
        decided = ["counted", *(rule.outcome for rule in self.decides), "excluded", "excluded"]
        return tuple(number for number, outcome in enumerate(decided) if outcome in outcomes)

    @property
    def outcome(self) -> Sql:
        """The outcome that a rule's number stands for."""
        decided = [rule.outcome for rule in self.decides]
        return _decoded(["counted", *decided, "excluded", "excluded"])

    @property
    def reason(self) -> Sql:
        """The code that a rule's number stands for; null where no rule took the record."""
        return _decoded([None, *(rule.id for rule in self.decides), self.duplicates.id, self.merged.id])

    @property
    def named_commissioner(self) -> Sql:
        """The commissioner that the rule names which decided first; null where it names none.

        A record that then loses to another of its person keeps its payer for the days before.
        """
        return _decoded([None, *(rule.commissioner for rule in self.decides)], "judged_rule")

    @property
    def payer(self) -> Sql:
        """Who pays for a record: whom the rule names, else the ICB of the list, or of the residence for those on none.

        A list elsewhere is not the residence's to pay for, even where nobody knows whose list it is.
        """
        usual = "case when at_no_practice then resident_commissioner else registered_commissioner end"
        return Sql(f"coalesce({self.named_commissioner.text}, {usual})")

    def paid_by(self, icb: str) -> Sql:
        """Whether an ICB pays for a record."""
        return Sql(f"({self.payer.text} is not distinct from {quote(icb)})")

    @property
    def mark_numbers(self) -> Sql:
        """The marks that hold, each a binary digit of one number, as an SQL expression over a record's facts."""
        digits = (f"case when {mark.when} then {1 << place} else 0 end" for place, mark in enumerate(self.marks))
        return Sql(" + ".join(digits) or "0")

    @property
    def mark_codes(self) -> Sql:
        """A list of SQL expressions, each the code of a mark that holds, or null."""
        codes = (f"case when marks & {1 << n} <> 0 then {quote(mark.id)} end" for n, mark in enumerate(self.marks))
        return Sql(", ".join(codes) or "null")

    @property
    def words(self) -> dict[str, str]:
        """What each code of a decision means; a code of two rules has both meanings."""
        named = [*self.decides, self.duplicates, self.merged]
        codes = dict.fromkeys(rule.id for rule in named)
        return {code: "; ".join(rule.about for rule in named if rule.id == code) for code in codes}

    @property
    def case_rules(self) -> Sql:
        """The rules for cases as rows: rank, reason_code, kind, pays; where there is none, one of no kind."""
        rows = [f"({rank}, {quote(c.id)}, {quote(c.kind)}, {quote(c.pays)})" for rank, c in enumerate(self.cases, 1)]
        return Sql(", ".join(rows) or "(0, '', cast(null as varchar), 'usual')")


def _in_force(rules: Iterable[_Dated], day: date) -> tuple[_Dated, ...]:
    return tuple(rule for rule in rules if rule.in_force(day))


def _decoded(meanings: list[str | None], column: str = "rule") -> Sql:
    """What a rule's number means, it being the place in a list."""
    whens = " ".join(f"when {n} then {quote(meaning)}" for n, meaning in enumerate(meanings) if meaning is not None)
    return Sql(f"case {column} {whens} end" if whens else "cast(null as varchar)")


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
