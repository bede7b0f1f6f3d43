"""A contract settled: every party's result in whole pence, and what moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.errors import ConfigurationError
from budget.payment.contracts.form import FACTS, Bearing, ContractForm, Floats, account_of

_BY_PARTY = ("lead", "performance", "contribution_pence")


def settled(rule: ContractForm, parties: pd.DataFrame, *, score: float | None = None) -> pd.DataFrame:
    """Who gains or loses what under a contract form.

    Args:
        rule: the form with its parameters.
        parties: party, budget_pence, cost_pence, and as the form needs them lead, performance, contribution_pence.
        score: outcome score of the contract, 0 to 1.

    Returns:
        party, kind (``party``, or ``beside`` for the commissioner, pools and other sources of money), budget_pence,
        cost_pence, result_pence, transfer_pence (result less own budget less own cost). Results add up to ``B - C``
        to the penny, transfers to nothing.

    Raises:
        ConfigurationError: a column or the score is missing, or a party is there twice.
    """
    budgets, costs = (_pence(parties, name) for name in ("budget_pence", "cost_pence"))
    given = {name.removesuffix("_pence"): parties[name] for name in _BY_PARTY if name in parties}
    bearing = rule.bear(account_of(budgets, costs, score=score, **given))
    names = [str(party) for party in parties["party"]]
    _refuse_twins([*names, *bearing.beside])
    results = booked(_in_a_row(bearing), int(budgets.sum() - costs.sum()))
    extra = np.zeros(len(bearing.beside), dtype=np.int64)
    own = np.concatenate([budgets - costs, extra])
    return pd.DataFrame(
        {
            "party": [*names, *bearing.beside],
            "kind": ["party"] * len(names) + ["beside"] * len(extra),
            "budget_pence": np.concatenate([budgets, extra]),
            "cost_pence": np.concatenate([costs, extra]),
            "result_pence": results,
            "transfer_pence": results - own,
        }
    )


def booked(unrounded: Floats, total_pence: int) -> NDArray[np.int64]:
    """Parts in whole pence that add up to a total, by largest remainder; parts may differ in sign.

    Every part is cut down (of a loss: towards nothing); pennies that are left go to the largest fractions, to a
    millionth of a penny, ties to the earlier part.
    """
    sign = -1 if total_pence < 0 else 1
    wanted = np.round(sign * np.asarray(unrounded, dtype=np.float64), 6)
    parts = np.floor(wanted).astype(np.int64)
    order = np.argsort(-np.round(wanted - parts, 6), kind="stable")
    parts[order[: abs(total_pence) - int(parts.sum())]] += 1
    return sign * parts


def sorted_out(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts that are given beside the parties, and parameters of the form."""
    facts = {key: value for key, value in given.items() if key in FACTS}
    return facts, {key: value for key, value in given.items() if key not in FACTS}


def _in_a_row(bearing: Bearing) -> Floats:
    return np.concatenate([bearing.parties, [float(value) for value in bearing.beside.values()]])


def _pence(parties: pd.DataFrame, name: str) -> NDArray[np.int64]:
    if name not in parties or parties[name].isna().any():
        raise ConfigurationError(f"parties: every party needs {name}.")
    return parties[name].to_numpy(dtype=np.int64)


def _refuse_twins(names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise ConfigurationError(f"parties: {', '.join(twins)} is there twice.")
