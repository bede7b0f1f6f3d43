"""Practices: where each code's list is counted at the snapshot, and which ICB it belongs to by contract.

The map from practice to ICB is contractual and dated, not geographical. A closed practice's list is its successor's, so
that a merger is no growth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from budget.kernel.errors import RunStopped, refusal

_FOREVER = date(9999, 12, 31)


def practice_homes(practices: pd.DataFrame, commissioners: pd.DataFrame | None, snapshot: date) -> pd.DataFrame:
    """Where the list of every practice code is counted.

    Args:
        practices: ``practices``.
        commissioners: ``practice_commissioners``; None where ``icb_code`` of the practices is the map.
        snapshot: the day on which people are counted.

    Returns:
        practice_code, counted_code, place, icb_code, term_from, term_until: one row a code. The days are those between
        which the practice belongs to the ICB that it has at the snapshot (or when it opens, if that is later), the last
        one exclusive; null where open.

    Raises:
        RunStopped: a succession leads nowhere or in a circle, a practice is missing from the dated map, or belongs to
            two ICBs on one day.
    """
    successors = _successors(practices, snapshot)
    homes = practices[["practice_code"]].assign(
        counted_code=[_end_of(code, successors) for code in practices["practice_code"]]
    )
    places = practices.set_index("practice_code")["place"]
    numbers = {code: number for number, code in enumerate(sorted(practices["practice_code"]), 1)}
    homes["practice_no"] = homes["counted_code"].map(numbers)
    homes["place"] = places.loc[homes["counted_code"]].to_numpy()
    terms = _without_map(practices) if commissioners is None else _from_map(commissioners, practices, snapshot)
    return homes.merge(terms, left_on="counted_code", right_index=True, how="left", validate="many_to_one")


def _successors(practices: pd.DataFrame, snapshot: date) -> Mapping[str, str]:
    """Successor by code, of the practices that have closed by the snapshot or do not say when."""
    closed = practices[practices["successor_code"].notna() & ~(practices["closed_on"] >= snapshot)]
    found = dict(zip(closed["practice_code"], closed["successor_code"], strict=True))
    unknown = sorted(set(found.values()) - set(practices["practice_code"]))
    if unknown:
        raise _refuse("P34", "practices", "a practice's successor is itself one of the practices", unknown)
    return found


def _end_of(code: str, successors: Mapping[str, str]) -> str:
    """The last of a chain of successors.

    Raises:
        RunStopped: the chain comes back to where it was.
    """
    seen = [code]
    while seen[-1] in successors:
        following = successors[seen[-1]]
        if following in seen:
            raise _refuse("P34", "practices", "no chain of successors comes back to a practice before it", seen)
        seen.append(following)
    return seen[-1]


def _without_map(practices: pd.DataFrame) -> pd.DataFrame:
    terms = practices.set_index("practice_code")[["icb_code"]]
    return terms.assign(term_from=_no_days(terms), term_until=_no_days(terms))


def _no_days(frame: pd.DataFrame) -> pd.Series:
    return pd.Series([None] * len(frame), index=frame.index, dtype="object")


def _from_map(commissioners: pd.DataFrame, practices: pd.DataFrame, snapshot: date) -> pd.DataFrame:
    """The term in force at the snapshot, by practice; the first one of a practice that opens later."""
    terms = commissioners.assign(
        last=commissioners["effective_to"].where(commissioners["effective_to"].notna(), _FOREVER)
    )
    terms = terms.sort_values(["practice_code", "effective_from"], ignore_index=True)
    _refuse_overlaps(terms)
    terms = _without_renewals(terms)
    now = terms[terms["last"] >= snapshot].drop_duplicates("practice_code").set_index("practice_code")
    in_force = now.index[now["effective_from"] <= snapshot]
    missing = sorted(set(_open_on(snapshot, practices)) - set(in_force))
    if missing:
        raise _refuse(
            "P35", "practice_commissioners", f"every practice open on {snapshot} belongs to an ICB that day", missing
        )
    days = [day + timedelta(days=1) if day < _FOREVER else None for day in now["last"]]
    until = pd.Series(days, index=now.index, dtype="object")
    return now[["icb_code"]].assign(term_from=now["effective_from"], term_until=until)


def _open_on(day: date, practices: pd.DataFrame) -> pd.Series:
    """Codes of the practices that are open on a day, or do not say when they are."""
    return practices[~(practices["closed_on"] < day) & ~(practices["opened_on"] > day)]["practice_code"]


def _without_renewals(terms: pd.DataFrame) -> pd.DataFrame:
    """Terms without those breaks at which a practice stays with its ICB."""
    before = terms.groupby("practice_code")[["icb_code", "last"]].shift()
    day_before = terms["effective_from"].map(lambda day: day - timedelta(days=1))
    renewed = (before["icb_code"] == terms["icb_code"]) & (before["last"] == day_before)
    whole = {"practice_code": "first", "icb_code": "first", "effective_from": "first", "last": "last"}
    return terms.groupby((~renewed).cumsum()).agg(whole)


def _refuse_overlaps(terms: pd.DataFrame) -> None:
    before = terms.groupby("practice_code")["last"].shift()
    overlapping = terms[before.notna() & (before >= terms["effective_from"])]
    if not overlapping.empty:
        codes = sorted(set(overlapping["practice_code"]))
        raise _refuse("P36", "practice_commissioners", "no practice belongs to two ICBs on one day", codes)


def _refuse(check_id: str, table: str, rule: str, codes: list[str]) -> RunStopped:
    return refusal(
        "population",
        check_id,
        table=table,
        rule=rule,
        rows_failed=len(codes),
        mend=f"inputs/{table}",
        keys=tuple(codes),
    )
