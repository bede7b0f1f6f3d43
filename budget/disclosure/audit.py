"""The audit of what is about to be shared: what a reader of the tables can work out of every cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from budget.disclosure.bounds import Reader
from budget.disclosure.layers import Cell, Layer
from budget.disclosure.rules import Floats, Rules
from budget.disclosure.shared import HIDDEN, LISTS_KNOWN, SNAPSHOT, Shared

Seen = Mapping[tuple[str, str], Mapping[Cell, float]]
"""Figures that a reader sees, by measure, year and cell."""


def audit(
    tables: Iterable[tuple[Shared, pd.DataFrame]], layers: Iterable[Layer], first: Collection[Cell], rules: Rules
) -> pd.DataFrame:
    """Every cell of every layer: what is shown of it, and the least and the most that a reader can work out.

    It takes figures from the tables as they are shown, so that it finds what the hiding of cells may have missed: a
    cell that one table hides and another shows is shown.

    Args:
        tables: each table with what it shows.
        layers: the cells, the sums that tie them, and what is needed of each.
        first: cells that had to be hidden for their own sake.

    Returns:
        The ``disclosure_audit``.
    """
    seen = _seen(tables)
    return pd.concat([_of_layer(layer, seen, first, rules) for layer in layers], ignore_index=True)


def _seen(tables: Iterable[tuple[Shared, pd.DataFrame]]) -> Seen:
    found: dict[tuple[str, str], dict[Cell, float]] = {}
    for table, shown in tables:
        for column in (*table.counts, *table.money):
            for year, cell, figure in zip(table.years, table.cells, shown[column], strict=True):
                if figure != HIDDEN:
                    found.setdefault((column, year), {})[cell] = float(figure)
    return found


def _of_layer(layer: Layer, seen: Seen, first: Collection[Cell], rules: Rules) -> pd.DataFrame:
    year = SNAPSHOT if layer.year.startswith(SNAPSHOT) else layer.year
    figures = seen.get((layer.measure, year), {})
    shown = np.array([figures.get(cell, np.nan) for cell in layer.cells])
    needed = np.where(layer.public, 0.0, layer.needed)
    low, high = _worked_out(layer, shown, needed, rules)
    areas, parts = zip(*layer.cells, strict=True)
    return pd.DataFrame(
        {
            "measure": layer.measure,
            "financial_year": layer.year,
            "area": areas,
            "part": parts,
            "unit": "people" if layer.counts else "pence",
            "shown": shown,
            "low": low,
            "high": high,
            "needed": needed,
            "small": layer.hides(first),
        }
    )


def _worked_out(layer: Layer, shown: Floats, needed: Floats, rules: Rules) -> tuple[Floats, Floats]:
    low, high = layer.known(shown, rules)
    # a small number that is shown by mistake is not what readers take it for
    low, high = np.fmin(low, layer.values), np.fmax(high, layer.values)
    asked = np.flatnonzero(np.isnan(shown) & (needed > 0))
    least, most = Reader(layer.sums, low, high, layer.unit).bounds(asked, needed[asked], exactly=True)
    low[asked], high[asked] = least, most
    return low, high


def summary(audited: pd.DataFrame) -> Iterator[tuple[str, int, int, int]]:
    """By measure: the cells, those hidden for their own sake, and those hidden beside them; every year counts."""
    once = audited[audited["financial_year"] != LISTS_KNOWN]
    for measure, rows in once.groupby("measure", sort=False):
        hidden = rows["shown"].isna()
        yield str(measure), len(rows), int((hidden & rows["small"]).sum()), int((hidden & ~rows["small"]).sum())
