"""Low-volume activity: pairs of commissioner and provider that cost too little to be worth an invoice (F15)."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear

_PAIR = ["commissioner", "provider_code"]
_RULE = ("low_volume_threshold", "low_volume_limit")


@dataclass(frozen=True)
class Rule:
    """Up to which mean yearly cost a pair is low-volume.

    Attributes:
        year: the first year that the rule is looked up for.
        threshold_pence: the threshold.
        limit: ``below`` the threshold, or ``up_to`` it, itself included.
    """

    year: FinancialYear
    threshold_pence: int
    limit: str

    @classmethod
    def of(cls, assumptions: Assumptions, year: FinancialYear) -> Rule:
        """The rule of a year."""
        threshold, limit = _RULE
        return cls(year, assumptions.pence(threshold, year), assumptions.choice(limit, year))

    def before(self, assumptions: Assumptions) -> Rule | None:
        """The rule that this one replaced: the latest of an earlier year that differs; nothing where none is known."""
        years = {scope.year for name, scope in assumptions.entries if name in _RULE and scope.year}
        rules = (Rule.of(assumptions, year) for year in sorted(years, reverse=True) if year < self.year)
        changed = (rule for rule in rules if (rule.threshold_pence, rule.limit) != (self.threshold_pence, self.limit))
        return next(changed, None)

    def holds(self, total_pence: int, years: int) -> bool:
        """Whether a pair that cost so much over so many years is low-volume; exact, a mean need not be whole pence."""
        allowed = self.threshold_pence * years
        return total_pence < allowed or (self.limit == "up_to" and total_pence == allowed)


def low_volume_pairs(history: pd.DataFrame, rule: Rule, before: Rule | None, years: int) -> pd.DataFrame:
    """Every pair with its mean, and on which side of the rule it falls, now and under the rule before.

    Args:
        history: rows of ``provider_history`` that low-volume activity may come from.
        rule: the rule of the budget year.
        before: the rule that it replaced.
        years: how many years up to the base year count; a pair without cost in one of them has a true zero there.

    Returns:
        The columns of ``low_volume_pairs``, one row a pair and place.
    """
    recent = latest(history, years)
    span = lcm(*recent["years"].unique())
    recent["scaled"] = recent["cost_pence"] * (span // recent["years"])
    groups = recent.groupby([*_PAIR, "provider_name", "place"], as_index=False, dropna=False)
    table = groups.agg(scaled=("scaled", "sum"), years=("years", "min"))
    total = table.groupby(_PAIR)["scaled"].transform("sum")
    table = table.assign(
        financial_year=str(rule.year),
        place_mean_pence=table["scaled"] / span,
        pair_mean_pence=total / span,
        **_side(rule, total, span, ""),
        **_side(before, total, span, "earlier_"),
    )
    return table.drop(columns="scaled")


def latest(history: pd.DataFrame, years: int) -> pd.DataFrame:
    """The rows of the last years of each source, with ``years``: how many of them the source has."""
    parts = []
    for _, rows in history.groupby("source"):
        kept = sorted(rows["financial_year"].unique())[-years:]
        parts.append(rows[rows["financial_year"].isin(kept)].assign(years=len(kept)))
    return pd.concat(parts) if parts else history.assign(years=0)


def _side(rule: Rule | None, total: pd.Series, span: int, prefix: str) -> dict[str, object]:
    names = [f"{prefix}{name}" for name in ("threshold_pence", "limit", "low_volume")]
    if rule is None:
        return dict.fromkeys(["earlier_year", *names])
    falls = [rule.holds(int(pence), span) for pence in total]
    facts: dict[str, object] = dict(zip(names, (rule.threshold_pence, rule.limit, falls), strict=True))
    return facts | ({"earlier_year": str(rule.year)} if prefix else {})
