"""What the draws say of a budget: P10, P50 and P90 beside what is booked, and which assumptions they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.assumptions.draws import Draws
from budget.assumptions.spread import PERCENT
from budget.kernel.money import half_up
from budget.ledger.uncertainty.paths import Drawn

Floats = NDArray[np.float64]

MEASURES = ("allocation", "core")

_KEYS = ["financial_year", "scale", "unit", "measure"]


def budget_range(
    drawn: Sequence[Drawn], bridge: pd.DataFrame, allocated: str, title: str, draws: Draws
) -> pd.DataFrame:
    """P10, P50 and P90 of allocation and core budget, by year and place and of all places together.

    Args:
        drawn: the budget years.
        bridge: ``growth_bridge``, for what is booked.
        allocated: the step of the bridge whose balance is the allocation.
        title: of all places together.
        draws: what was drawn.

    Returns:
        The columns of ``budget_range``. Percentiles do not add up: places are seldom all low at once.
    """
    rows = []
    for year in drawn:
        facts = {"draws": draws.count, "seed": draws.seed, "impossible_draws": int(year.impossible.sum())}
        for keys, pence in _budgets(year, title):
            percentiles = np.percentile(pence, PERCENT)
            told = {f"p{percent}_pence": half_up(float(at)) for percent, at in zip(PERCENT, percentiles, strict=True)}
            rows.append({**keys, **told, **facts, "need_drawn": year.need_drawn})
    table = pd.DataFrame(rows).merge(booked(bridge, allocated, title), on=_KEYS, validate="one_to_one")
    return table


def booked(bridge: pd.DataFrame, allocated: str, title: str) -> pd.DataFrame:
    """Booked pence by year, scale, unit and measure.

    Args:
        bridge: ``growth_bridge``.
        allocated: the step whose balance is the allocation.
        title: of all places together.
    """
    by_place = ["financial_year", "place"]
    balances = {
        "allocation": bridge[bridge["step"].astype(str) == allocated].set_index(by_place)["balance_pence"],
        "core": bridge.groupby(by_place)["balance_pence"].last(),
    }
    parts = []
    for measure, pence in balances.items():
        places = pence.rename("booked_pence").rename_axis(index={"place": "unit"}).reset_index()
        whole = places.groupby("financial_year", as_index=False)["booked_pence"].sum().assign(unit=title)
        parts += [places.assign(scale="place", measure=measure), whole.assign(scale="footprint", measure=measure)]
    return pd.concat(parts, ignore_index=True)


def shares_of_variance(drawn: Sequence[Drawn], title: str, draws: Draws) -> pd.DataFrame:
    """How much of the variance of each budget goes with each thing that was drawn.

    Draws are independent of one another, so the squared correlation of a budget with one of them is the share of its
    variance that a straight line in it explains. What curves and acts together is in no share; chance leaves each share
    about one over the number of draws too high.

    Args:
        drawn: the budget years.
        title: of all places together.
        draws: what was drawn.

    Returns:
        ``financial_year``, ``scale``, ``unit``, ``measure``, ``drawn`` and ``share``; nothing where nothing varies.
    """
    rows = [
        {**keys, "drawn": name, "share": float(np.corrcoef(normals, pence)[0, 1] ** 2)}
        for year in drawn
        for keys, pence in _budgets(year, title)
        if np.ptp(pence) > 1
        for name, normals in draws.normals.items()
    ]
    return pd.DataFrame(rows, columns=[*_KEYS, "drawn", "share"])


def _budgets(year: Drawn, title: str) -> Iterator[tuple[Mapping[str, str], Floats]]:
    """Every budget of a year, of places and of all together, by draw."""
    for measure in MEASURES:
        pence: Floats = getattr(year, measure)
        for unit, row in zip(year.places, pence, strict=True):
            yield {"financial_year": year.year, "scale": "place", "unit": unit, "measure": measure}, row
        whole = {"financial_year": year.year, "scale": "footprint", "unit": title, "measure": measure}
        yield whole, pence.sum(axis=0)
