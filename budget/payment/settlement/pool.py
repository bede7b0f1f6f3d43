"""The ring-fenced risk pool of every place (F14): what it opened with, what was drawn, what came back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from budget.payment.forms import drawn
from budget.payment.settlement.journal import POOL, Account, Journal

_SOURCES = ("choice", "incentive_destination", "gain_loss")


@dataclass
class Pool:
    """The pool of one place, to date.

    Attributes:
        place: whose it is.
        opening_pence: what was set aside for the year.
        draws: pence by what for.
        returns: pence by what from.
        unmet: pence that were asked for beyond what was there.
    """

    place: str
    opening_pence: int
    draws: dict[str, int] = field(default_factory=dict)
    returns: dict[str, int] = field(default_factory=dict)
    unmet: dict[str, int] = field(default_factory=dict)

    @property
    def balance_pence(self) -> int:
        """What is in it."""
        return self.opening_pence + sum(self.returns.values()) - sum(self.draws.values())

    def draw(self, what: str, loss_pence: int) -> int:
        """``min(pool, loss)``; the rest stays with whoever bears it."""
        paid = int(drawn(np.array(self.balance_pence, dtype=float), np.array(loss_pence, dtype=float))[0])
        self.draws[what] = self.draws.get(what, 0) + paid  # nothing was drawn before: a true zero
        self.unmet[what] = self.unmet.get(what, 0) + loss_pence - paid
        return paid

    def replenish(self, what: str, pence: int) -> None:
        """Money comes back: what choice did not cost, incentive that was not earned."""
        self.returns[what] = self.returns.get(what, 0) + pence

    def row(self) -> dict[str, object]:
        """The pool as a row of ``pool_balance``."""
        return {
            "place": self.place,
            "opening_pence": self.opening_pence,
            "drawn_for_choice_pence": self.draws.get("choice", 0),
            "drawn_for_losses_pence": self.draws.get("gain_loss", 0),
            "returned_by_choice_pence": self.returns.get("choice", 0),
            "returned_by_incentive_pence": self.returns.get("incentive_destination", 0),
            "closing_pence": self.balance_pence,
            "unmet_pence": sum(self.unmet.values()),
        }


def pools_of(budget: pd.DataFrame, year: str) -> dict[str, Pool]:
    """The pools of a year, by place."""
    here = budget[budget["financial_year"].astype(str) == year]
    return {str(p): Pool(str(p), int(pence)) for p, pence in here.groupby("place")["risk_pool_pence"].sum().items()}


def pay_claim(pool: Pool, journal: Journal, contract: str, what: str, payee: Account, loss_pence: int) -> None:
    """Let a pool pay a loss as far as it reaches."""
    paid = pool.draw(what, loss_pence)
    journal.move(contract, "risk_pool", (POOL, pool.place), payee, paid)
