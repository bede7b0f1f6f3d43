"""Packs and scenarios: files of dated, sourced values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from budget.assumptions.catalogue import Parameter, Value, parameter
from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml
from budget.kernel.years import FinancialYear

Status = Literal["draft", "approved", "unverified"]


class Source(BaseModel):
    """Where a value was published or decided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: StrictStr
    where: StrictStr = ""

    def __str__(self) -> str:
        return f"{self.title}, {self.where}" if self.where else self.title


class _Written(BaseModel):
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
    """One value of one assumption, with everything that an auditor asks about it."""

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
    previous: Value | None = None


def read_pack(path: Path) -> tuple[Entry, ...]:
    """Read a pack or a scenario: ``values`` is a mapping from identifier to a list of values.

    Raises:
        ConfigurationError: an unknown identifier or key, a value of the wrong type, a missing source.
    """
    written = read_yaml(path)
    if not isinstance(written, dict) or not isinstance(written.get("values"), dict):
        raise ConfigurationError(f"{path}: expected a mapping with a 'values' section.")
    name = str(written.get("pack") or written.get("scenario") or path.stem)
    for identifier, values in written["values"].items():
        if not isinstance(values, list):
            raise ConfigurationError(f"{path}: {identifier} must be a list of values, each with years and a source.")
    return tuple(
        entry
        for identifier, values in written["values"].items()
        for number, value in enumerate(values)
        for entry in _entries(parameter(identifier, str(path)), value, f"{path}: {identifier}[{number}]", name)
    )


def _entries(known: Parameter, written: Any, where: str, set_by: str) -> tuple[Entry, ...]:
    try:
        given = _Written.model_validate(written)
    except ValidationError as error:
        raise ConfigurationError(f"{where}: {'; '.join(faults(error))}") from None
    for scope in ("line", "place"):
        if getattr(given, scope) is not None and scope not in known.scopes:
            raise ConfigurationError(f"{where}: {known.id} cannot be set for one {scope}.")
    years = [None] if given.years == "all" else [_year(year, where) for year in given.years]
    bounds = {
        name: None if bound is None else known.read(bound, where)
        for name, bound in (("low", given.low), ("high", given.high))
    }
    return tuple(
        Entry(
            parameter=known,
            scope=Scope(year, given.line, given.place),
            value=known.read(given.value, where),
            source=given.source,
            owner=given.owner,
            status=given.status,
            reason=given.reason,
            set_by=given.set_by or set_by,
            previous=None if given.replaces is None else known.read(given.replaces, where),
            effective_from=given.effective_from,
            published_on=given.published_on,
            **bounds,
        )
        for year in years
    )


def _year(text: str, where: str) -> FinancialYear:
    try:
        return FinancialYear.parse(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from None
