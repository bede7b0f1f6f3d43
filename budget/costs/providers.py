"""What providers were paid in the years up to the base year: from spend that names them, else from activity."""

from __future__ import annotations

import pandas as pd

from budget.contracts import table
from budget.plan import Plan

_CARE = ["place", "service_line", "provider_code"]
_COLUMNS = list(table("provider_history").names)


def provider_history(
    spend: pd.DataFrame, providers: pd.DataFrame | None, activity: pd.DataFrame | None, plan: Plan
) -> pd.DataFrame:
    """Cost by year, commissioner, place, line and provider, in the columns of ``provider_history``.

    A place and line whose spend names providers in any year takes them from there. The others take what the activity of
    the base year cost, which is one year, of the locality's own commissioner.

    Args:
        spend: ``spend`` on the lines in scope, of all years.
        providers: ``providers``, where the locality has them.
        activity: ``provider_activity``, where care is known.
        plan: the plan of the run.
    """
    spent, seen = _from_spend(spend, providers, str(plan.base_year)), _from_activity(activity, plan)
    if not spent.empty and not seen.empty:
        line = ["place", "service_line"]
        known = pd.MultiIndex.from_frame(spent[line])
        seen = seen[~pd.MultiIndex.from_frame(seen[line]).isin(known)]
    parts = [part for part in (spent, seen) if not part.empty] or [seen]
    return pd.concat(parts).sort_values(["financial_year", "commissioner", *_CARE], ignore_index=True)[_COLUMNS]


def _from_spend(spend: pd.DataFrame, providers: pd.DataFrame | None, base_year: str) -> pd.DataFrame:
    """Gross spend of the years up to the base year, where it names the provider."""
    past = spend["financial_year"] <= base_year
    named = spend[past & spend["adjustment"].isna() & spend["provider_code"].notna()]
    keys = ["financial_year", "commissioner", *_CARE]
    sums = named.groupby(keys, as_index=False)["amount_pence"].sum().rename(columns={"amount_pence": "cost_pence"})
    columns = ["provider_code", "provider_name", "local_to", "contracted"]
    known = pd.DataFrame(columns=columns) if providers is None else providers[columns]
    joined = sums.merge(known, on="provider_code", how="left", validate="many_to_one")
    return joined.assign(local=joined["local_to"].notna(), source="spend")[_COLUMNS]


def _from_activity(activity: pd.DataFrame | None, plan: Plan) -> pd.DataFrame:
    if activity is None:
        return pd.DataFrame(columns=_COLUMNS)
    own = {"financial_year": str(plan.base_year), "commissioner": plan.icb_code, "source": "activity"}
    return activity.assign(**own)[_COLUMNS]
