"""Contracts that share one result: alliances, with or without the commissioner (C2, C2e, C4, C8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from budget.payment.contracts.form import COMMISSIONER, Account, Bearing, Plain
from budget.payment.distribution import performance_weights
from budget.payment.terms import parameter

Losses = Literal["invert", "budget"]


@dataclass(frozen=True)
class Alliance(Plain):
    """C2: the whole result is shared by budget, ``(B - C) b / B``."""

    id: ClassVar[str] = "C2"
    name: ClassVar[str] = "Alliance, shared by budget"
    about: ClassVar[str] = "One agreement; gains and losses are shared by budget."
    formula: ClassVar[str] = "(B − C)·b/B"
    source: ClassVar[str] = "PRUComm, 2019; community health alliance in an STP payment reform paper, 2017"

    def bear(self, account: Account) -> Bearing:
        """Every party by its budget."""
        return Bearing(account.result[..., None] * account.by_budget, {})


@dataclass(frozen=True)
class EqualAlliance(Plain):
    """C2e: the whole result is shared equally, ``(B - C) / n``."""

    id: ClassVar[str] = "C2e"
    name: ClassVar[str] = "Alliance, shared equally"
    about: ClassVar[str] = "One agreement; gains and losses are shared equally."
    formula: ClassVar[str] = "(B − C)/n"
    source: ClassVar[str] = "WSIC toolkit, chapter 10"

    def bear(self, account: Account) -> Bearing:
        """Every party the same."""
        parties = account.budget.shape[-1]
        return Bearing(np.repeat(account.result[..., None] / parties, parties, axis=-1), {})


@dataclass(frozen=True)
class WithCommissioner(Plain):
    """C4: the commissioner bears ``σ (B - C)``, the parties the rest by budget."""

    share: float = parameter(
        unit="share",
        symbol="sigma",
        high=1.0,
        about="share that the commissioner bears",
        source="agreed in the contract",
    )
    id: ClassVar[str] = "C4"
    name: ClassVar[str] = "Alliance with the commissioner"
    about: ClassVar[str] = "The commissioner bears part of the result, the parties the rest by budget."
    formula: ClassVar[str] = "commissioner σ(B − C); others (1 − σ)(B − C)·b/B"
    source: ClassVar[str] = "the method, 2.3"

    def bear(self, account: Account) -> Bearing:
        """The commissioner its share, every party the rest by budget."""
        borne = self.share * account.result
        return Bearing((account.result - borne)[..., None] * account.by_budget, {COMMISSIONER: borne})


@dataclass(frozen=True)
class PerformanceAlliance(Plain):
    """C8: a gain is shared by budget and performance, ``G b perf / Σ b perf``; a loss as agreed."""

    performance_losses: Losses = parameter(
        unit="word",
        choices=("invert", "budget"),
        source="the method, 2.2",
        about="whether a loss is shared by budget and 1 - performance, or by budget alone",
    )
    id: ClassVar[str] = "C8"
    name: ClassVar[str] = "Alliance, shared by performance"
    about: ClassVar[str] = "Gains go by budget and performance; losses by what is agreed."
    formula: ClassVar[str] = "G·b·perf/Σ(b·perf)"
    source: ClassVar[str] = "WSIC toolkit, chapter 10"
    needs: ClassVar[tuple[str, ...]] = ("performance",)

    def bear(self, account: Account) -> Bearing:
        """Every party by budget and performance."""
        performance = account.fact("performance", self.id)
        gains = performance_weights(account.budget, performance, None)
        losses = performance_weights(account.budget, performance, self.performance_losses)
        result = account.result[..., None]
        weights = np.where(result >= 0, gains, losses)
        return Bearing(result * weights / weights.sum(axis=-1, keepdims=True), {})
