"""Contracts with outcomes or a risk share on cost: outcome-based, aligned incentive, one contract (C5, C9, C10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from budget.payment.contracts.form import COMMISSIONER, Account, Bearing, Floats, Plain
from budget.payment.forms.gain_loss import Basis, GainLossShare
from budget.payment.terms import parameter


def _share() -> float:
    return parameter(  # type: ignore[no-any-return]
        unit="share",
        symbol="q",
        high=1.0,
        about="share of the budget that has to be earned by outcomes",
        source="2.5%, CQUIN's size; from 1% to 20% in contracts",
    )


@dataclass(frozen=True)
class OutcomeBased(Plain):
    """C5: every budget as far as outcomes earn it, ``b (1 - q) + b q score``; the commissioner keeps the rest."""

    share: float = _share()
    id: ClassVar[str] = "C5"
    name: ClassVar[str] = "Outcome-based contract"
    about: ClassVar[str] = (
        "Part of the whole budget is earned by outcomes; what is not earned stays with the commissioner."
    )
    formula: ClassVar[str] = "b·(1 − q) + b·q·score − c (F12 on the whole)"
    source: ClassVar[str] = "PRUComm, 2019; Oxfordshire mental health"
    needs: ClassVar[tuple[str, ...]] = ("score",)

    def bear(self, account: Account) -> Bearing:
        """Every party its own result less what it has not earned."""
        unearned = _unearned(account, self.share, self.id)
        return Bearing(account.budget - account.cost - unearned, {COMMISSIONER: unearned.sum(axis=-1)})


@dataclass(frozen=True)
class CostShared(Plain):
    """Parameters of a gain and loss share on open-book cost, which the parties bear under a fixed payment."""

    gain_share: float = parameter(
        unit="share",
        high=1.0,
        about="share of a gain or loss that goes to the commissioner",
        source="50/50 is common; Strategy Unit, 2018",
    )
    deadband: float = parameter(
        unit="share of budget", about="difference within which nothing changes hands", source="2%, own choice"
    )
    cap: float = parameter(unit="share of budget", about="most that changes hands", source="5%, own choice")
    basis: Basis = parameter(
        unit="word",
        choices=("first_dollar", "excess"),
        source="the method, 2.1",
        about="whether beyond the deadband the whole difference is shared or what exceeds it",
    )

    @property
    def rule(self) -> GainLossShare:
        """F13 with the contract's terms."""
        return GainLossShare(self.gain_share, self.deadband, self.cap, self.basis, borne_by="paid")


@dataclass(frozen=True)
class AlignedIncentive(CostShared):
    """C9: a fixed value, and a share of open-book cost with the commissioner, party by party (F01 and F13)."""

    id: ClassVar[str] = "C9"
    name: ClassVar[str] = "Aligned incentive contract"
    about: ClassVar[str] = "A fixed value; the commissioner bears part of what cost differs from it."
    formula: ClassVar[str] = "b − S − c, S by F13 on b and c; commissioner Σ S"
    source: ClassVar[str] = "Bolton, 2016; Leeds"

    def bear(self, account: Account) -> Bearing:
        """Every party what the commissioner does not bear of its own result."""
        passed_on = self.rule.shared(account.budget, account.cost)
        return Bearing(account.budget - account.cost - passed_on, {COMMISSIONER: passed_on.sum(axis=-1)})


@dataclass(frozen=True)
class SingleContract(CostShared):
    """C10: one organisation with a capitated budget, outcomes and a gain and loss share (F10, F12 and F13)."""

    share: float = _share()
    id: ClassVar[str] = "C10"
    name: ClassVar[str] = "Single contract (MCP, PACS, ICP)"
    about: ClassVar[str] = "One contract for all care of a population: capitation, outcomes, gain and loss share."
    formula: ClassVar[str] = "(B − C − S − B·q·(1 − score))·b/B; commissioner S + B·q·(1 − score)"
    source: ClassVar[str] = "NHS England, finance and payment approach for ACOs; Dudley"
    needs: ClassVar[tuple[str, ...]] = ("score",)

    def bear(self, account: Account) -> Bearing:
        """The organisation's result, among its parties by budget."""
        whole, spent = account.budget.sum(axis=-1), account.cost.sum(axis=-1)
        kept = self.rule.shared(whole, spent) + _unearned(account, self.share, self.id).sum(axis=-1)
        return Bearing(np.asarray(account.result - kept)[..., None] * account.by_budget, {COMMISSIONER: kept})


def _unearned(account: Account, share: float, form: str) -> Floats:
    """What outcomes have not earned of every budget, pence."""
    missed = 1 - np.asarray(account.fact("score", form))
    return np.asarray(account.budget * share * missed[..., None])
