"""Contracts in which every party has its own result: separate, or led by one of them (C1, C3, C3a, C6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from budget.payment.contracts.form import Account, Bearing, Plain


@dataclass(frozen=True)
class Separate(Plain):
    """C1: every party keeps ``b - c``."""

    id: ClassVar[str] = "C1"
    name: ClassVar[str] = "Separate contracts"
    about: ClassVar[str] = "Every party has a contract of its own and bears its own result."
    formula: ClassVar[str] = "b − c"
    source: ClassVar[str] = "as things stand"

    def bear(self, account: Account) -> Bearing:
        """Every party its own."""
        return Bearing(account.budget - account.cost, {})


@dataclass(frozen=True)
class LeadWithFixedBudgets(Plain):
    """C3: the lead has B, pays the others their budgets: ``B - Σ b_sub - c_lead`` to it, ``b - c`` to each of them."""

    id: ClassVar[str] = "C3"
    name: ClassVar[str] = "Lead provider, others on fixed budgets"
    about: ClassVar[str] = "The lead has the whole budget and pays subcontractors fixed budgets."
    formula: ClassVar[str] = "lead: B − Σ b_sub − c_lead; others: b − c"
    source: ClassVar[str] = "PRUComm, 2019; STP payment reform paper, 2017"

    def bear(self, account: Account) -> Bearing:
        """The lead what is left after the others' budgets and its own cost."""
        leads, others = account.leads, 1 - account.leads
        whole = account.budget.sum(axis=-1, keepdims=True)
        paid_on = (account.budget * others).sum(axis=-1, keepdims=True)
        return Bearing(leads * (whole - paid_on - account.cost) + others * (account.budget - account.cost), {})


@dataclass(frozen=True)
class LeadPaysCost(Plain):
    """C3a: the lead pays the others' actual cost and bears ``B - C``."""

    id: ClassVar[str] = "C3a"
    name: ClassVar[str] = "Lead provider pays actual cost"
    about: ClassVar[str] = "The lead has the whole budget and pays subcontractors what their care costs."
    formula: ClassVar[str] = "lead: B − C; others: 0"
    source: ClassVar[str] = "PRUComm, 2019; STP payment reform paper, 2017"

    def bear(self, account: Account) -> Bearing:
        """The lead everything."""
        return Bearing(account.leads * account.result[..., None], {})


@dataclass(frozen=True)
class PrimeProvider(LeadPaysCost):
    """C6: the prime provider holds the money for choice and bears ``X - actual``."""

    id: ClassVar[str] = "C6"
    name: ClassVar[str] = "Prime provider with choice"
    about: ClassVar[str] = "The prime provider holds the money for patients' choice and pays wherever they go."
    formula: ClassVar[str] = "prime: X − actual; others: 0"
    source: ClassVar[str] = "STP payment reform paper, 2017"
