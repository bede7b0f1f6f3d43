"""What a payment form pays on every row, in one case or many at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from budget.payment.forms import Care
from budget.payment.simulation.plan import Plan
from budget.payment.simulation.rules import Rule, Simulated
from budget.payment.simulation.shocks import Shock

Floats = NDArray[np.float64]
Pence = NDArray[np.int64]


@dataclass(frozen=True)
class Happened:
    """What happens instead of the plan, and what it costs.

    Attributes:
        plan: what was planned.
        shock: activity and people by case and row.
        score: outcome score by case.
        cost: pence by case and row.
        stranded: cost that stays with a provider whose activity left, pence by case and row.
    """

    plan: Plan
    shock: Shock
    score: Floats
    cost: Floats
    stranded: Floats

    @classmethod
    def of(cls, plan: Plan, shock: Shock, score: Floats) -> Happened:
        """Cost every case of a shock."""
        cost = plan.shape.cost(plan.budget, shock.activity)
        return cls(plan, shock, score, cost, plan.shape.stranded(plan.budget, shock.activity))

    def booked(self) -> Happened:
        """The same with cost in whole pence by row, so that tables of it add up."""
        cost, stranded = (in_pence(amounts).astype(np.float64) for amounts in (self.cost, self.stranded))
        return replace(self, cost=cost, stranded=stranded)

    @property
    def budget(self) -> Floats:
        """The budget for the people who are there, pence by case and row: money follows the list."""
        return self.plan.budget * self.shock.people

    def paid(self, form: Simulated) -> Floats:
        """What a form pays, pence by case and row, unrounded; not a number where it cannot pay a row."""
        payment = np.full(self.cost.shape, np.nan)
        for rule in form.rules:
            payment[:, rule.rows] = rule.form.pay(self._care(rule))
        return payment

    def _care(self, rule: Rule) -> Care:
        """Care in units, or people where the form pays by the head; the price is what makes the plan its budget."""
        value, rows = self.plan.budget[rule.rows], self.plan.rows.iloc[rule.rows]
        facts = {"cost": self.cost[:, rule.rows], "score": self.score[:, None]}
        if rule.form.counts == "people":
            people = rows["people"].to_numpy(dtype=np.float64)
            paid_for = people * self.shock.people[:, rule.rows]
            return Care(planned=paid_for, actual=paid_for, price=value / people, **facts)
        units = rows["units"].to_numpy(dtype=np.float64)
        return Care(planned=units, actual=units * self.shock.activity[:, rule.rows], price=value / units, **facts)


def in_pence(amounts: Floats) -> Pence:
    """Estimates in whole pence, halves away from nought (the booking rule)."""
    return (np.sign(amounts) * np.floor(np.abs(amounts) + 0.5)).astype(np.int64)
