"""What a payment or contract form asks to be agreed: its parameters, each with unit, meaning, source and bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from decimal import Decimal
from typing import Any, TypeVar

import numpy as np

from budget.kernel.errors import ConfigurationError

_KEY = "parameter"
Made = TypeVar("Made")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a form.

    Attributes:
        name: as agreements write it.
        unit: share, units, pence, pence a unit, yes or no, ...
        about: what it means.
        source: where it comes from.
        symbol: its letter in the method's formula; functions take it in place of the name.
        low: least value, included.
        high: greatest value, included.
        choices: the values there are, for a parameter that is no number.
        default: the value where none is agreed; ``MISSING`` where one must be.
    """

    name: str
    unit: str
    about: str
    source: str
    symbol: str
    low: float | None
    high: float | None
    choices: tuple[Any, ...]
    default: Any

    @property
    def required(self) -> bool:
        """Whether it must be agreed."""
        return self.default is MISSING

    @property
    def allowed(self) -> str:
        """The values that it may take, in words."""
        if self.choices:
            return ", ".join(_plain(choice) for choice in self.choices)
        bounds = [f"{word} {value:g}" for word, value in (("from", self.low), ("to", self.high)) if value is not None]
        return " ".join(bounds) or "any number"

    def checked(self, value: Any, where: str) -> Any:
        """The value as the form takes it.

        Raises:
            ConfigurationError: it is not among those allowed.
        """
        if value is None and self.default is None:
            return None
        number = isinstance(value, int | float | Decimal | np.number) and not isinstance(value, bool)
        if any(type(value) is type(choice) and value == choice for choice in self.choices):
            return value
        if number and not self.choices and self._within(float(value)):
            return float(value)
        raise ConfigurationError(f"{where}: {self.name} is {value!r}; allowed: {self.allowed} ({self.unit}).")

    def _within(self, number: float) -> bool:
        above = self.low is None or number >= self.low
        return math.isfinite(number) and above and (self.high is None or number <= self.high)


def parameter(
    *,
    unit: str,
    about: str,
    source: str,
    symbol: str = "",
    low: float | None = 0.0,
    high: float | None = None,
    choices: tuple[Any, ...] = (),
    default: Any = MISSING,
) -> Any:
    """Declare a parameter as a field of a form; the arguments are those of `Parameter`."""
    facts = {"unit": unit, "about": about, "source": source, "symbol": symbol}
    told = facts | {"low": low, "high": high, "choices": choices}
    return field(default=default, metadata={_KEY: told}) if default is not MISSING else field(metadata={_KEY: told})


def parameters_of(form: type[Any]) -> tuple[Parameter, ...]:
    """The parameters of a form, in order."""
    return tuple(_parameter(one) for one in fields(form) if _KEY in one.metadata)


def values_of(form: Any) -> dict[str, Any]:
    """What a form has agreed, by name of the parameter."""
    return {one.name: getattr(form, one.name) for one in parameters_of(type(form))}


def made(known: Mapping[str, type[Made]], form: str, values: Mapping[str, Any], *, where: str = "") -> Made:
    """A form with its parameters.

    Args:
        known: forms by id.
        form: the id.
        values: parameters by name.
        where: file and key, for errors.

    Raises:
        ConfigurationError: there is no such form; a parameter is unknown, missing or out of bounds.
    """
    kind = named(known, form, where=where)
    asked = {one.name: one for one in parameters_of(kind)}
    told = f"{where}: {form}" if where else form
    strangers = sorted(set(values) - set(asked))
    missing = [name for name, one in asked.items() if one.required and name not in values]
    there_is = f"its parameters are {', '.join(asked) or 'none'}"
    if strangers:
        raise ConfigurationError(f"{told} has no parameter {', '.join(strangers)}; {there_is}.")
    if missing:
        raise ConfigurationError(f"{told} lacks {', '.join(missing)}; {there_is}.")
    return kind(**{name: asked[name].checked(value, told) for name, value in values.items()})


def named(known: Mapping[str, type[Made]], form: str, *, where: str = "") -> type[Made]:
    """The class of a form by its id.

    Raises:
        ConfigurationError: there is no such form.
    """
    if form not in known:
        told = f"{where}: " if where else ""
        raise ConfigurationError(f"{told}there is no form {form!r}; known: {', '.join(known)}.")
    return known[form]


def spelt_out(form: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by name, where some are given by their letter in the method's formula.

    >>> from budget.payment.forms import FORMS
    >>> spelt_out(FORMS["F02"], {"t": 0.02, "share": 0.5})
    {'tolerance': 0.02, 'share': 0.5}
    """
    names = {one.symbol: one.name for one in parameters_of(form) if one.symbol}
    return {names.get(key, key): value for key, value in values.items()}


def _parameter(one: Field[Any]) -> Parameter:
    return Parameter(name=one.name, default=one.default, **one.metadata[_KEY])


def _plain(choice: Any) -> str:
    return {True: "yes", False: "no"}[choice] if isinstance(choice, bool) else str(choice)


def fact_of(told: Any, name: str, words: Mapping[str, str], form: str) -> Any:
    """A fact that a form cannot do without.

    Args:
        told: what is known; the fact is an attribute of it, None where it is not known.
        name: the fact.
        words: what each fact is.
        form: the form that needs it.

    Raises:
        ConfigurationError: it is not known.
    """
    known = getattr(told, name)
    if known is None:
        raise ConfigurationError(f"{form} needs {name} ({words[name]}), which is not known here.")
    return known
