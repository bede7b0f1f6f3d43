"""Spend a head beside that of the year before (the method, section 5, check B07)."""

from __future__ import annotations

import pandas as pd


def against_year_before(
    lines: pd.DataFrame, before: pd.DataFrame, people: float, lists: pd.DataFrame | None
) -> pd.DataFrame:
    """Normalised spend a head by line in the base year and the year before, in the columns of ``spend_per_head``.

    People of the year before are those of the base year, less what the lists have grown since; where no lists are
    known, the same people stand for both years and the table says so.

    Args:
        lines: ``baseline_lines`` of the base year.
        before: the same of the year before.
        people: people of the base year, all places together.
        lists: ``population_reconciliation``, if there is one.
    """
    sums = [frame.groupby("service_line")["normalised_pence"].sum() for frame in (lines, before)]
    joined = pd.concat(sums, axis=1, keys=["pence", "previous_pence"]).sort_index()
    # a line of one year only has no spend in the other: a true zero
    joined = joined.where(joined.notna(), 0).astype("int64").rename_axis("service_line").reset_index()
    joined["people"] = people
    joined["previous_people"] = people * _people_ratio(lists)
    joined["per_head_pence"] = joined["pence"] / joined["people"]
    joined["previous_per_head_pence"] = joined["previous_pence"] / joined["previous_people"]
    change = joined["per_head_pence"] / joined["previous_per_head_pence"].where(joined["previous_pence"] != 0) - 1
    basis = "the same people in both years" if lists is None else "lists a year before the snapshot"
    return joined.assign(change_share=change.where(joined["pence"] != 0), basis=basis)


def _people_ratio(lists: pd.DataFrame | None) -> float:
    """Registrations current a year before the snapshot over those current at it, counted or not."""
    if lists is None:
        return 1.0
    now = lists[["closing", "excluded", "duplicates", "quarantined"]].sum().sum()
    return float(lists["opening"].sum() / now)
