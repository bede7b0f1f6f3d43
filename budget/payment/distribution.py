"""Who gets which part of a gain or loss (the method, section 2.2; WSIC toolkit, chapter 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.errors import ConfigurationError
from budget.kernel.money import apportion

Pence = NDArray[np.int64]
Floats = NDArray[np.float64]
Rule = Literal["equal", "budget", "equity", "performance", "need", "compensate", "reinvest"]


@dataclass(frozen=True)
class Distribution:
    """A gain or loss, shared out.

    Attributes:
        parts: pence by party.
        reinvested_pence: what goes to the pool instead (a loss: what the pool pays); parts and this are the whole.
    """

    parts: Pence
    reinvested_pence: int


def distribute(
    total_pence: int, parties: pd.DataFrame, rule: Rule, *, performance_losses: str | None = None
) -> Distribution:
    """Share a gain (or, negative, a loss) among parties, exactly.

    Args:
        total_pence: G.
        parties: one row a party; ``budget`` needs budget_pence; ``equity`` its share in equity; ``performance``
            budget_pence and performance (0 to 1); ``need`` need_pence and rank (1 is first); ``compensate``
            budget_pence and previous_pence.
        rule: how it is shared.
        performance_losses: ``invert`` or ``budget``; must be chosen where a loss is shared by performance.

    Raises:
        ConfigurationError: no such rule, a column is missing, a loss by a rule that is for gains alone, or by
            performance without saying how.
    """
    if rule not in RULES:
        raise ConfigurationError(f"distribution: there is no rule {rule!r}; known: {', '.join(RULES)}.")
    how = RULES[rule]
    missing = [name for name in how.columns if name not in parties or parties[name].isna().any()]
    if missing:
        raise ConfigurationError(f"distribution by {rule}: every party needs {', '.join(missing)}.")
    if total_pence < 0 and how.gains_alone:
        raise ConfigurationError(f"distribution by {rule} is for gains; a loss needs another rule.")
    if rule == "performance":
        return _by_performance(total_pence, parties, performance_losses)
    return how.share(total_pence, parties)


def performance_weights(budgets: Floats, performance: Floats, losses: str | None) -> Floats:
    """Weights of a gain, ``b perf``; or of a loss, ``b (1 - perf)`` (invert) or ``b`` (budget).

    Args:
        budgets: b.
        performance: 0 to 1.
        losses: how a loss is shared; nothing for a gain.

    Raises:
        ConfigurationError: no such way.
    """
    if losses not in (None, "invert", "budget"):
        raise ConfigurationError(f"performance_losses is {losses!r}; known: invert, budget.")
    if losses == "budget":
        return budgets
    weighed = budgets * (performance if losses is None else 1 - performance)
    # where nobody has earned a gain, or is to blame for a loss, budgets decide
    return np.where(weighed.sum(axis=-1, keepdims=True) == 0, budgets, weighed)


def _equal(total: int, parties: pd.DataFrame) -> Distribution:
    """``G / n``."""
    return Distribution(apportion(total, np.ones(len(parties))), 0)


def _by_budget(total: int, parties: pd.DataFrame) -> Distribution:
    """``G b / Σ b``."""
    return Distribution(apportion(total, _floats(parties, "budget_pence")), 0)


def _by_equity(total: int, parties: pd.DataFrame) -> Distribution:
    """``G e``; shares of ownership are taken in proportion."""
    return Distribution(apportion(total, _floats(parties, "equity")), 0)


def _by_performance(total: int, parties: pd.DataFrame, losses: str | None) -> Distribution:
    """``G b perf / Σ b perf``; a loss as is chosen."""
    if total < 0 and losses is None:
        raise ConfigurationError("distribution by performance: say how a loss is shared (performance_losses).")
    budgets, performance = _floats(parties, "budget_pence"), _floats(parties, "performance")
    weights = performance_weights(budgets, performance, losses if total < 0 else None)
    return Distribution(apportion(total, weights), 0)


def _by_need(total: int, parties: pd.DataFrame) -> Distribution:
    """First the need that is ranked first, until G is spent; what is left is reinvested."""
    needs = parties["need_pence"].to_numpy(dtype=np.int64)
    parts, left = np.zeros(len(parties), dtype=np.int64), total
    for row in np.argsort(parties["rank"].to_numpy(), kind="stable"):
        parts[row] = min(left, int(needs[row]))
        left -= int(parts[row])
    return Distribution(parts, left)


def _compensate(total: int, parties: pd.DataFrame) -> Distribution:
    """``max(0, b_prev - b_now)`` first, in proportion where G does not reach; the rest by budget."""
    budgets = parties["budget_pence"].to_numpy(dtype=np.int64)
    fallen = np.maximum(0, parties["previous_pence"].to_numpy(dtype=np.int64) - budgets)
    first = min(total, int(fallen.sum()))
    made_up = apportion(first, fallen.astype(np.float64))
    return Distribution(made_up + apportion(total - first, budgets.astype(np.float64)), 0)


def _reinvest(total: int, parties: pd.DataFrame) -> Distribution:
    """Everything to the pool."""
    return Distribution(np.zeros(len(parties), dtype=np.int64), total)


def _floats(parties: pd.DataFrame, column: str) -> Floats:
    return parties[column].to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class How:
    """A way of sharing.

    Attributes:
        about: the rule in a sentence.
        formula: in the letters of the method.
        columns: columns of the parties that it needs.
        share: the sharing.
        gains_alone: whether it cannot share a loss.
    """

    about: str
    formula: str
    columns: tuple[str, ...]
    share: Callable[[int, pd.DataFrame], Distribution]
    gains_alone: bool = False


RULES: Mapping[str, How] = {
    "equal": How("every party the same", "G/n", (), _equal),
    "budget": How("by budget", "G·b/Σb", ("budget_pence",), _by_budget),
    "equity": How("by ownership", "G·e", ("equity",), _by_equity),
    "performance": How(
        "by budget and performance; a loss as `performance_losses` says: `invert` (1 − perf) or `budget`",
        "G·b·perf/Σ(b·perf)",
        ("budget_pence", "performance"),
        lambda total, parties: _by_performance(total, parties, None),
    ),
    "need": How(
        "needs in order of rank until G is spent; what is left is reinvested",
        "min(need, what is left)",
        ("need_pence", "rank"),
        _by_need,
        gains_alone=True,
    ),
    "compensate": How(
        "parties whose budget fell first, in proportion; the rest by budget",
        "max(0, b_prev − b_now), then G·b/Σb",
        ("budget_pence", "previous_pence"),
        _compensate,
        gains_alone=True,
    ),
    "reinvest": How("to the pool", "pool + G", (), _reinvest),
}
"""The rules, by name."""
