"""Need indices of places from published practice weights: a place's need per head over that of its ICB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.need.layouts import canonical, stream_names

_SUMS = ["population", "weighted_population"]
_MOST_NAMED = 20


def need_index(weights: pd.DataFrame, places: Mapping[str, Sequence[str]], icb: str) -> pd.DataFrame:
    """Need indices of places, by need stream: weighted population per head over that of the ICB, unrounded.

    ``index = (Σ WP / Σ pop over the place) / (Σ WP / Σ pop over the ICB)`` (the method, step 5; NHS England's
    place-based allocation tool).

    Args:
        weights: published practice weights of any layout, or ``published_weights``. Where no ICB is named, every
            practice of the table is the ICB's.
        places: practice codes by place.
        icb: code of the ICB.

    Returns:
        ``place``, ``stream``, ``population``, ``weighted_population`` (people), ``need_index`` (1 is the ICB), in
        the order of the places; with ``financial_year`` where the weights say it.

    Raises:
        ConfigurationError: the ICB is not in the weights, a practice of a place is not in the ICB's weights, is
            listed twice or lacks a figure, or a place has nobody.
    """
    rows = canonical(weights)
    of_icb = _of_icb(rows, icb)
    years = ["financial_year"] if "financial_year" in rows else []
    placed = _placed(places).merge(of_icb, on="practice_code", how="left", indicator="found")
    _refuse_absent(placed, rows)
    _refuse_gaps(of_icb, placed, [*years, "stream"])
    sums = placed.groupby([*years, "place", "stream"], as_index=False)[_SUMS].sum()
    _refuse_empty(sums)
    whole = of_icb.groupby([*years, "stream"], as_index=False)[_SUMS].sum()
    return _indexed(sums, whole, years, list(places))


def icb_totals(weights: pd.DataFrame, icb: str) -> pd.DataFrame:
    """Practices, people and weighted people of the ICB by stream (and year), which indices are over.

    Args:
        weights: as in `need_index`.
        icb: code of the ICB.
    """
    of_icb = _of_icb(canonical(weights), icb)
    keys = [key for key in ("financial_year", "stream") if key in of_icb]
    sums = of_icb.groupby(keys, as_index=False).agg(
        practices=("practice_code", "nunique"), population=_summed("population"), weighted=_summed(_SUMS[1])
    )
    return sums.rename(columns={"weighted": "weighted_population"})


def _summed(column: str) -> tuple[str, str]:
    return column, "sum"


def _of_icb(rows: pd.DataFrame, icb: str) -> pd.DataFrame:
    if "icb_code" not in rows:
        return rows
    of_icb = rows[rows["icb_code"] == icb]
    if of_icb.empty:
        known = ", ".join(sorted(rows["icb_code"].unique()))
        raise ConfigurationError(f"published_weights: no practice of the ICB {icb}; it has {known}.")
    return of_icb


def _placed(places: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    pairs = [(place, code) for place, codes in places.items() for code in codes]
    placed = pd.DataFrame(pairs, columns=["place", "practice_code"], dtype="str")
    empty = [place for place, codes in places.items() if not codes]
    if empty or not places:
        raise ConfigurationError(f"places: no practices in {', '.join(empty) or 'any place'}.")
    twice = placed[placed.duplicated()]
    if len(twice):
        raise ConfigurationError(_told("places", "listed twice in a place", _named(twice), "the places"))
    return placed


def _refuse_absent(placed: pd.DataFrame, rows: pd.DataFrame) -> None:
    absent = placed[placed["found"] == "left_only"]
    if absent.empty:
        return
    elsewhere = absent["practice_code"].isin(rows["practice_code"].unique())
    for wrong, rule, mend in (
        (absent[~elsewhere], "of the places not in the file", "the published file, or the practices of the places"),
        (absent[elsewhere], "of the places under another ICB", "the ICB of the places, or their practices"),
    ):
        if len(wrong):
            raise ConfigurationError(_told("published_weights", rule, _named(wrong), mend))


def _refuse_gaps(of_icb: pd.DataFrame, placed: pd.DataFrame, keys: list[str]) -> None:
    """Every practice of the ICB has its figures once; every practice of a place has all of them."""
    blank = of_icb[of_icb[_SUMS].isna().any(axis=1) | (of_icb[_SUMS] < 0).any(axis=1)]
    twice = of_icb[of_icb.duplicated(["practice_code", *keys])]
    of_places = of_icb[of_icb["practice_code"].isin(placed["practice_code"].unique())]
    wanted = len(of_icb[keys].drop_duplicates())
    counted = of_places.groupby("practice_code").size()
    for codes, rule in (
        (twice["practice_code"], "there more than once"),
        (blank["practice_code"], "with a figure that is blank, below nought or no number"),
        (counted[counted < wanted].index, "of the places without some streams or years that others have"),
    ):
        if len(codes):
            raise ConfigurationError(_told("published_weights", rule, sorted(set(codes)), "the published file"))


def _refuse_empty(sums: pd.DataFrame) -> None:
    empty = sums[sums["population"] <= 0]
    if len(empty):
        raise ConfigurationError(
            f"published_weights: nobody is registered in {', '.join(sorted(set(empty['place'])))}; need a head of "
            "nobody cannot be told."
        )


def _indexed(sums: pd.DataFrame, whole: pd.DataFrame, years: list[str], places: list[str]) -> pd.DataFrame:
    joined = sums.merge(whole, on=[*years, "stream"], suffixes=("", "_icb"), validate="many_to_one")
    a_head = joined["weighted_population"] / joined["population"]
    joined["need_index"] = a_head / (joined["weighted_population_icb"] / joined["population_icb"])
    order = {"place": places, "stream": list(stream_names())}
    joined = joined.sort_values(
        [*years, "place", "stream"], key=lambda c: c.map(order[c.name].index) if c.name in order else c
    )
    return joined[[*years, "place", "stream", *_SUMS, "need_index"]].reset_index(drop=True)


def _named(placed: pd.DataFrame) -> list[str]:
    return [f"{code} ({place})" for place, code in zip(placed["place"], placed["practice_code"], strict=True)]


def _told(table: str, rule: str, names: Iterable[str], mend: str) -> str:
    """An error as others are told: table, count, rule, which, what to mend."""
    listed = list(dict.fromkeys(names))
    count = f"{len(listed)} practice{'' if len(listed) == 1 else 's'}"
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return f"{table}: {count} {rule}.\n  which: {', '.join(listed[:_MOST_NAMED])}{more}\n  mend: {mend}"
