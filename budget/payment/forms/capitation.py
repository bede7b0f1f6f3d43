"""Payments by the head: capitation and primary care per capita; activity moves neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Counts, Plain
from budget.payment.terms import parameter


@dataclass(frozen=True)
class Capitation(Plain):
    """F10: ``Σ n · rate`` over segments; planned are the people who are paid for, the price is the rate a head."""

    id: ClassVar[str] = "F10"
    name: ClassVar[str] = "Capitation"
    about: ClassVar[str] = "A rate a head for the people of every segment, whatever the activity."
    formula: ClassVar[str] = "Σ n·rate over segments"
    source: ClassVar[str] = "whole population budgets; HFMA, National Health Executive, 2017"
    counts: ClassVar[Counts] = "people"

    def pay(self, care: Care) -> Floats:
        """The people at their rates."""
        return care.spread(care.value)


@dataclass(frozen=True)
class PerCapitaPrimaryCare(Plain):
    """F11: ``WL gs (1 - o) + enhanced``; planned is the weighted list, the price the global sum a head."""

    enhanced: float = parameter(
        unit="pence",
        about="enhanced services, each agreed on its own, added up",
        source="the practice's agreements; a true zero where there are none",
        default=0.0,
    )
    out_of_hours: float = parameter(
        unit="share",
        symbol="o",
        high=1.0,
        default=0.0,
        source="GMS: 4.75%",
        about="taken off the global sum of practices that have opted out of out-of-hours care; 0 where they have not",
    )
    id: ClassVar[str] = "F11"
    name: ClassVar[str] = "Primary care per capita"
    about: ClassVar[str] = "The weighted list at the global sum, less out-of-hours care, and enhanced services."
    formula: ClassVar[str] = "WL·gs·(1 − o) + Σ enhanced"
    source: ClassVar[str] = "General medical services; STP payment reform paper, 2017"
    counts: ClassVar[Counts] = "people"

    def pay(self, care: Care) -> Floats:
        """The weighted list at the global sum, and enhanced services."""
        return care.spread(care.value * (1 - self.out_of_hours) + self.enhanced)
