"""Outcome scores: how far each measure has come from its floor to its target, and what that earns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from budget.payment.forms import achievement, outcome_score
from budget.payment.settlement.holdings import PLACE
from budget.payment.settlement.terms import Deal

SCORE = "score"
"""The one measure of a place's own budget, whose measures no contract lists: its score, 0 to 1."""

_COLUMNS = ["contract", "measure", "title", "floor", "target", "weight", "better", "value", "achievement"]


def outcome_table(deals: Sequence[Deal], actual: pd.DataFrame | None) -> pd.DataFrame:
    """Every measure with what was reached, ``a = clip((x - floor) / (target - floor), 0, 1)`` (F12).

    Args:
        deals: contracts and places.
        actual: ``actual_outcomes``, of a measure the last row holds; None where nothing is known yet.

    Returns:
        contract, measure, title, floor, target, weight, better, value, achievement; the last two are nothing where the
        measure is not known yet.
    """
    values = {} if actual is None else {(row.contract, row.measure): row.value for row in actual.itertuples()}
    rows = []
    for deal in deals:
        agreed = deal.agreement.outcomes.measures if deal.agreement and deal.agreement.outcomes else ()
        for one in agreed:
            value = values.get((deal.id, one.id))
            reached = None if value is None else float(achievement(value, one.floor, one.target))
            told = (one.id, one.title, one.floor, one.target, one.weight, one.better)
            rows.append((deal.id, *told, value, reached))
        if deal.kind == PLACE and (deal.id, SCORE) in values:
            value = values[deal.id, SCORE]
            rows.append(
                (deal.id, SCORE, "Outcome score", 0.0, 1.0, 1.0, "higher", value, float(achievement(value, 0, 1)))
            )
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"value": "float64", "achievement": "float64"})


def scores(outcomes: pd.DataFrame) -> dict[str, float]:
    """Score of every contract whose measures are all known, ``Σ w a`` over ``Σ w``."""
    found = {}
    for contract, rows in outcomes.groupby("contract"):
        if rows["achievement"].notna().all():
            weights = rows["weight"].to_numpy()
            found[str(contract)] = outcome_score(rows["achievement"].to_numpy(), weights / weights.sum())
    return found


def performance_of(deal: Deal, parties: pd.Series, actual: pd.DataFrame | None) -> pd.Series:
    """Performance of each party, 0 to 1, where the contract's form shares by it (C8).

    Args:
        deal: the contract.
        parties: codes of its parties, which are the measures' names.
        actual: ``actual_outcomes``, of a measure the last row holds; None where nothing is known yet.

    Returns:
        Performance in the order of the parties; nothing where it is not known yet or not asked for.
    """
    if actual is None or not deal.by_performance:
        return pd.Series(float("nan"), index=parties.index)
    mine = actual[actual["contract"] == deal.id].drop_duplicates("measure", keep="last")
    return parties.map(mine.set_index("measure")["value"]).astype("float64")
