"""The values of packs and scenarios: dated, sourced, typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from budget.assumptions.catalogue import Parameter, Value, parameter
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.years import FinancialYear

Status = Literal["draft", "approved", "unverified"]


class Source(BaseModel):
    """Where a value was published or decided: the title, and an address or place in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: StrictStr
    where: StrictStr = ""

    def __str__(self) -> str:
        return f"{self.title}, {self.where}" if self.where else self.title


class Written(BaseModel):
    """One value as a pack writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Any
    years: Literal["all"] | tuple[str, ...] = "all"
    line: StrictStr | None = None
    place: StrictStr | None = None
    effective_from: date | None = None
    published_on: date | None = None
    source: Source
    owner: StrictStr
    status: Status
    reason: StrictStr
    low: Any = None
    high: Any = None
    range_reason: StrictStr | None = None
    set_by: StrictStr | None = None
    replaces: Any = None


@dataclass(frozen=True)
class Scope:
    """What a value holds for: one year or any, one line or all, one place or all."""

    year: FinancialYear | None = None
    line: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        parts = [f"line:{self.line}" if self.line else "", f"place:{self.place}" if self.place else ""]
        return " ".join(part for part in parts if part) or "all"


@dataclass(frozen=True)
class Entry:
    """One value of one assumption, with everything that an auditor asks about it.

    Attributes:
        low: least value that a sensitivity should try.
        high: greatest value that a sensitivity should try.
        range_reason: why these two.
        previous: the value that this one replaced.
    """

    parameter: Parameter
    scope: Scope
    value: Value
    source: Source
    owner: str
    status: Status
    reason: str
    set_by: str
    effective_from: date | None = None
    published_on: date | None = None
    low: Value | None = None
    high: Value | None = None
    range_reason: str | None = None
    previous: Value | None = None


def cite(entry: Entry) -> str:
    """How a movement or a draw names an assumption: its identifier, with the line or place it was narrowed to."""
    narrow = "/".join(part for part in (entry.scope.line, entry.scope.place) if part)
    return f"{entry.parameter.id}@{narrow}" if narrow else entry.parameter.id


def entries_of(values: Any, where: str, set_by: str) -> tuple[Entry, ...]:
    """The entries of a ``values`` section: a mapping from identifier to a list of values.

    Args:
        values: the section as read.
        where: the file, for errors.
        set_by: the pack or scenario.

    Raises:
        ConfigurationError: an unknown identifier or key, a value of the wrong type, a missing source.
    """
    for identifier, written in values.items():
        if not isinstance(written, list):
            raise ConfigurationError(f"{where}: {identifier} must be a list of values, each with years and a source.")
    return tuple(
        entry
        for identifier, written in values.items()
        for number, value in enumerate(written)
        for entry in _entries(parameter(identifier, where), value, f"{where}: {identifier}[{number}]", set_by)
    )


def _entries(known: Parameter, written: Any, where: str, set_by: str) -> tuple[Entry, ...]:
    try:
        given = Written.model_validate(written)
    except ValidationError as error:
        raise ConfigurationError(f"{where}: {'; '.join(faults(error))}") from None
    for scope in ("line", "place"):
        if getattr(given, scope) is not None and scope not in known.scopes:
            raise ConfigurationError(f"{where}: {known.id} cannot be set for one {scope}.")
    years = [None] if given.years == "all" else [_year(year, where) for year in given.years]
    value = known.read(given.value, where)
    low, high = (None if bound is None else known.read(bound, where) for bound in (given.low, given.high))
    if given.set_by is None:  # a run's record of a value may stand beside the range of the value that it replaced
        _check_range(known, value, low, high, where)
    return tuple(
        Entry(
            parameter=known,
            scope=Scope(year, given.line, given.place),
            value=value,
            source=given.source,
            owner=given.owner,
            status=given.status,
            reason=given.reason,
            set_by=given.set_by or set_by,
            previous=None if given.replaces is None else known.read(given.replaces, where),
            effective_from=given.effective_from,
            published_on=given.published_on,
            low=low,
            high=high,
            range_reason=given.range_reason,
        )
        for year in years
    )


def _check_range(known: Parameter, value: Value, low: Value | None, high: Value | None, where: str) -> None:
    for bound, least, most in (("low", low, value), ("high", value, high)):
        if isinstance(least, Decimal) and isinstance(most, Decimal) and least > most:
            raise ConfigurationError(f"{where}: the value of {known.id}, {value}, lies beyond its {bound}.")


def _year(text: str, where: str) -> FinancialYear:
    try:
        return FinancialYear.parse(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from None
