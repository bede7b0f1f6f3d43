"""Payments that depend on outcomes: a small share of a base that has to be earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Plain
from budget.payment.terms import parameter


@dataclass(frozen=True)
class Outcomes(Plain):
    """F12: ``base (1 - q) + base q score``; alone, the base is the planned value."""

    share: float = parameter(
        unit="share",
        symbol="q",
        high=1.0,
        about="share of the base that has to be earned",
        source="CQUIN's size, 2.5%; from 1% to 20% in contracts",
    )
    id: ClassVar[str] = "F12"
    name: ClassVar[str] = "Outcomes payment"
    about: ClassVar[str] = "Part of the payment is earned by outcomes."
    formula: ClassVar[str] = "base·(1 − q) + base·q·score"
    source: ClassVar[str] = "improvement payment scheme; STP payment reform paper, 2017; Health Foundation, 2017"
    needs: ClassVar[tuple[str, ...]] = ("score",)

    def pay(self, care: Care) -> Floats:
        """The planned value, as far as it is earned."""
        return care.spread(self.adjust(care.value, care))

    def adjust(self, paid: Floats, care: Care) -> Floats:
        """What another form pays, as far as it is earned."""
        return paid * (1 - self.share) + paid * self.share * care.fact("score", self.id)


@dataclass(frozen=True)
class QualityIncentive(Outcomes):
    """F18: as F12, the scheme for commissioning for quality and innovation."""

    share: float = parameter(
        unit="share",
        symbol="q",
        high=1.0,
        about="share of the contract that has to be earned",
        source="CQUIN: 1% early, 2.5% to 2018/19, 1.25% from 2019/20",
    )
    id: ClassVar[str] = "F18"
    name: ClassVar[str] = "Quality incentive (CQUIN)"
    about: ClassVar[str] = "Part of the contract's value is earned by quality and innovation."
    source: ClassVar[str] = "Commissioning for quality and innovation"


def achievement(value: Floats | float, floor: Floats | float, target: Floats | float) -> Floats:
    """How far a measure has come from its floor to its target, ``clip((x - floor) / (target - floor), 0, 1)``.

    A measure that is better when lower has a target below its floor; the formula is the same.
    """
    return np.clip((np.asarray(value) - floor) / np.subtract(target, floor), 0, 1)


def outcome_score(achievements: Sequence[float] | Floats, weights: Sequence[float] | Floats) -> float:
    """``Σ w a`` of measures whose weights add up to one."""
    return float(np.dot(achievements, weights))
