"""What the finance page shows: assumptions as fields, budgets as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from budget.assumptions.catalogue import Parameter, as_text, catalogue
from budget.assumptions.draft import Draft, beyond_range
from budget.assumptions.pack import Entry
from budget.assumptions.sheet import Key, key_of, rows_of
from budget.report import show
from budget.report.labels import general_labels, words
from budget.scenario.what_if import Moved, moves_at_once, used_by
from flows.web.waterfall import bars_of

Label = Callable[[str], str]

_SMALL = 100_00
"""Pence below which a change is told to the penny."""


@dataclass(frozen=True)
class Field:
    """One value that can be changed.

    Attributes:
        name: of the field in the form.
        when: year and scope, in words.
        entry: the run's own value with its provenance.
        text: what stands in the field.
        fault: what is wrong with it.
        beyond: said of a value outside the documented range.
    """

    name: str
    when: str
    entry: Entry
    text: str
    fault: str
    beyond: str

    @property
    def id(self) -> str:
        """Its id on the page; names of places may have any character."""
        return "f-" + self.name.encode().hex()

    @property
    def own(self) -> str:
        """The run's own value, as text."""
        return as_text(self.entry.value)

    @property
    def low_high(self) -> str:
        """The documented range, in words."""
        low, high = ("" if end is None else as_text(end) for end in (self.entry.low, self.entry.high))
        return f"{low or '…'} to {high or '…'}" if low or high else ""


@dataclass(frozen=True)
class Group:
    """One assumption with all its values.

    Attributes:
        stages: who reads it.
    """

    parameter: Parameter
    stages: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Line:
    """One row of a table of budgets, in pounds; the bar is in percent of the largest change."""

    name: str
    before: str
    after: str
    change: str
    bar: int
    falls: bool


def label_of(labels: Mapping[str, str]) -> Label:
    """Words for codes: the locality's own first."""
    return lambda code: labels.get(code) or general_labels().get(code) or words(code)


def groups(draft: Draft, typed: Mapping[Key, str], label: Label) -> dict[bool, tuple[Group, ...]]:
    """Every assumption, by whether it moves at once, in the order of the catalogue."""
    place_of = {name: number for number, name in enumerate(catalogue())}
    entries = sorted(rows_of(draft.base), key=lambda entry: place_of[entry.parameter.id])
    made = [
        Group(parameter, used_by(parameter.id), tuple(_field(entry, draft, typed, label) for entry in those))
        for parameter, those in groupby(entries, key=lambda entry: entry.parameter)
    ]
    return {now: tuple(one for one in made if moves_at_once(one.parameter.id) is now) for now in (True, False)}


def name_of(key: Key) -> str:
    """The name of a value's field."""
    return "value|" + "|".join(key)


def _field(entry: Entry, draft: Draft, typed: Mapping[Key, str], label: Label) -> Field:
    key = key_of(entry)
    scope = entry.scope
    when = [str(scope.year) if scope.year else "All years", *(label(one) for one in (scope.line, scope.place) if one)]
    changed = draft.changes.get(key, entry)
    text = typed[key] if key in typed else as_text(entry.value)
    fault = draft.faults.get(key, "")
    return Field(name_of(key), ", ".join(when), entry, text, fault, beyond_range(entry, changed.value))


def waiting_of(draft: Draft) -> int:
    """How many of the changes show only after the full rerun."""
    return sum(not moves_at_once(entry.parameter.id) for entry in draft.changes.values())


def marks(fields: Iterable[Group]) -> dict[str, dict[str, str]]:
    """What is to be said beside fields: a fault, or a value outside the documented range."""
    return {
        field.name: {"fault": field.fault, "beyond": field.beyond, "own": field.own}
        for group in fields
        for field in group.fields
        if field.fault or field.beyond or field.text != field.own
    }


def tables(moved: Moved, label: Label) -> dict[str, Any]:
    """Totals, and tables by step, place and segment."""
    places, steps = moved.places, moved.by("step")
    return {
        "bars": bars_of(steps, label),
        "year": str(moved.year),
        "totals": [
            _line(name, *(int(places[f"{measure}_{side}_pence"].sum()) for side in ("before", "after")))
            for measure, name in (("allocation", "Allocation"), ("core", "Core budget"))
        ],
        "steps": lines_of(steps, label),
        "allocations": lines_of(_measure(places, "allocation"), label),
        "cores": lines_of(_measure(places, "core"), label),
        "segments": lines_of(moved.by("segment"), label),
    }


def _measure(places: pd.DataFrame, measure: str) -> pd.DataFrame:
    return places[["name", f"{measure}_before_pence", f"{measure}_after_pence"]].set_axis(
        ["name", "before_pence", "after_pence"], axis=1
    )


def lines_of(rows: pd.DataFrame, label: Label) -> list[Line]:
    """Rows of ``name``, ``before_pence`` and ``after_pence`` as people read them."""
    largest = int((rows["after_pence"] - rows["before_pence"]).abs().max()) if len(rows) else 0
    return [
        _line(label(str(row.name)), int(row.before_pence), int(row.after_pence), largest)
        for row in rows.itertuples(index=False)
    ]


def amounts_of(*amounts: int) -> list[str]:
    """Changes in pounds."""
    return [_change(amount) for amount in amounts]


def _change(pence: int) -> str:
    return show.pounds(pence, 0 if abs(pence) >= _SMALL else 2, signed=True) if pence else "no change"


def _line(name: str, before: int, after: int, largest: int = 0) -> Line:
    change = after - before
    bar = max(1, round(100 * abs(change) / largest)) if change and largest else 0
    return Line(name, show.millions(before, 2), show.millions(after, 2), _change(change), bar, change < 0)
