"""Cross-validation from cells: each fold is predicted by a model of the people of the other folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from budget.need.glm.design import as_terms
from budget.need.glm.levels import with_levels
from budget.need.glm.trouble import OneFold
from budget.need.risk.estimators import Estimator


def out_of_fold(
    cells: pd.DataFrame, estimator: Estimator, terms: Sequence[str | Sequence[str]], fold: str = "fold"
) -> pd.Series:
    """Expected cost a head of each cell, from a model that has not seen its people.

    Args:
        cells: one row a combination of covariates and fold; a person is in one fold, whatever the cell.
        estimator: what to fit.
        terms: the covariates, so that a fold without a level still knows it.
        fold: column of the fold.

    Raises:
        UnfitCells: the other folds cannot be fitted.
        OneFold: there is one fold alone, or nobody.
    """
    folds = sorted(cells[fold].unique())
    if len(folds) < 2:
        raise OneFold([f"{fold} {number}" for number in folds] or ["none"])
    known = with_levels(cells, as_terms(terms))
    expected = pd.Series(np.nan, index=cells.index, name="expected")
    for held_out in folds:
        inside = known[fold] == held_out
        expected[inside] = estimator(known[~inside]).predict(known[inside])
    return expected


def gathered(
    cells: pd.DataFrame,
    terms: Sequence[str | Sequence[str]],
    sums: Sequence[str],
    fold: str = "fold",
    beside: Sequence[str] = (),
) -> tuple[pd.DataFrame, pd.Series]:
    """Cells added up to what a prediction out of fold depends on, so that many fits do not read places again and again.

    Args:
        cells: by terms, fold and whatever else.
        terms: the covariates.
        sums: columns to add up.
        fold: column of the fold.
        beside: further columns by which to add up, which an estimator looks at.

    Returns:
        One row a combination of terms, fold and these, and the row of each cell.
    """
    known = with_levels(cells, as_terms(terms))
    keys = dict.fromkeys([*(":".join(term) for term in as_terms(terms)), fold, *beside])
    by_key = known.groupby(list(keys), observed=True, sort=True)
    return by_key[list(sums)].sum().reset_index(), by_key.ngroup()
