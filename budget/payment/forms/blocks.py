"""Payments that are set before the year: blocks, with a tolerance or from earlier years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Plain
from budget.payment.terms import parameter

_GROWTH = "the method, 2.1; none where the plan has it in it already"


@dataclass(frozen=True)
class Block(Plain):
    """F01: ``P p (1 + g_demo) (1 + g_casemix) (1 + net)``, whatever the activity."""

    demographic_growth: float = parameter(
        unit="share", about="growth for people that the plan does not have yet", source=_GROWTH, low=-1.0, default=0.0
    )
    casemix_growth: float = parameter(
        unit="share",
        about="growth for heavier cases that the plan does not have yet",
        source=_GROWTH,
        low=-1.0,
        default=0.0,
    )
    net_uplift: float = parameter(
        unit="share",
        about="cost uplift less efficiency that the price does not have yet",
        source=_GROWTH,
        low=-1.0,
        default=0.0,
    )
    id: ClassVar[str] = "F01"
    name: ClassVar[str] = "Block"
    about: ClassVar[str] = "The planned value is paid, whatever the activity."
    formula: ClassVar[str] = "P·p·(1 + g_demo)(1 + g_casemix)(1 + net)"
    source: ClassVar[str] = "STP payment reform paper, 2017; Health Foundation, 2017"

    def pay(self, care: Care) -> Floats:
        """The planned value, grown as agreed."""
        growth = (1 + self.demographic_growth) * (1 + self.casemix_growth) * (1 + self.net_uplift)
        return care.spread(care.value * growth)


@dataclass(frozen=True)
class BlockWithTolerance(Plain):
    """F02: ``P p + s p max(0, A - P (1 + t)) - s p max(0, P (1 - t) - A)``; one-sided, without the last term."""

    tolerance: float = parameter(
        unit="share", symbol="t", about="growth in activity that the block bears", source="own choice: 2% in the method"
    )
    share: float = parameter(
        unit="share",
        symbol="s",
        high=1.0,
        about="share of the price paid, or withheld, beyond the tolerance",
        source="own choice: 50% in the method",
    )
    one_sided: bool = parameter(
        unit="yes or no",
        choices=(True, False),
        about="whether nothing is withheld below the tolerance",
        source="the method, 2.1: an option",
        default=False,
    )
    id: ClassVar[str] = "F02"
    name: ClassVar[str] = "Block with growth tolerance"
    about: ClassVar[str] = "A block that bears some growth; beyond it a share of the price is paid or withheld."
    formula: ClassVar[str] = "P·p + s·p·max(0, A − P(1+t)) − s·p·max(0, P(1−t) − A)"
    source: ClassVar[str] = (
        "musculoskeletal block in the payment reform paper of a sustainability and transformation partnership, 2017"
    )

    def pay(self, care: Care) -> Floats:
        """The block, and a share of the price beyond the tolerance."""
        above = np.maximum(0, care.actual - care.planned * (1 + self.tolerance))
        below = np.maximum(0, care.planned * (1 - self.tolerance) - care.actual)
        return care.value + self.share * care.price * (above if self.one_sided else above - below)


@dataclass(frozen=True)
class LowVolumeBlock(Plain):
    """F15: mean of the cost of earlier years, ``mean(spend) (1 + u)``; nothing changes hands in the year."""

    uplift: float = parameter(
        unit="share",
        symbol="u",
        low=-1.0,
        about="from the prices of the earlier years to those of the year",
        source="the method, 2.1; none where the earlier years are at its prices already",
        default=0.0,
    )
    id: ClassVar[str] = "F15"
    name: ClassVar[str] = "Low-volume activity block"
    about: ClassVar[str] = "Providers that a commissioner seldom uses are paid the mean of three earlier years."
    formula: ClassVar[str] = "mean(spend of years t−3…t−1)·(1 + u)"
    source: ClassVar[str] = "NHS Payment Scheme 2023/25 and 2025/26"
    needs: ClassVar[tuple[str, ...]] = ("earlier",)

    def pay(self, care: Care) -> Floats:
        """The mean of the earlier years at the year's prices."""
        return care.spread(care.fact("earlier", self.id).mean(axis=0) * (1 + self.uplift))
