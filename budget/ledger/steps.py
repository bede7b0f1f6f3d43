"""The steps of the budget, in order: read this list to know how a budget is made.

Every step is one function named after the policy; it takes the balance before it and the year, and returns
the exact balance after it with the assumptions that made the change. The order is part of the method: a
swap changes pence, so the order is recorded with every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from budget.assumptions.pack import cite
from budget.ledger.balance import Balance, Change
from budget.ledger.carve_outs import choice_carve_out, other_carve_outs
from budget.ledger.policy import policy_moves, policy_rows
from budget.ledger.target import pace_of_change
from budget.ledger.year import Year


@dataclass(frozen=True)
class Step:
    """One step: its name in the ledger, what people call it, and the function."""

    name: str
    title: str
    apply: Callable[[Balance, Year], Change]


def baseline(_: Balance, year: Year) -> Change:
    """Open with gross spend in the first year, with last year's allocation after it (the method, steps 3 and 17)."""
    return Change(year.brought_forward, ())


def rebasing(before: Balance, year: Year) -> Change:
    """Take a year that is rebased back to what its services are planned to cost (the method, step 17).

    What the years before allocated beyond that cost goes (compression); what they were short of comes.
    """
    return Change(before.exact if year.rebased is None else year.rebased, ("rebase_years",))


def normalisation(before: Balance, year: Year) -> Change:
    """Add the signed adjustments: N = G + adjustments (the method, step 3)."""
    return Change(before.exact + year.adjustments, ("baseline_adjustments",))


def demographic_growth(before: Balance, year: Year) -> Change:
    """Let every segment's cost follow its people: n1 r0 (the method, step 6)."""
    pairs = zip(before.column("place"), before.column("segment"), strict=True)
    return Change(before.exact * np.array([year.growth[pair] for pair in pairs]), ("population_projection",))


def nondemographic_growth(before: Balance, year: Year) -> Change:
    """Add growth of demand beyond population and its mix, by line (the method, step 7)."""
    rate, because = year.rates(before, "growth_nondemographic")
    return Change(before.exact * (1 + rate), because)


def cost_uplift(before: Balance, year: Year) -> Change:
    """Add the year's rise in the cost of the same care (NHS Payment Scheme; the method, step 8)."""
    rate, because = year.rates(before, "cost_uplift_factor")
    return Change(before.exact * (1 + rate), because)


def efficiency(before: Balance, year: Year) -> Change:
    """Take the efficiency factor off (NHS Payment Scheme; the method, step 8).

    Additive: the factor applies to the cost before the uplift, so that net = uplift - efficiency.
    Multiplicative: it applies to the cost after the uplift.
    """
    rate, because = year.rates(before, "efficiency_factor")
    if year.choice("uplift_combination") == "additive":
        uplift, _ = year.rates(before, "cost_uplift_factor")
        after = before.exact / (1 + uplift) * (1 + uplift - rate)
    else:
        after = before.exact * (1 - rate)
    return Change(after, [(*names, "uplift_combination") for names in because])


def investments(before: Balance, year: Year) -> Change:
    """Add agreed investments and take agreed savings, each over the lines and places it names (the method, step 9).

    Raises:
        ConfigurationError: an amount names a line or place that the budget does not have, or savings exceed it.
    """
    moves = policy_moves(before, year)
    year.agreed.extend(policy_rows(moves, before, year))
    after = before.exact.copy()
    for move in moves:
        after += move.exact
    return Change(after, tuple(cite(move.entry) for move in moves))


def risk_pool(before: Balance, year: Year) -> Change:
    """Hold a share in the ring-fenced risk pool (the method, step 12)."""
    rate, because = year.rates(before, "risk_pool_share")
    return Change(before.exact * (1 - rate), because)


def incentive(before: Balance, year: Year) -> Change:
    """Set a share of the whole population annual payment aside for outcomes (the method, step 13)."""
    rate, because = year.rates(before, "ips_share")
    return Change(before.exact * (1 - rate), because)


STEPS: tuple[Step, ...] = (
    Step("baseline", "Baseline", baseline),
    Step("rebasing", "Rebasing", rebasing),
    Step("normalisation", "Normalisation", normalisation),
    Step("demographic_growth", "Demographic growth", demographic_growth),
    Step("nondemographic_growth", "Non-demographic growth", nondemographic_growth),
    Step("cost_uplift", "Cost uplift", cost_uplift),
    Step("efficiency", "Efficiency", efficiency),
    Step("investments", "Investments and savings", investments),
    Step("pace_of_change", "Pace of change", pace_of_change),
    Step("choice_carve_out", "Patient choice", choice_carve_out),
    Step("other_carve_outs", "Other carve-outs", other_carve_outs),
    Step("risk_pool", "Risk pool", risk_pool),
    Step("incentive", "Incentive", incentive),
)
