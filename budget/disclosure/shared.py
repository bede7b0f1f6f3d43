"""A table to share: figures with the cells that they are of, and how they look once cells are hidden."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from budget.disclosure.layers import Cell, Layer, Nesting
from budget.disclosure.rules import Rules
from budget.kernel.errors import CapitationError

HIDDEN = "[c]"
"""Stands for a figure that is hidden (confidential), as government statisticians write it."""
NOBODY = "[z]"
"""Stands for a figure that there cannot be: pounds a head of nobody."""
SNAPSHOT = "snapshot"
"""Stands for the year in layers of people counted on the day of the snapshot."""
LISTS_KNOWN = "snapshot, lists known"
"""The same for a reader who knows how many patients each practice has."""


@dataclass(frozen=True)
class Shared:
    """One table to share.

    Attributes:
        name: name of the file and the sheet.
        about: what it shows, in a sentence.
        frame: keys and true figures.
        cells: whom each row is of.
        counts: columns that count people.
        money: columns that add up over cells, in pence.
        detail: columns that follow their row: they are shown where the cell is, and hidden with it.
        rates: pence over people, by name; worked out from the figures as they are shown.
    """

    name: str
    about: str
    frame: pd.DataFrame
    cells: Sequence[Cell]
    counts: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    rates: Mapping[str, tuple[str, str]] | None = None

    @property
    def years(self) -> pd.Series:
        """The year of each row."""
        if "financial_year" in self.frame:
            return self.frame["financial_year"].astype(str)
        return pd.Series(SNAPSHOT, index=self.frame.index)

    def as_shown(self, hidden: Collection[Cell], rules: Rules) -> pd.DataFrame:
        """The table as others may see it: counts rounded, hidden figures replaced by a sign."""
        veiled = np.array([cell in hidden for cell in self.cells], dtype=bool)
        figures = self.frame.copy()
        for column in self.counts:
            figures[column] = rules.shown(figures[column].to_numpy(dtype="float64")).astype("int64")
        for name, (over, under) in (self.rates or {}).items():
            people = figures[under].where(figures[under] > 0)
            figures[name] = (figures[over] / people).round(0).astype("Int64")
        for column in (*self.counts, *self.money, *self.detail, *(self.rates or {})):
            figures[column] = figures[column].astype(object).where(figures[column].notna(), NOBODY).mask(veiled, HIDDEN)
        return figures


def layers_of(
    tables: Iterable[Shared], rules: Rules, nesting: Nesting, dominant: Mapping[Cell, float], lists: Collection[Cell]
) -> tuple[Layer, ...]:
    """Every measure of every year over all the tables that have it.

    People of the snapshot are there twice: as a reader of these tables alone sees them, and as one does who has looked
    up how many patients each practice has.

    Args:
        dominant: by cell, the share of its cost that its largest contributor has, where that one dominates it.
        lists: cells of practices' lists, which are published elsewhere.

    Raises:
        CapitationError: two tables differ in a figure that they share, or a total is not the sum of its parts.
    """
    people, money = _figures(tables)
    layers = [
        Layer.of(measure, year, counts=True, values=values, needed=_doubt(values, rules), public=(), nesting=nesting)
        for (measure, year), values in people.items()
    ]
    if lists and any(year == SNAPSHOT for _, year in people):
        values = people["people", SNAPSHOT]
        doubt = _doubt(values, rules) | _within(values, lists, rules)
        layers.append(
            Layer.of("people", LISTS_KNOWN, counts=True, values=values, needed=doubt, public=lists, nesting=nesting)
        )
    for (measure, year), pence in money.items():
        doubt = _doubt_about_money(pence, people["people", year], rules, dominant)
        layers.append(Layer.of(measure, year, counts=False, values=pence, needed=doubt, public=(), nesting=nesting))
    return tuple(layers)


def _doubt(values: Mapping[Cell, float], rules: Rules) -> dict[Cell, float]:
    return dict.fromkeys(values, float(rules.least))


def _within(values: Mapping[Cell, float], lists: Collection[Cell], rules: Rules) -> dict[Cell, float]:
    """What is needed of parts of a list that is known: nobody can doubt more of them than there are."""
    totals = {area: values[area, part] for area, part in lists}
    return {
        (area, part): min(float(rules.least), totals[area])
        for area, part in values
        if area in totals and part.startswith("segment:")
    }


Figures = dict[tuple[str, str], dict[Cell, float]]


def _figures(tables: Iterable[Shared]) -> tuple[Figures, Figures]:
    """People and money by measure, year and cell."""
    people: Figures = {}
    money: Figures = {}
    for table in tables:
        for found, columns in ((people, table.counts), (money, table.money)):
            for column in columns:
                for year, cell, value in zip(table.years, table.cells, table.frame[column], strict=True):
                    held = found.setdefault((column, year), {}).setdefault(cell, float(value))
                    if not np.isclose(held, float(value), rtol=1e-9, atol=1e-6):
                        raise CapitationError(f"{table.name}: {column} of {year} is not what another table shows.")
    return people, money


def _doubt_about_money(
    values: Mapping[Cell, float], people: Mapping[Cell, float], rules: Rules, dominant: Mapping[Cell, float]
) -> dict[Cell, float]:
    """How wide the doubt about money must be: what as many people cost as must be hidden, or p of the largest one."""

    def one(cell: Cell, pence: float) -> float:
        # money of nobody, such as spend that is held out of segments, gives nobody away: a true zero
        by_people = abs(pence) * rules.least / people[cell] if people[cell] > 0 else 0.0
        return max(by_people, rules.dominance * dominant.get(cell, 0.0) * abs(pence))

    return {cell: one(cell, pence) for cell, pence in values.items()}


def few(layers: Iterable[Layer], rules: Rules) -> frozenset[Cell]:
    """The cells that are of too few people in some layer."""
    return frozenset(
        cell
        for layer in layers
        if layer.counts
        for cell, small in zip(layer.cells, rules.few(layer.values), strict=True)
        if small
    )
