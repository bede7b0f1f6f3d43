"""The passes over people that risk models need: cells by cap, cells by time on a list, misses, and areas."""

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


def show_people(engine: Engine, lines: Sequence[str] | None = None) -> None:
    """Let the passes see people, with what they cost, and the words of their covariates.

    Args:
        engine: sees ``population``, and ``person_cost`` or, for some lines, ``person_line_cost``.
        lines: service lines whose cost alone is looked at; all cost of persons when not given.
    """
    people = Statement.read(_SQL / "need_people.sql")
    if lines is None:
        engine.view("need_people", people, costs=Sql("person_cost"))
    else:
        engine.view("stream_cost", Statement.read(_SQL / "stream_cost.sql"), lines=tuple(lines))
        # several passes read it, and what a stream costs a person is itself a sum
        engine.step("stream_people", people, costs=Sql("stream_cost"))
        engine.view("need_people", "select * from stream_people")
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


def lived_cells(
    engine: Engine, cap: int, days: int, by: Sequence[str] = ("segment", "place", "fold"), *, in_areas: bool = False
) -> pd.DataFrame:
    """Cells for cost a year, ``fit(..., exposure="e")``: everyone who was on a list for a day of the year of care.

    Somebody who came in March is not cheap: cost is divided by the part of the year, which is its weight.

    Args:
        engine: after ``show_people``.
        cap: pence.
        days: of the year of care.
        by: columns of ``need_people`` beside the covariates.
        in_areas: those alone whose small area is known.

    Returns:
        Covariates, ``by``, people, y and yy (cost up to the cap, and its squares), e (person-years), ee, ey, yy_per_e.
    """
    who = "care_days > 0 and lsoa_code is not null" if in_areas else "care_days > 0"
    by_day = engine.frame(Statement.read(_SQL / "exposed_cells.sql"), by=Sql(", ".join(by)), cap=cap, who=Sql(who))
    a_year = {
        "e": by_day["d"] / days,
        "ee": by_day["dd"] / days**2,
        "ey": by_day["dy"] / days,
        "yy_per_e": by_day["yy_per_d"] * days,
    }
    return by_day.drop(columns=["d", "dd", "dy", "yy_per_d"]).assign(**a_year)


def person_years(lived: pd.DataFrame) -> pd.DataFrame:
    """Lived cells as if every person-year were a person: what least squares and quasi-likelihoods make of exposure.

    Args:
        lived: from ``lived_cells``.

    Returns:
        ``people`` is e, ``yy`` is the sum of y y / e; coefficients, means and R-squared are those of the exposure,
        robust errors are not.
    """
    return lived.assign(people=lived["e"], yy=lived["yy_per_e"])


def misses(
    engine: Engine,
    cells: pd.DataFrame,
    expected: pd.Series,
    cap: int,
    days: int,
    pooled: float = 1.0,
    by: str = "practice_code",
) -> pd.DataFrame:
    """One more pass over people, against what is expected of each.

    Args:
        engine: after ``show_people``.
        cells: from ``capped_cells``, by segment and fold at least.
        expected: kept cost a head and year, pence, by cell; out of fold.
        cap: pence.
        days: of the year of care; somebody who was there for some of them is expected to cost that part.
        pooled: share of cost above the cap that the pool pays, to a millionth; the rest is kept.
        by: column of ``need_people`` to group by.

    Returns:
        By group, sums over people: people, whole_pence, kept_pence, expected_pence, missed_pence (kept cost off
        what was expected) and missed_by_mean_pence (off the mean of all); missed_squares (kept off expected),
        kept_squares, whole_squares, whole_expected and expected_squares, pence squared.

    Raises:
        ValueError: predictions differ by more than covariates, segment and fold, such as by place.
    """
    keyed = cells[list(KEYS)].assign(a_year=np.round(expected * _MILLIONTHS).astype("int64"))
    distinct = keyed.drop_duplicates()
    if distinct.duplicated(list(KEYS)).any():
        raise ValueError(f"a prediction may differ by {', '.join(KEYS)} alone")
    engine.lend("expected_cost", distinct)
    left = round((1 - pooled) * _MILLIONTHS)
    kept = int(cells[f"y_{cap}"].sum()) * _MILLIONTHS + left * int(cells[f"excess_{cap}"].sum())
    mean = round(kept / int(cells["people"].sum()))
    return engine.frame(Statement.read(_SQL / "misses.sql"), by=Sql(by), cap=cap, days=days, left=left, mean=mean)


def area_levels(engine: Engine, level: str, cap: int, days: int) -> pd.DataFrame:
    """Person-years and cost up to the cap by small area and level of one covariate, of people whose area is known.

    Args:
        engine: after ``show_people``.
        level: a column of the labels, or segment; several joined by colons are crossed.
        cap: pence.
        days: of the year of care.

    Returns:
        ``area``, ``level``, ``people`` (person-years) and ``y``.
    """
    crossed = " || ':' || ".join(level.split(":"))
    found = engine.frame(Statement.read(_SQL / "area_levels.sql"), level=Sql(crossed), cap=cap)
    return found.assign(people=found["days"] / days).drop(columns="days")


def area_people(engine: Engine, days: int) -> pd.DataFrame:
    """Person-years by place and small area, of people whose area is known: ``place``, ``area``, ``people``."""
    found = engine.frame(Statement.read(_SQL / "area_people.sql"))
    return found.assign(people=found["days"] / days).drop(columns="days")


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
