"""What someone has typed over a run's assumptions, before it is a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from budget.assumptions.catalogue import Value, as_text
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.assumptions.scenario_file import Changed
from budget.assumptions.sheet import Key, key_of, rows_of
from budget.kernel.errors import ConfigurationError


@dataclass(frozen=True)
class Draft:
    """Values over those of a run.

    Attributes:
        base: the run's own values.
        changes: the entry that takes the place of each changed one.
        faults: what is wrong with those that cannot be read, as sentences.
    """

    base: Assumptions
    changes: Mapping[Key, Entry] = field(default_factory=dict)
    faults: Mapping[Key, str] = field(default_factory=dict)

    @classmethod
    def read(cls, base: Assumptions, typed: Mapping[Key, str]) -> Draft:
        """Read what was typed; what says the same as before is no change, and what names no value is left alone.

        Args:
            base: the run's own values.
            typed: text by name, year, line and place.
        """
        changes, faults = dict[Key, Entry](), dict[Key, str]()
        for entry in rows_of(base):
            key = key_of(entry)
            if key not in typed or typed[key].strip() == as_text(entry.value):
                continue
            try:
                value = _value(entry, typed[key].strip())
            except ConfigurationError as fault:
                faults[key] = str(fault)
                continue
            if value != entry.value:
                changes[key] = replace(entry, value=value, previous=entry.value, set_by="draft", status="draft")
        return cls(base, changes, faults)

    @property
    def assumptions(self) -> Assumptions:
        """The run's values with the changes in their places."""
        return Assumptions.of((*self.base.entries.values(), *self.changes.values()), layers=self.base.layers)

    def changed(self) -> tuple[Changed, ...]:
        """The changes, for a scenario's file."""
        by_key = {key_of(entry): entry for entry in rows_of(self.base)}
        return tuple(Changed(by_key[key], entry.value, "Draft") for key, entry in self.changes.items())


def beyond_range(entry: Entry, value: Value) -> str:
    """A sentence where a value lies outside the range documented for it; empty where it does not."""
    if not isinstance(value, Decimal):
        return ""
    if isinstance(entry.low, Decimal) and value < entry.low:
        return f"This is below the documented low of {as_text(entry.low)}."
    if isinstance(entry.high, Decimal) and value > entry.high:
        return f"This is above the documented high of {as_text(entry.high)}."
    return ""


def _value(entry: Entry, text: str) -> Value:
    """What a text says; a blank is a value only of a list that was empty."""
    year = str(entry.scope.year) if entry.scope.year else "All years"
    if not text and entry.value != ():
        raise ConfigurationError(f"{year}: the value of {entry.parameter.id} is missing; write it again.")
    return entry.parameter.read(text, year)
