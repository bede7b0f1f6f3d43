"""Payments out of pools and of cost as it is: risk pool, pooled budget, pass-through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Plain
from budget.payment.terms import parameter


@dataclass(frozen=True)
class RiskPool(Plain):
    """F14: ``draw = min(pool, loss)`` of a pool that is a share of expected cost; the rest stays with its bearer."""

    pool_share: float = parameter(
        unit="share of expected cost",
        high=1.0,
        about="size of the ring-fenced pool",
        source="0.5%, own choice; see the method, 8.11",
    )
    id: ClassVar[str] = "F14"
    name: ClassVar[str] = "Ring-fenced risk pool"
    about: ClassVar[str] = "A pool that is set aside pays losses as far as it reaches."
    formula: ClassVar[str] = "min(pool, max(0, C − E))"
    source: ClassVar[str] = "STP payment reform paper, 2017"
    needs: ClassVar[tuple[str, ...]] = ("cost",)

    def pay(self, care: Care) -> Floats:
        """What the pool pays, beside any other payment."""
        loss = np.maximum(0, care.fact("cost", self.id) - care.expected_cost)
        return drawn(self.pool_share * care.expected_cost, loss)[0]

    def adjust(self, paid: Floats, care: Care) -> Floats:
        """Another payment and what the pool pays."""
        return paid + self.pay(care)


@dataclass(frozen=True)
class PooledBudget(Plain):
    """F19: ``C``: the pooled fund pays what care costs; its partners bear the difference from what they put in (C7)."""

    id: ClassVar[str] = "F19"
    name: ClassVar[str] = "Pooled budget (section 75)"
    about: ClassVar[str] = "A fund of several commissioners pays what care costs; see C7 for who bears an overspend."
    formula: ClassVar[str] = "C"
    source: ClassVar[str] = "NHS Act 2006, section 75; STP payment reform paper, 2017"
    needs: ClassVar[tuple[str, ...]] = ("cost",)

    def pay(self, care: Care) -> Floats:
        """What the care cost."""
        return care.spread(care.fact("cost", self.id))


@dataclass(frozen=True)
class PassThrough(Plain):
    """F20: ``C``: what is ring-fenced, high-cost drugs for example, is paid at cost."""

    id: ClassVar[str] = "F20"
    name: ClassVar[str] = "Ring-fence, paid at cost"
    about: ClassVar[str] = "What is ring-fenced is paid at what it costs."
    formula: ClassVar[str] = "C"
    source: ClassVar[str] = "NHS Payment Scheme: high-cost drugs and devices"
    needs: ClassVar[tuple[str, ...]] = ("cost",)

    def pay(self, care: Care) -> Floats:
        """What the care cost."""
        return care.spread(care.fact("cost", self.id))


def drawn(pool: Floats, loss: Floats) -> tuple[Floats, Floats]:
    """What a pool pays of a loss, and what is left of the loss (pence).

    Args:
        pool: what is in the pool.
        loss: the loss, not negative.
    """
    draw = np.minimum(pool, loss)
    return draw, loss - draw
