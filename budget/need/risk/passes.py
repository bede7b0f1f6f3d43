"""The passes over people that risk models need: cells by cap, cells by days on a list, misses, and areas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from budget.engine import Engine
from budget.engine.statement import Sql, Statement

_SQL = Path(__file__).parents[1] / "sql"
_MILLIONTHS = 1_000_000

KEYS = ("cell", "segment", "fold")
"""What a prediction depends on: covariates, segment, and the fold that it was made without."""


def show_people(engine: Engine) -> None:
    """Let the passes see people (from ``population`` and ``person_cost``) and the words of their covariates."""
    engine.view("need_people", Statement.read(_SQL / "need_people.sql"))
    engine.step("cell_labels", Statement.read(_SQL / "cell_labels.sql"))


def capped_cells(engine: Engine, caps: Sequence[int], by: Sequence[str] = ("segment", "place", "fold")) -> pd.DataFrame:
    """Cells with sums for every cap, in one pass.

    Args:
        engine: after ``show_people``.
        caps: pence; one or more.
        by: columns of ``need_people`` beside the covariates.

    Returns:
        Covariates, ``by``, people, positives, y, yy, and for a cap T ``y_T``, ``yy_T`` (cost up to it, and its
        squares), ``excess_T``, ``yexcess_T`` (cost above it, and its squares).
    """
    statement = Statement.read(_SQL / "capped_cells.sql")
    return engine.frame(statement, by=Sql(", ".join(by)), caps=Sql(",\n        ".join(map(_sums_of, caps))))


def exposed_cells(engine: Engine, cap: int, by: Sequence[str] = ("segment", "place", "fold")) -> pd.DataFrame:
    """Cells for cost a year, ``fit(..., exposure="d")``; exposure in days of the base year."""
    return engine.frame(Statement.read(_SQL / "exposed_cells.sql"), by=Sql(", ".join(by)), cap=cap)


def misses(
    engine: Engine, cells: pd.DataFrame, expected: pd.Series, cap: int, pooled: float = 1.0, by: str = "practice_code"
) -> pd.DataFrame:
    """One more pass over people, against what is expected of each.

    Args:
        engine: after ``show_people``.
        cells: from ``capped_cells``, by segment and fold at least.
        expected: kept cost a head, pence, by cell; out of fold.
        cap: pence.
        pooled: share of cost above the cap that the pool pays, to a millionth; the rest is kept.
        by: column of ``need_people`` to group by.

    Returns:
        By group: people, whole_pence, kept_pence, expected_pence, missed_pence (sum over people of kept cost off what
        was expected) and missed_by_mean_pence (off the mean of all).

    Raises:
        ValueError: predictions differ by more than covariates, segment and fold, such as by place.
    """
    keyed = cells[list(KEYS)].assign(expected=np.round(expected * _MILLIONTHS).astype("int64"))
    distinct = keyed.drop_duplicates()
    if distinct.duplicated(list(KEYS)).any():
        raise ValueError(f"a prediction may differ by {', '.join(KEYS)} alone")
    engine.lend("expected_cost", distinct)
    left = round((1 - pooled) * _MILLIONTHS)
    kept = int(cells[f"y_{cap}"].sum()) * _MILLIONTHS + left * int(cells[f"excess_{cap}"].sum())
    mean = round(kept / int(cells["people"].sum()))
    return engine.frame(Statement.read(_SQL / "misses.sql"), by=Sql(by), cap=cap, left=left, mean=mean)


def area_levels(engine: Engine, level: str, cap: int) -> pd.DataFrame:
    """People and cost up to the cap by small area and level of one covariate (a column of the labels, or segment)."""
    return engine.frame(Statement.read(_SQL / "area_levels.sql"), level=Sql(level), cap=cap)


def _sums_of(cap: int) -> str:
    kept, above = f"least(cost_pence, {int(cap)})", f"greatest(cost_pence - {int(cap)}, 0)"
    return ",\n        ".join(
        [
            f"cast(sum({kept}) as bigint) as y_{int(cap)}",
            f"cast(sum(cast({kept} as hugeint) * {kept}) as double) as yy_{int(cap)}",
            f"cast(sum({above}) as bigint) as excess_{int(cap)}",
            f"cast(sum(cast({above} as hugeint) * {above}) as double) as yexcess_{int(cap)}",
        ]
    )
