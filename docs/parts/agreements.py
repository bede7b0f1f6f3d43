"""Payment forms, contract forms and the file of a contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from budget.payment.agreements.model import (
    Agreement,
    Cost,
    GainLoss,
    Measure,
    Outcomes,
    Part,
    Party,
    Payment,
    Scope,
    Source,
    Terms,
)
from budget.payment.distribution import RULES
from budget.payment.terms import Parameter, parameters_of

from .markdown import grid, listed


def forms(known: Mapping[str, type[Any]]) -> str:
    """What each form does, its formula and its source."""
    rows = [
        (form.id, form.name, form.about, f"`{form.formula}`", listed(form.needs), form.source)
        for form in known.values()
    ]
    return grid(("form", "name", "what it does", "formula", "needs", "source"), rows)


def form_parameters(known: Mapping[str, type[Any]]) -> str:
    """Every parameter of each form."""
    rows = [
        (form.id, f"`{one.name}`", one.symbol, one.about, one.unit, one.allowed, _default(one), one.source)
        for form in known.values()
        for one in parameters_of(form)
    ]
    return grid(("form", "parameter", "letter", "meaning", "unit", "allowed", "where not agreed", "source"), rows)


def _default(one: Parameter) -> str:
    if one.required:
        return "must be agreed"
    return "none" if one.default is None else "no" if one.default is False else str(one.default)


def agreement_keys() -> str:
    """Every key of a contract's file, part by part."""
    parts: dict[str, type[Part]] = {
        "": Agreement, "source": Source, "scope": Scope, "form": Terms, "parties, each": Party, "payment": Payment,
        "cost": Cost, "outcomes": Outcomes, "measures, each": Measure, "gain_loss": GainLoss,
    }  # fmt: skip
    rows = [
        (f"`{where}`" if where else "", f"`{name}`", "yes" if key.is_required() else "", _attribute(part, name))
        for where, part in parts.items()
        for name, key in part.model_fields.items()
    ]
    return grid(("under", "key", "required", "meaning"), rows)


def _attribute(part: type[Any], name: str) -> str:
    """What the docstring of a class, or of one that it extends, says of an attribute."""
    for known in part.__mro__:
        said = re.search(rf"^ +{name}: ((?:.+)(?:\n {{9,}}.+)*)", known.__doc__ or "", re.MULTILINE)
        if said:
            return re.sub(r"\s+", " ", said[1]).replace("``", "`")
    raise KeyError(f"{part.__name__} does not say what {name} is")


def distribution() -> str:
    """The rules by which a gain or loss is shared."""
    rows = [
        (f"`{name}`", how.about, f"`{how.formula}`", listed(how.columns), "no" if how.gains_alone else "yes")
        for name, how in RULES.items()
    ]
    return grid(("rule", "who gets it", "formula", "needs of every party", "losses too"), rows)
