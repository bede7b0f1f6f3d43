"""A pooled fund of several commissioners under section 75 (C7): who pays an overspend, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.contracts.form import Account, Bearing, Floats, Plain
from budget.payment.terms import parameter

_OWN = "the agreement under section 75"


@dataclass(frozen=True)
class PooledFund(Plain):
    """C7: an overspend ``C - B`` takes underspends, the pool, what is uncommitted, outside resources; then partners.

    What none of them covers, and any underspend of the fund, falls to the partners by what they put in.
    """

    underspends: float = parameter(
        unit="pence", about="underspends elsewhere that the fund may use", source=_OWN, default=0.0
    )
    risk_pool: float = parameter(unit="pence", about="what is in the fund's risk pool", source=_OWN, default=0.0)
    uncommitted: float = parameter(unit="pence", about="uncommitted money that can be cut", source=_OWN, default=0.0)
    outside: float = parameter(unit="pence", about="resources from outside the fund", source=_OWN, default=0.0)
    id: ClassVar[str] = "C7"
    name: ClassVar[str] = "Section 75 pooled fund"
    about: ClassVar[str] = (
        "Partners pool money; an overspend takes reserves first, the rest falls to them by contribution."
    )
    formula: ClassVar[str] = "over = C − B, less underspends, risk pool, uncommitted, outside; residual by contribution"
    source: ClassVar[str] = "STP payment reform paper, 2017; section 75 and Better Care Fund agreements"

    def bear(self, account: Account) -> Bearing:
        """Reserves in order, the partners the rest."""
        left: Floats = np.maximum(0, -account.result)
        beside: dict[str, Floats] = {}
        for source in ("underspends", "risk_pool", "uncommitted", "outside"):
            used = np.minimum(left, getattr(self, source))
            beside[source] = 0 - used
            left = left - used
        residual = np.where(account.result >= 0, account.result, -left)
        return Bearing(residual[..., None] * account.by_contribution, beside)
