"""The catalogue of assumptions: what each identifier means, its unit, range and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml import read_yaml

Unit = Literal[
    "rate_per_year", "share", "index", "pounds", "people", "years", "months", "count", "choice", "lines", "numbers"
]
Value = Decimal | str | tuple[str, ...] | tuple[Decimal, ...]

_ADVICE = {
    "rate_per_year": "a rate is a decimal: 0.02 for 2%",
    "share": "a share is a decimal from 0 to 1: 0.13 for 13%",
    "pounds": "an amount is in pounds, with at most two decimals",
    "lines": "names of service lines with commas between them",
    "numbers": "numbers with commas between them",
}


@dataclass(frozen=True)
class Parameter:
    """One assumption as the method knows it.

    Attributes:
        id: the name used in packs and in ``--set``.
        unit: decides how a value is read and checked.
        scopes: ``line`` and ``place``, where a value may be given for one of them.
        minimum: least value allowed.
        maximum: greatest value allowed.
        options: the words allowed, for a choice.
        when_used: whether a value is asked for only where the inputs make use of it, and not for every budget year.
        inert: why it moves no table on its own, where it moves none; empty for those that do.
    """

    id: str
    about: str
    unit: Unit
    scopes: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    options: tuple[str, ...] = ()
    when_used: bool = False
    inert: str = ""

    def read(self, written: Any, where: str) -> Value:
        """Turn what a file or a command line says into a typed value.

        Args:
            written: the value as written.
            where: file or option, for the error.

        Raises:
            ConfigurationError: the value has the wrong type or lies outside the range.
        """
        match self.unit:
            case "choice":
                return self._choice(written, where)
            case "lines":
                return tuple(str(item) for item in _items(written))
            case "numbers":
                return tuple(self._number(item, where) for item in _items(written))
            case _:
                return self._number(written, where)

    def _choice(self, written: Any, where: str) -> str:
        if str(written) not in self.options:
            raise ConfigurationError(f"{where}: {self.id} must be one of {', '.join(self.options)}; found '{written}'.")
        return str(written)

    def _number(self, written: Any, where: str) -> Decimal:
        try:
            number = Decimal(str(written))
        except InvalidOperation:
            raise ConfigurationError(f"{where}: {self.id} must be a number; found '{written}'{self._advice}.") from None
        if not number.is_finite() or not self._holds(number):
            raise ConfigurationError(
                f"{where}: {self.id} = {written} lies outside {self.minimum} to {self.maximum}{self._advice}."
            )
        if self.unit == "pounds" and number != number.quantize(Decimal("0.01")):
            raise ConfigurationError(f"{where}: {self.id} = {written}{self._advice}.")
        return number

    def _holds(self, number: Decimal) -> bool:
        return (self.minimum is None or number >= self.minimum) and (self.maximum is None or number <= self.maximum)

    @property
    def allowed(self) -> str:
        """The options or the range, in words; empty where any value goes."""
        if self.options:
            return ", ".join(self.options)
        return "" if self.minimum is None else f"{self.minimum:,f} to {self.maximum:,f}"

    @property
    def how_written(self) -> str:
        """How a value of this unit is written."""
        return _ADVICE.get(self.unit, "")

    @property
    def _advice(self) -> str:
        return f"; {self.how_written}" if self.how_written else ""


def parameter(identifier: str, where: str) -> Parameter:
    """Look an assumption up.

    Raises:
        ConfigurationError: there is no such assumption; the message offers the nearest names, or says what became of
            one that was there once.
    """
    known = catalogue()
    if identifier in retired():
        raise ConfigurationError(f"{where}: '{identifier}' is no assumption. {retired()[identifier]}")
    if identifier not in known:
        near = get_close_matches(identifier, known, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ConfigurationError(f"{where}: there is no assumption called '{identifier}'.{hint}")
    return known[identifier]


@cache
def catalogue() -> MappingProxyType[str, Parameter]:
    """Every assumption by identifier."""
    written = read_yaml(Path(__file__).parent / "catalogue.yaml")
    return MappingProxyType({name: _parameter(name, body) for name, body in written.items()})


@cache
def retired() -> MappingProxyType[str, str]:
    """What became of identifiers that are no longer in use: a sentence for each."""
    return MappingProxyType(read_yaml(Path(__file__).parent / "retired.yaml"))


def _parameter(name: str, body: dict[str, Any]) -> Parameter:
    return Parameter(
        id=name,
        about=body["about"],
        unit=body["unit"],
        scopes=tuple(body.get("scopes", ())),
        minimum=_bound(body, "minimum"),
        maximum=_bound(body, "maximum"),
        options=tuple(body.get("options", ())),
        when_used=bool(body.get("when_used", False)),
        inert=str(body.get("inert", "")),
    )


def _bound(body: dict[str, Any], name: str) -> Decimal | None:
    return Decimal(str(body[name])) if name in body else None


def _items(written: Any) -> list[Any]:
    if isinstance(written, str):
        return [item.strip() for item in written.split(",") if item.strip()]
    return list(written) if isinstance(written, list | tuple) else [written]


def as_text(value: Value | date) -> str:
    """A value as it is shown in ledgers and reports."""
    return ", ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)
