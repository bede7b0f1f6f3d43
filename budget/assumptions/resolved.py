"""What a run knows: one value for every assumption, year and scope, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pandas as pd

from budget.assumptions.catalogue import Value, as_text
from budget.assumptions.layer import Layer
from budget.assumptions.pack import Entry, Scope
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_value
from budget.kernel.money import half_up
from budget.kernel.years import FinancialYear


@dataclass(frozen=True)
class Assumptions:
    """The resolved assumptions of a run, or the part of them that one stage declares.

    Attributes:
        entries: one entry for every identifier and scope.
        layers: the packs and scenarios that they come from, in order.
        known_on: the day as of which the run knows; None for everything in the packs.
        warnings: what whoever started the run should know of its scenarios.
    """

    entries: Mapping[tuple[str, Scope], Entry]
    layers: tuple[Layer, ...] = ()
    known_on: date | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], **origin: Any) -> Assumptions:
        """Index entries by identifier and scope; a later entry replaces an earlier one.

        Args:
            entries: the entries.
            origin: ``layers``, ``known_on`` and ``warnings``, where they are known.
        """
        return cls(MappingProxyType({(entry.parameter.id, entry.scope): entry for entry in entries}), **origin)

    def only(self, identifiers: Iterable[str]) -> Assumptions:
        """The part that a stage declares; asking it for anything else is an error."""
        wanted = frozenset(identifiers)
        return Assumptions(MappingProxyType({key: entry for key, entry in self.entries.items() if key[0] in wanted}))

    def entry(
        self, identifier: str, year: FinancialYear | None = None, *, line: str | None = None, place: str | None = None
    ) -> Entry:
        """The entry that holds for a year, line and place: the most narrowly scoped one wins.

        Raises:
            ConfigurationError: there is no value, or a line's and a place's value compete.
        """
        found = self.find(identifier, year, line=line, place=place)
        if found is None:
            raise ConfigurationError(f"{identifier} has no value for {year}; add one to an assumption pack.")
        return found

    def find(
        self, identifier: str, year: FinancialYear | None = None, *, line: str | None = None, place: str | None = None
    ) -> Entry | None:
        """As ``entry``, with None where there is no value.

        Raises:
            ConfigurationError: a line's and a place's value compete.
        """
        narrow = self._at(identifier, year, line, place)
        by_line, by_place = self._at(identifier, year, line, None), self._at(identifier, year, None, place)
        if narrow is None and line and place and by_line and by_place and by_line is not by_place:
            general = self._at(identifier, year, None, None)
            if by_line is not general and by_place is not general:
                raise ConfigurationError(
                    f"{identifier}: a value for line {line} and one for place {place} compete in {year}; "
                    "add one for the line and place together."
                )
        return narrow or by_place or by_line or self._at(identifier, year, None, None)

    def number(
        self, identifier: str, year: FinancialYear | None = None, *, line: str | None = None, place: str | None = None
    ) -> float:
        """A rate, share, index or count as float64."""
        value = self.entry(identifier, year, line=line, place=place).value
        if not isinstance(value, Decimal):
            raise TypeError(f"{identifier} is not a number")
        return float(value)

    def pence(
        self, identifier: str, year: FinancialYear | None = None, *, line: str | None = None, place: str | None = None
    ) -> int:
        """An amount in pounds as whole pence."""
        value = self.entry(identifier, year, line=line, place=place).value
        if not isinstance(value, Decimal):
            raise TypeError(f"{identifier} is not an amount")
        return half_up(value * 100)

    def choice(self, identifier: str, year: FinancialYear | None = None, *, line: str | None = None) -> str:
        """A choice, as its word."""
        value = self.entry(identifier, year, line=line).value
        if not isinstance(value, str):
            raise TypeError(f"{identifier} is not a choice")
        return value

    def words(self, identifier: str, year: FinancialYear | None = None) -> tuple[str, ...]:
        """A list of service lines."""
        value = self.entry(identifier, year).value
        return tuple(str(item) for item in value) if isinstance(value, tuple) else (str(value),)

    def numbers(self, identifier: str, year: FinancialYear | None = None) -> tuple[float, ...]:
        """A list of numbers."""
        value = self.entry(identifier, year).value
        if not isinstance(value, tuple):
            raise TypeError(f"{identifier} is not a list of numbers")
        return tuple(float(item) for item in value)

    def scoped(self, identifier: str, year: FinancialYear) -> tuple[Entry, ...]:
        """Every entry of an assumption that holds in a year, general and narrow, in a fixed order."""
        found = [
            entry for (name, scope), entry in self.entries.items() if name == identifier and scope.year in (None, year)
        ]
        narrowest = {(e.scope.line, e.scope.place): e for e in sorted(found, key=lambda e: e.scope.year is not None)}
        return tuple(narrowest[key] for key in sorted(narrowest, key=lambda key: (key[0] or "", key[1] or "")))

    def lines_with(self, identifier: str, value: Value, years: Iterable[FinancialYear]) -> frozenset[str]:
        """Service lines that are given a value by name in one of the years; what holds for all lines names none."""
        entries = [entry for year in years for entry in self.scoped(identifier, year)]
        return frozenset(entry.scope.line for entry in entries if entry.scope.line and entry.value == value)

    def digest(self) -> str:
        """Hash of identifiers, scopes, values and their ranges; the provenance of a value does not change a result."""
        return hash_value(
            sorted((name, str(scope.year), str(scope), *_drawn(e)) for (name, scope), e in self.entries.items())
        )

    def origin(self) -> dict[str, Any]:
        """Where the values come from: with the values themselves, all that a record of them says."""
        return {"layers": [layer.identity for layer in self.layers], "known_on": self.known_on}

    @property
    def latest_published(self) -> date | None:
        """The day on which the newest value was published; None where no value says when it was."""
        return max((entry.published_on for entry in self.entries.values() if entry.published_on), default=None)

    def rows(self) -> list[dict[str, Any]]:
        """Every value with its provenance, by name, year and scope; a fact that is not there is None."""
        rows = [row_of(entry) for entry in self.entries.values()]
        return sorted(rows, key=lambda row: (row["name"], row["financial_year"], row["scope"]))

    def as_table(self) -> pd.DataFrame:
        """The assumption ledger, in the columns of its contract."""
        return pd.DataFrame(self.rows())

    def as_pack(self) -> dict[str, Any]:
        """The resolved values as a pack that a later run can start from."""
        values: dict[str, list[dict[str, Any]]] = {}
        for entry in sorted(self.entries.values(), key=lambda e: (e.parameter.id, str(e.scope.year), str(e.scope))):
            values.setdefault(entry.parameter.id, []).append(_as_written(entry))
        return {"pack": "resolved", "values": values}

    def _at(self, identifier: str, year: FinancialYear | None, line: str | None, place: str | None) -> Entry | None:
        for when in (year, None):
            entry = self.entries.get((identifier, Scope(when, line, place)))
            if entry is not None:
                return entry
        return None


def _drawn(entry: Entry) -> tuple[str, str, str]:
    """What draws are made from: the value, and how far it may be off."""
    low, high = ("" if bound is None else as_text(bound) for bound in (entry.low, entry.high))
    return as_text(entry.value), low, high


def _as_written(entry: Entry) -> dict[str, Any]:
    written = {
        "value": _plain(entry.value),
        "years": [str(entry.scope.year)] if entry.scope.year else "all",
        "line": entry.scope.line,
        "place": entry.scope.place,
        "effective_from": entry.effective_from,
        "published_on": entry.published_on,
        "source": {"title": entry.source.title, "where": entry.source.where},
        "owner": entry.owner,
        "status": entry.status,
        "reason": entry.reason,
        "low": None if entry.low is None else _plain(entry.low),
        "high": None if entry.high is None else _plain(entry.high),
        "range_reason": entry.range_reason,
        "set_by": entry.set_by,
        "replaces": None if entry.previous is None else _plain(entry.previous),
    }
    return {name: value for name, value in written.items() if value is not None}


def _plain(value: Value) -> str | list[str]:
    """Numbers as text, so that no decimal is lost on the way."""
    return [str(item) for item in value] if isinstance(value, tuple) else str(value)


def row_of(entry: Entry) -> dict[str, Any]:
    """One value as the assumption ledger tells of it."""
    return {
        "name": entry.parameter.id,
        "financial_year": str(entry.scope.year) if entry.scope.year else "any",
        "scope": str(entry.scope),
        "value": as_text(entry.value),
        "unit": entry.parameter.unit,
        "effective_from": entry.effective_from,
        "published_on": entry.published_on,
        "source": str(entry.source),
        "owner": entry.owner,
        "status": entry.status,
        "reason": entry.reason,
        "low": None if entry.low is None else as_text(entry.low),
        "high": None if entry.high is None else as_text(entry.high),
        "range_reason": entry.range_reason,
        "set_by": entry.set_by,
        "previous_value": None if entry.previous is None else as_text(entry.previous),
    }
