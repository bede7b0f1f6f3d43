"""Need indices of every ICB and district of England, from published weights of any years, in one pass."""

from __future__ import annotations

import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.need.layouts import canonical

ENGLAND = "England"
_SUMS = ["population", "weighted_population"]
_NEEDED = ("icb_code", "lad_code", "stream", *_SUMS)


def area_indices(weights: pd.DataFrame) -> pd.DataFrame:
    """Need of every ICB and district over England's, and of every district over that of its ICB; unrounded.

    As in `budget.need.published.need_index`, weighted population per head of the area over that of the whole.
    A published weight adds up to the population over England, so need over England's is weighted population per head.

    Args:
        weights: published practice weights of all England, of any layout; or their sums by area, as rows of
            ``icb_code``, ``lad_code``, ``stream``, ``population``, ``weighted_population``. With ``financial_year``
            where they are of several years. The district is that of the practice's building.

    Returns:
        ``financial_year`` (where the weights say it), ``level`` (icb, district), ``area`` (code), ``within``
        (England, or the ICB), ``stream``, ``population``, ``weighted_population``, ``need_index``.

    Raises:
        ConfigurationError: the weights name no ICB or district, or lack a figure.
    """
    rows = weights if set(_NEEDED) <= set(weights.columns) else canonical(weights)
    missing = [column for column in _NEEDED if column not in rows]
    if missing or rows[list(_NEEDED)].isna().any(axis=None):
        raise ConfigurationError(f"published_weights: a column or figure is missing ({', '.join(_NEEDED)}).")
    rows = rows.assign(england=ENGLAND)
    keys = ["financial_year", "stream"] if "financial_year" in rows else ["stream"]
    # practices add up once; everything after works on a few hundred rows
    sums = rows.groupby([*keys, "england", "icb_code", "lad_code"], as_index=False)[_SUMS].sum()
    levels = [
        _over(sums, keys, "icb", "icb_code", "england"),
        _over(sums, keys, "district", "lad_code", "england"),
        _over(sums, keys, "district", "lad_code", "icb_code"),
    ]
    return pd.concat(levels, ignore_index=True)


def _over(sums: pd.DataFrame, keys: list[str], level: str, area: str, whole: str) -> pd.DataFrame:
    """Indices of one kind of area over the whole that it lies in."""
    areas = sums.groupby([*keys, area, whole], as_index=False)[_SUMS].sum()
    wholes = areas.groupby([*keys, whole])[_SUMS].transform("sum")
    a_head = areas["weighted_population"] / areas["population"]
    areas["need_index"] = a_head / (wholes["weighted_population"] / wholes["population"])
    named = areas.rename(columns={area: "area", whole: "within"}).assign(level=level)
    years = keys[:-1]
    return named[[*years, "level", "area", "within", "stream", *_SUMS, "need_index"]]
