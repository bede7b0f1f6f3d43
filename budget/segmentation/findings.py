"""What is odd about a scheme's rules: those that place nobody, and those whose rank does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from budget.kernel.errors import ConfigurationError
from budget.segmentation.compile import rules
from budget.segmentation.reach import Person, Reach
from budget.segmentation.resolved import Resolved
from budget.segmentation.rule import Connection, Constant, Rule

Kind = Literal["never", "shadowed", "apart"]


@dataclass(frozen=True)
class Finding:
    """Something to know about one segment.

    Attributes:
        kind: ``never`` nobody meets the rule; ``shadowed`` whoever meets it was placed before; ``apart`` nobody who
            meets it meets a later rule, so its rank does not matter.
        sentence: the same for people.
    """

    segment: str
    kind: Kind
    sentence: str

    @property
    def is_fault(self) -> bool:
        """Whether the rule places nobody."""
        return self.kind != "apart"


def findings(resolved: Resolved) -> tuple[Finding, ...]:
    """Every finding about a scheme, exact for its grammar, in order of precedence.

    Raises:
        ConfigurationError: a condition cannot be read, or somebody would be in no segment.
    """
    ranked = rules(resolved)
    reach = Reach.of(resolved.scheme, (rule for _, rule in ranked))
    forgotten = reach.someone(Constant(True), [rule for _, rule in ranked])
    if forgotten is not None:
        raise ConfigurationError(
            f"scheme {resolved.scheme.scheme}: somebody would be in no segment ({_words(forgotten)}); "
            "let the last rule hold for everyone who is left."
        )
    return tuple(_findings(ranked, reach))


def _findings(ranked: tuple[tuple[str, Rule], ...], reach: Reach) -> Iterator[Finding]:
    for rank, (code, rule) in enumerate(ranked):
        before = [earlier for _, earlier in ranked[:rank]]
        after = [later for _, later in ranked[rank + 1 :]]
        if reach.someone(rule, []) is None:
            yield Finding(code, "never", f"{code}: nobody can meet this rule.")
        elif reach.someone(rule, before) is None:
            yield Finding(code, "shadowed", f"{code}: whoever meets this rule is placed by an earlier one.")
        elif after and all(reach.someone(Connection(rule, later, both=True), []) is None for later in after):
            yield Finding(code, "apart", f"{code}: nobody who meets this rule meets a later one; its rank is free.")


def _words(person: Person) -> str:
    known = {name: value for name, value in person.items() if value is not None and (value or name == "age")}
    return ", ".join(f"{name} {value}" for name, value in known.items()) or "age missing"
