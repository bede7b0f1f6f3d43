"""Low-volume pairs within the year: no transactions below the threshold, and a pair that crosses it is named."""

from __future__ import annotations

import pandas as pd

from budget.payment.inyear.months import MONTHS

_PAIR = ["commissioner", "provider_code"]


def low_volume_watch(pairs: pd.DataFrame, spend: pd.DataFrame, year: str, month: int) -> pd.DataFrame:
    """Every low-volume pair with spend in the year, beside its threshold.

    Args:
        pairs: ``low_volume_pairs``.
        spend: ``actual_spend`` up to the month.
        year: the financial year.
        month: how many months are settled.

    Returns:
        commissioner, provider_code, provider_name, mean_pence (of the years that the rule looks at), threshold_pence,
        actual_pence, year_pence (what the months come to over twelve), crossed (spend to date is above the threshold),
        on_course (a year at this pace would be).
    """
    here = pairs[(pairs["financial_year"].astype(str) == year) & pairs["low_volume"].astype(bool)]
    known = here.groupby(_PAIR, as_index=False).agg(
        provider_name=("provider_name", "first"),
        mean_pence=("pair_mean_pence", "first"),
        threshold_pence=("threshold_pence", "first"),
    )
    done = spend.dropna(subset=["provider_code"]).groupby(_PAIR, as_index=False)["amount_pence"].sum()
    told = known.merge(done.rename(columns={"amount_pence": "actual_pence"}), on=_PAIR, validate="one_to_one")
    told["year_pence"] = told["actual_pence"] * MONTHS / month
    crossed = told["actual_pence"] > told["threshold_pence"]
    on_course = ~crossed & (told["year_pence"] > told["threshold_pence"])
    return told.assign(crossed=crossed, on_course=on_course)


def without_low_volume(spend: pd.DataFrame, pairs: pd.DataFrame, year: str) -> pd.DataFrame:
    """Spend that is not that of a low-volume pair: such a pair is paid its block, whatever it does."""
    here = pairs[(pairs["financial_year"].astype(str) == year) & pairs["low_volume"].astype(bool)]
    known = pd.MultiIndex.from_frame(here[_PAIR])
    return spend[~pd.MultiIndex.from_frame(spend[_PAIR]).isin(known)]
