"""Payments that follow activity within bounds: cost and volume, cap and collar, marginal rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Plain
from budget.payment.terms import parameter

_OWN = "agreed in the contract"


@dataclass(frozen=True)
class CostAndVolume(Plain):
    """F05: ``core + v (clip(A, F, Cl) - F)``; with ``of_plan`` the four are shares of plan and price."""

    core: float = parameter(
        unit="pence, or share of planned value", about="paid for the activity of the floor", source=_OWN
    )
    floor: float = parameter(
        unit="units, or share of planned units", symbol="F", about="activity that core pays for", source=_OWN
    )
    ceiling: float = parameter(
        unit="units, or share of planned units", symbol="Cl", about="activity beyond which nothing is paid", source=_OWN
    )
    variable: float = parameter(
        unit="pence a unit, or share of the price",
        symbol="v",
        about="paid for a unit between floor and ceiling",
        source=_OWN,
    )
    of_plan: bool = parameter(
        unit="yes or no",
        choices=(True, False),
        default=False,
        source="own choice",
        about="whether the four are shares of the plan, so that they hold on every line, and not amounts",
    )
    id: ClassVar[str] = "F05"
    name: ClassVar[str] = "Cost and volume with floor and ceiling"
    about: ClassVar[str] = "A core payment up to a floor of activity, a variable price from there to a ceiling."
    formula: ClassVar[str] = "core + v·(clip(A, F, Cl) − F)"
    source: ClassVar[str] = "STP payment reform paper, 2017"

    def pay(self, care: Care) -> Floats:
        """Core, and the variable price between floor and ceiling."""
        value, units, price = (care.value, care.planned, care.price) if self.of_plan else (1.0, 1.0, 1.0)
        floor, ceiling = self.floor * units, self.ceiling * units
        paid = self.core * value + self.variable * price * (np.clip(care.actual, floor, ceiling) - floor)
        return paid + 0 * care.value


@dataclass(frozen=True)
class CapAndCollar(Plain):
    """F06: ``clip(A p, P p (1 - c), P p (1 + c))``."""

    band: float = parameter(
        unit="share",
        symbol="c",
        high=1.0,
        about="furthest that payment moves from planned value",
        source="own choice: 2% in the method",
    )
    id: ClassVar[str] = "F06"
    name: ClassVar[str] = "Cap and collar"
    about: ClassVar[str] = "Activity at its price, held within a band about the planned value."
    formula: ClassVar[str] = "clip(A·p, P·p(1−c), P·p(1+c))"
    source: ClassVar[str] = "STP payment reform paper, 2017"

    def pay(self, care: Care) -> Floats:
        """Activity at its price, held within the band."""
        return np.clip(care.actual * care.price, care.value * (1 - self.band), care.value * (1 + self.band))


@dataclass(frozen=True)
class MarginalRate(Plain):
    """F07: ``min(A, P) p + m p max(0, A - P)``; what is kept back, ``(1 - m) p max(0, A - P)``, is reinvested."""

    rate: float = parameter(
        unit="share",
        symbol="m",
        high=1.0,
        about="share of the price paid above the baseline",
        source="marginal rate emergency tariff: 30%, later 70%",
    )
    id: ClassVar[str] = "F07"
    name: ClassVar[str] = "Marginal rate above baseline"
    about: ClassVar[str] = "Full price up to the baseline, part of it above."
    formula: ClassVar[str] = "min(A, P)·p + m·p·max(0, A − P)"
    source: ClassVar[str] = "marginal rate emergency tariff (MRET)"

    def pay(self, care: Care) -> Floats:
        """Full price up to the baseline, the marginal rate above it."""
        above = np.maximum(0, care.actual - care.planned)
        return np.minimum(care.actual, care.planned) * care.price + self.rate * care.price * above

    def retained(self, care: Care) -> Floats:
        """What the commissioner keeps back of full price, pence; it is there to be reinvested."""
        return (1 - self.rate) * care.price * np.maximum(0, care.actual - care.planned)
