"""Gain and loss share (F13): what of the difference between expected and actual cost changes hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np

from budget.payment.forms.care import Care, Floats
from budget.payment.forms.form import Plain
from budget.payment.terms import parameter

Basis = Literal["first_dollar", "excess"]
BornBy = Literal["payer", "paid"]

BORNE_BY: Mapping[str, BornBy] = MappingProxyType(
    {"F01": "paid", "F10": "paid", "F11": "paid", "F15": "paid", "F19": "payer", "F20": "payer"}
)
"""Who bears all of cost under a payment: who is paid a fixed sum, or who pays cost as it is. Others share it out."""


@dataclass(frozen=True)
class GainLossShare(Plain):
    """F13: with ``D = E - C``, nothing where ``|D| <= deadband E``, else ``S = sign(D) min(share X, cap E)``.

    X is ``|D|`` from the first pound, or ``|D| - deadband E``. S is what the one who did not bear the cost gains (+)
    or loses (-): where the payer bears cost, the party that is paid receives S on top; where that party bears its own
    cost under a fixed payment, it passes S on, so its payment changes by ``-S``.
    """

    share: float = parameter(
        unit="share",
        high=1.0,
        about="share of a gain that changes hands",
        source="50/50 is common; Strategy Unit, 2018",
    )
    deadband: float = parameter(
        unit="share of expected cost",
        about="difference within which nothing changes hands",
        source="minimum savings rate of shared savings programmes: 2%, own choice",
    )
    cap: float = parameter(unit="share of expected cost", about="most that changes hands", source="5%, own choice")
    basis: Basis = parameter(
        unit="word",
        choices=("first_dollar", "excess"),
        source="the method, 2.1",
        about="whether beyond the deadband the whole difference is shared or what exceeds it",
    )
    loss_share: float | None = parameter(
        unit="share",
        high=1.0,
        default=None,
        source="one-sided tracks of shared savings programmes: 0",
        about="share of a loss that changes hands, where it is not that of a gain",
    )
    borne_by: BornBy = parameter(
        unit="word",
        choices=("payer", "paid"),
        default="payer",
        source="shared savings: the payer",
        about=(
            "who bears cost before it is shared, who pays or who is paid; over another payment that one says it where "
            "it is fixed (paid) or at cost (payer), and where it moves with activity it must be agreed"
        ),
    )
    id: ClassVar[str] = "F13"
    name: ClassVar[str] = "Gain and loss share"
    about: ClassVar[str] = "Part of what care costs less or more than expected changes hands."
    formula: ClassVar[str] = "0 where |D| ≤ deadband·E, else sign(D)·min(share·X, cap·E); D = E − C"
    source: ClassVar[str] = "multilateral gain/loss sharing, gov.uk; STP payment reform paper, 2017"
    needs: ClassVar[tuple[str, ...]] = ("cost",)

    def shared(self, expected: Floats, actual: Floats) -> Floats:
        """S for expected and actual cost (pence)."""
        difference = expected - actual
        size, dead = np.abs(difference), self.deadband * expected
        part = np.where(difference >= 0, self.share, self.share if self.loss_share is None else self.loss_share)
        counted = size if self.basis == "first_dollar" else size - dead
        return np.where(size <= dead, 0.0, np.sign(difference) * np.minimum(part * counted, self.cap * expected))

    def pay(self, care: Care) -> Floats:
        """What the party that is paid receives (+) or pays (-), beside any other payment."""
        moved = self.shared(care.expected_cost, care.fact("cost", self.id))
        return moved if self.borne_by == "payer" else -moved

    def adjust(self, paid: Floats, care: Care) -> Floats:
        """Another payment and what changes hands."""
        return paid + self.pay(care)
