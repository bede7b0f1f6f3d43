"""What providers were paid in the years up to the base year: from spend that names them, else from activity."""

from __future__ import annotations

import pandas as pd

from budget.stage import Given

CARE = ["place", "service_line", "provider_code"]
"""What tells care apart where carve-outs are concerned: whose, of which kind, by whom."""

COLUMNS = ["financial_year", "commissioner", *CARE, "provider_name", "local", "cost_pence", "source"]


def provider_history(given: Given) -> pd.DataFrame:
    """Cost by year, commissioner, place, line and provider, in the columns of ``provider_history``.

    A place and line whose spend names providers in any year takes them from there. The others take what the activity of
    the base year cost, which is one year, of the locality's own commissioner.
    """
    spent, seen = _from_spend(given), _from_activity(given)
    if not spent.empty:
        line = ["place", "service_line"]
        known = pd.MultiIndex.from_frame(spent[line])
        seen = seen[~pd.MultiIndex.from_frame(seen[line]).isin(known)]
    whole = seen if spent.empty else spent if seen.empty else pd.concat([spent, seen])
    return whole.sort_values(["financial_year", "commissioner", *CARE], ignore_index=True)[COLUMNS]


def care_known(given: Given, history: pd.DataFrame) -> pd.DataFrame:
    """Every place, line and provider that the history or the activity knows, with whether there is a contract.

    Returns:
        place, service_line, provider_code, provider_name, local, contracted (nothing where that is not known).
    """
    columns = [*CARE, "provider_name", "local"]
    parts = [history[columns]]
    if given.has("provider_activity"):
        parts.append(given.frame("provider_activity")[columns])
    known = pd.concat([part for part in parts if not part.empty] or [history[columns]])
    known = known.drop_duplicates(CARE).sort_values(CARE, ignore_index=True)
    return known.assign(contracted=known["provider_code"].map(_contracts(given)))


def _contracts(given: Given) -> dict[str, bool]:
    """Whether there is a contract, by provider; a provider of which that is not known is left out."""
    if not given.has("providers"):
        return {}
    providers = given.frame("providers")
    told = providers[providers["contracted"].notna()]
    return {code: bool(value) for code, value in zip(told["provider_code"], told["contracted"], strict=True)}


def _from_spend(given: Given) -> pd.DataFrame:
    """Gross spend of the years up to the base year, where it names the provider."""
    if not given.has("spend"):
        return pd.DataFrame(columns=COLUMNS)
    spend = given.frame("spend")
    year = spend["financial_year"] <= str(given.plan.base_year)
    named = spend[year & spend["adjustment"].isna() & spend["provider_code"].notna()]
    keys = ["financial_year", "commissioner", *CARE]
    sums = named.groupby(keys, as_index=False)["amount_pence"].sum().rename(columns={"amount_pence": "cost_pence"})
    columns = ["provider_code", "provider_name", "local_to"]
    providers = given.frame("providers")[columns] if given.has("providers") else pd.DataFrame(columns=columns)
    joined = sums.merge(providers, on="provider_code", how="left", validate="many_to_one")
    return joined.assign(local=joined["local_to"].notna(), source="spend")[COLUMNS]


def _from_activity(given: Given) -> pd.DataFrame:
    if not given.has("provider_activity"):
        return pd.DataFrame(columns=COLUMNS)
    plan = given.plan
    seen = given.frame("provider_activity").assign(
        financial_year=str(plan.base_year), commissioner=plan.icb_code, source="activity"
    )
    return seen[COLUMNS]
