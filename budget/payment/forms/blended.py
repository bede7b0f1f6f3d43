"""A fixed payment with a variable part: blended payment, aligned payment and incentive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Plain
from budget.payment.terms import parameter


@dataclass(frozen=True)
class Blended(Plain):
    """F08: ``P p + b p (A - P)``."""

    variable: float = parameter(
        unit="share",
        symbol="b",
        high=1.0,
        about="share of the price that follows activity",
        source="blended payment for emergency care 2019/20: 20% (unverified)",
    )
    id: ClassVar[str] = "F08"
    name: ClassVar[str] = "Blended: fixed and variable"
    about: ClassVar[str] = "A fixed payment, and part of the price for activity above or below plan."
    formula: ClassVar[str] = "P·p + b·p·(A − P)"
    source: ClassVar[str] = "National tariff 2019/20, emergency care"

    def pay(self, care: Care) -> Floats:
        """A fixed payment and a variable share of the difference from plan."""
        return care.value + self.variable * care.price * (care.actual - care.planned)


@dataclass(frozen=True)
class AlignedPayment(Plain):
    """F09: ``P p + b p (A - k P)``, for elective lines; what is taken back is at most ``d`` of the recovery fund."""

    variable: float = parameter(
        unit="share",
        symbol="b",
        high=1.0,
        about="share of the price that follows activity",
        source="NHS Payment Scheme: 75% in 2022/23, 100% from 2023/24",
    )
    target: float = parameter(
        unit="ratio",
        symbol="k",
        default=1.0,
        source="NHS Payment Scheme: 103% to 114% of the baseline by system",
        about="activity that the fixed payment is for, over planned; 1 where the plan is the target",
    )
    recovery_fund: float | None = parameter(
        unit="pence",
        default=None,
        source="elective recovery fund 2022/23",
        about="the first allocation of elective recovery money; nothing bounds what is taken back where there is none",
    )
    taken_back: float = parameter(
        unit="share",
        symbol="d",
        high=1.0,
        default=0.75,
        source="elective recovery fund 2022/23",
        about="most of the recovery fund that is taken back when activity falls short",
    )
    id: ClassVar[str] = "F09"
    name: ClassVar[str] = "Aligned payment and incentive"
    about: ClassVar[str] = "A fixed payment, and elective activity above or below target at all or most of its price."
    formula: ClassVar[str] = "P·p + max(b·p·(A − k·P), −d·fund)"
    source: ClassVar[str] = "NHS Payment Scheme 2023/25 and 2025/26"

    def pay(self, care: Care) -> Floats:
        """The fixed payment, and the variable one against the target."""
        moved = self.variable * care.price * (care.actual - self.target * care.planned)
        if self.recovery_fund is not None:
            moved = np.maximum(moved, -self.taken_back * self.recovery_fund)
        return care.value + moved
