"""What each commissioner pays into each place's integrated budget."""

from __future__ import annotations

import pandas as pd

_KEYS = ["financial_year", "place", "commissioner"]
_BASELINE = ("baseline", "normalisation")


def contributions(budget: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Every commissioner's part of every place's allocation, beside what it spent there in the base year.

    Args:
        budget: ``integrated_budget``.
        ledger: ``budget_ledger``, whose first year opens with the base year's spend.

    Returns:
        The columns of ``contributions``; allocations of a place add up to its own.
    """
    sums = budget.groupby(_KEYS, as_index=False)[["allocation_pence", "incentive_pence", "core_pence"]].sum()
    first = ledger[ledger["financial_year"] == ledger["financial_year"].min()]
    opened = first[first["step"].isin(_BASELINE)].groupby(_KEYS[1:])["amount_pence"].sum()
    sums = sums.merge(opened.rename("baseline_pence").reset_index(), on=_KEYS[1:], how="left", validate="many_to_one")
    # whoever has no movement at the baseline paid nothing then: a true zero
    baseline = sums["baseline_pence"].where(sums["baseline_pence"].notna(), 0).astype("int64")
    whole = sums.groupby(_KEYS[:2])["allocation_pence"].transform("sum")
    return sums.assign(
        baseline_pence=baseline,
        payment_pence=sums["incentive_pence"] + sums["core_pence"],
        share=sums["allocation_pence"] / whole,
        growth=sums["allocation_pence"] / baseline.where(baseline != 0) - 1,
    )
