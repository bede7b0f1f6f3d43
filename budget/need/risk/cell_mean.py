"""Direct rates: the mean cost of people who are alike, of fewer covariates where they are few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from budget.need.glm.design import as_terms
from budget.need.glm.levels import Codes, Term, labelled
from budget.need.glm.sums import by_group

LEAST_PEOPLE = 100


@dataclass(frozen=True)
class CellMean:
    """Rates by ever fewer covariates, and the mean of all.

    Attributes:
        terms: covariates, the most telling first.
        rates: for each number of covariates from all of them down to one, the rates of groups with enough people.
        overall: mean cost a head.
    """

    terms: tuple[Term, ...]
    rates: Mapping[int, pd.Series]
    overall: float

    def predict(self, cells: pd.DataFrame) -> pd.Series:
        """The rate of the most covariates for which there are enough people; the mean of all where there are none."""
        found = pd.Series(np.nan, index=cells.index)
        for many, rates in self.rates.items():
            codes, levels = _groups(cells, self.terms[:many])
            found = found.where(found.notna(), pd.Series(rates.reindex(levels).to_numpy()[codes], index=cells.index))
        return found.where(found.notna(), self.overall).rename("expected")

    def table(self, name: str) -> pd.DataFrame:
        """The rates, in the columns of a table of coefficients: one term a number of covariates."""
        parts = [
            pd.DataFrame(
                {"term": ":".join(chain.from_iterable(self.terms[:many])), "level": rates.index, "estimate": rates}
            )
            for many, rates in self.rates.items()
        ]
        parts.append(pd.DataFrame({"term": ["mean"], "level": ["everyone"], "estimate": [self.overall]}))
        nothing = {"counted_with": None, "standard_error": np.nan, "clustered_error": np.nan}
        return pd.concat(parts, ignore_index=True).assign(model=name, role="need", reference=False, **nothing)


def fit_cell_mean(
    cells: pd.DataFrame, response: str, terms: Sequence[str | Sequence[str]], least_people: int = LEAST_PEOPLE
) -> CellMean:
    """Mean cost a head by all covariates, by all but the last, and so on.

    Args:
        cells: ``people``, the response and the covariates.
        response: column of the sum of cost.
        terms: covariates, the most telling first; crossed ones count as one.
        least_people: below which a group has no rate of its own.
    """
    crossed = as_terms(terms)
    people, total = (cells[name].to_numpy(dtype=np.float64) for name in ("people", response))
    rates = {}
    for many in range(len(crossed), 0, -1):
        codes, levels = _groups(cells, crossed[:many])
        here, spent = (by_group(codes, values, len(levels)) for values in (people, total))
        enough = here >= max(least_people, 1)
        rates[many] = pd.Series(spent[enough] / here[enough], index=np.array(levels, dtype=object)[enough])
    return CellMean(crossed, rates, float(total.sum() / people.sum()))


def _groups(cells: pd.DataFrame, terms: tuple[Term, ...]) -> tuple[Codes, tuple[str, ...]]:
    """Terms crossed with one another."""
    columns = [(":".join(term),) if ":".join(term) in cells else term for term in terms]
    return labelled(cells, tuple(chain.from_iterable(columns)))
