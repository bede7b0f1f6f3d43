"""The budget as it is paid: sums over the ledger, split to segments a head and to months."""

from __future__ import annotations

import pandas as pd

from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.money import apportion

MONTHS = 12
_KEYS = ["financial_year", "place", "segment", "service_line", "commissioner"]
_SET_ASIDE = {
    "choice_carve_out": "carve_out_pence",
    "other_carve_outs": "carve_out_pence",
    "risk_pool": "risk_pool_pence",
    "incentive": "incentive_pence",
}


def integrated_budget(ledger: pd.DataFrame, people: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The budget by year, place, segment, line and commissioner.

    Args:
        ledger: ``budget_ledger``.
        people: ``segment_people``.
        weights: financial_year, place, weighted_people of the need method that sets the targets.

    Returns:
        The columns of ``integrated_budget``. A place's weighted people are shared to segments by their part of
        the allocation.
    """
    part = ledger["step"].map(_SET_ASIDE)
    taken = -ledger["amount_pence"].where(part.notna(), 0)
    amounts = ledger[_KEYS].assign(
        part=part.fillna("allocation_pence"), pence=taken.where(part.notna(), ledger["amount_pence"])
    )
    wide = amounts.pivot_table(index=_KEYS, columns="part", values="pence", aggfunc="sum", fill_value=0)
    columns = ["allocation_pence", *dict.fromkeys(_SET_ASIDE.values())]
    budget = wide.reindex(columns=columns, fill_value=0).astype("int64").reset_index().rename_axis(columns=None)
    budget["core_pence"] = budget["allocation_pence"] - budget[columns[1:]].sum(axis=1)
    return _with_people(budget, people, weights)


def broad_group_budget(budget: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """The budget by year, place and broad group, so that budgets under two schemes can be read side by side.

    Args:
        budget: ``integrated_budget``.
        segments: segment, broad_group; every segment of the budget has one.

    Returns:
        The columns of ``broad_group_budget``; money and people add up to those of the budget.
    """
    place = ["financial_year", "place"]
    people = ["people", "weighted_people"]
    money = [column for column in budget.columns if column.endswith("_pence")]
    # people stand on every line and commissioner of a segment: each is taken once
    once = budget.assign(**{name: budget[name].where(~budget.duplicated([*place, "segment"])) for name in people})
    grouped = once.merge(segments[["segment", "broad_group"]], on="segment", how="left", validate="many_to_one")
    grouped["broad_group"] = grouped["broad_group"].mask(grouped["segment"] == UNATTRIBUTED, "unattributed")
    return grouped.groupby([*place, "broad_group"], as_index=False, dropna=False)[[*money, *people]].sum()


def segment_rates(budget: pd.DataFrame) -> pd.DataFrame:
    """Whole population annual payment (core and incentive) by segment, and a head (the method, step 14)."""
    keys = ["financial_year", "place", "segment"]
    wpap = budget.assign(wpap_pence=budget["core_pence"] + budget["incentive_pence"])
    rates = wpap.groupby(keys, as_index=False).agg(people=("people", "first"), wpap_pence=("wpap_pence", "sum"))
    rates["rate_per_head_pence"] = (rates["wpap_pence"] / rates["people"]).where(rates["people"] > 0)
    return rates


def monthly_profile(rates: pd.DataFrame) -> pd.DataFrame:
    """Twelve payments of each place's annual payment; pennies left over go to the first months."""
    rows = [
        {"financial_year": year, "place": place, "month": month, "payment_pence": int(pence)}
        for (year, place), total in rates.groupby(["financial_year", "place"])["wpap_pence"].sum().items()  # type: ignore[misc]
        for month, pence in enumerate(apportion(int(total), [1.0] * MONTHS), 1)
    ]
    return pd.DataFrame(rows)


def _with_people(budget: pd.DataFrame, people: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    counted = budget.merge(people, on=["financial_year", "place", "segment"], how="left", validate="many_to_one")
    # money that is held out of segments is nobody's: a true zero
    counted["people"] = counted["people"].mask(counted["segment"] == UNATTRIBUTED, 0.0)
    weighed = counted.merge(weights, on=["financial_year", "place"], how="left", validate="many_to_one")
    place = weighed.groupby(["financial_year", "place"])["allocation_pence"].transform("sum")
    segment = weighed.groupby(["financial_year", "place", "segment"])["allocation_pence"].transform("sum")
    weighed["weighted_people"] = weighed["weighted_people"] * segment / place
    return weighed.sort_values(_KEYS, ignore_index=True)
