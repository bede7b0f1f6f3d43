"""What stands behind the carve-outs, for people: who holds choice money, and pairs against the low-volume threshold."""

from __future__ import annotations

import pandas as pd

from budget.report.facts import RunTables

UNDECLARED = "Nothing is declared."
_NO_INTEREST = "The commissioner provides no care."
_INTEREST = (
    "A prime provider keeps what patients do not take to other providers, and is one of those they choose among. It "
    "gains where fewer of them go elsewhere."
)


def choice_terms(tables: RunTables) -> pd.DataFrame:
    """Who holds the choice money of each year, with the conflict of interest in words (``interest``)."""
    frame = tables["choice_terms"]
    return frame.assign(interest=[_interest(row.method, row.conflict_of_interest) for row in frame.itertuples()])


def low_volume_pairs(tables: RunTables) -> pd.DataFrame:
    """Pairs with a name for the provider, the dearest first within a year."""
    frame = tables["low_volume_pairs"]
    named = frame.assign(provider=frame["provider_name"].where(frame["provider_name"].notna(), frame["provider_code"]))
    order = ["financial_year", "pair_mean_pence", "provider", "place"]
    return named.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def sides(tables: RunTables, year: str) -> pd.DataFrame:
    """Pairs and their mean yearly cost on each side of the rule of a year, and of the rule before it.

    Returns:
        ``rule`` (this or before), ``threshold_pence``, ``limit``, ``low_volume``, ``pairs``, ``pence``.
    """
    frame = tables["low_volume_pairs"]
    pairs = frame[frame["financial_year"] == year].drop_duplicates(["commissioner", "provider_code"])
    parts = [_side(pairs, "", "this")]
    if pairs["earlier_year"].notna().any():
        parts.append(_side(pairs, "earlier_", "before"))
    return pd.concat(parts, ignore_index=True)


def _side(pairs: pd.DataFrame, prefix: str, rule: str) -> pd.DataFrame:
    names = {f"{prefix}{name}": name for name in ("threshold_pence", "limit", "low_volume")}
    renamed = pairs[[*names, "pair_mean_pence"]].rename(columns=names)
    grouped = renamed.groupby(list(names.values()), as_index=False)["pair_mean_pence"].agg(["size", "sum"])
    return grouped.rename(columns={"size": "pairs", "sum": "pence"}).assign(rule=rule)


def _interest(method: str, declared: object) -> str:
    if method != "prime_provider":
        return _NO_INTEREST
    return f"{_INTEREST} {declared}" if isinstance(declared, str) else f"{_INTEREST} {UNDECLARED}"
