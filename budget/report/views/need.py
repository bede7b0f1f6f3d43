"""Need, target and spend of each place."""

from __future__ import annotations

import pandas as pd

from budget.kernel.errors import CapitationError
from budget.report.facts import RunTables
from budget.report.views.budget import YEAR


def pace_of_change(tables: RunTables) -> pd.DataFrame:
    """Opening, target and allocation of each place and year, with what the rule moved."""
    frame = tables["pace_of_change"]
    moved = frame["allocation_pence"] - frame["opening_pence"]
    return frame.assign(moved_pence=moved).sort_values([YEAR, "place"], ignore_index=True)


def need(tables: RunTables) -> pd.DataFrame:
    """Weighted populations by every method that was worked out."""
    keys = [YEAR, "place", "method", "stream"]
    return tables["need_weights"].sort_values(keys, ignore_index=True)


def need_and_spend(tables: RunTables) -> pd.DataFrame:
    """Need beside money a head, one row a year and place whose budget the run sets.

    Returns:
        ``people``, ``need_index`` (weighted people a head over the footprint's), ``opening_index`` and
        ``allocation_index`` (pounds a head over the footprint's), ``per_head_pence`` of the allocation
        and ``target_per_head_pence`` of the fair share.

    Raises:
        CapitationError: a place has no population, or more than one, among the weights that set the targets.
    """
    keys = [YEAR, "place"]
    used = tables["need_weights"].query("used").drop_duplicates([*keys, "population"])
    used = used[[*keys, "population"]].rename(columns={"population": "people"})
    frame = pace_of_change(tables).query("set_here").merge(used, on=keys, how="left")
    wrong = frame.loc[frame["people"].isna() | frame.duplicated(keys, keep=False), "place"]
    if len(wrong):
        names = ", ".join(sorted(set(wrong)))
        raise CapitationError(f"need_weights: not one population a year among the rows used for {names}.")
    frame = frame.assign(
        need_index=_over_footprint(frame, "weighted_people"),
        opening_index=_over_footprint(frame, "opening_pence"),
        allocation_index=_over_footprint(frame, "allocation_pence"),
        per_head_pence=frame["allocation_pence"] / frame["people"],
        target_per_head_pence=frame["target_pence"] / frame["people"],
    )
    return frame.sort_values([YEAR, "place"], ignore_index=True)


def _over_footprint(frame: pd.DataFrame, column: str) -> pd.Series:
    """A sum a head over the same sum a head of all places of the year."""
    whole = frame.groupby(YEAR)[[column, "people"]].transform("sum")
    return (frame[column] / frame["people"]) / (whole[column] / whole["people"])
