"""The terms on which a contract is settled: its own, or the locality's assumptions where it states none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.payment.agreements import Agreement
from budget.payment.agreements.model import ExpectedBasis
from budget.payment.contracts import ContractForm, contract_form_of
from budget.payment.contracts.pooled import PooledFund
from budget.payment.forms.gain_loss import GainLossShare
from budget.payment.settlement.holdings import CONTRACT, PLACE

Destination = Literal["commissioner", "pool", "providers"]

ASSUMED = (
    "monthly_count",
    "inyear_list_adjustment",
    "transfer_rate_basis",
    "ips_unearned_destination",
    "expected_basis",
    "gain_share",
    "loss_share",
    "gainloss_deadband",
    "gainloss_cap",
    "gainloss_basis",
)
"""Assumptions that settlement uses; none of them moves a budget."""


@dataclass(frozen=True)
class Deal:
    """A contract as it is settled.

    Attributes:
        kind: ``contract``, or ``place`` for the budget that a place holds itself.
        id: of the contract, or name of the place.
        title: for people.
        form: who bears what remains.
        rule: F13; None where the form shares gains and losses itself, or nothing is shared.
        expected_basis: what actual spend is held against.
        agreement: the contract; None for a place.
    """

    kind: str
    id: str
    title: str
    form: ContractForm
    rule: GainLossShare | None
    expected_basis: ExpectedBasis
    agreement: Agreement | None = None

    @property
    def scores_itself(self) -> bool:
        """Whether the contract form takes what outcomes have not earned."""
        return "score" in self.form.needs

    @property
    def by_party(self) -> bool:
        """Whether every party answers for itself."""
        return self.form.id == "C1" or self.prime

    @property
    def pooled(self) -> bool:
        """Whether commissioners pool what they put in, and bear what their fund pays beyond it (C7)."""
        return isinstance(self.form, PooledFund)

    @property
    def prime(self) -> bool:
        """Whether the party that leads holds the money for patients' choice (C6)."""
        return self.agreement is not None and self.agreement.prime

    @property
    def by_performance(self) -> bool:
        """Whether the performance of every party says who has how much of a gain or loss (C8)."""
        return self.agreement is not None and self.agreement.by_performance

    @classmethod
    def of_contract(cls, agreement: Agreement) -> Deal:
        """The terms of a contract."""
        form, shared = agreement.contract_form(), agreement.gain_loss
        rule = shared.rule if shared and not hasattr(form, "gain_share") else None
        basis: ExpectedBasis = shared.expected_basis if shared else "plan"
        return cls(CONTRACT, agreement.contract, agreement.title, form, rule, basis, agreement)

    @classmethod
    def of_place(cls, place: str, assumptions: Assumptions, year: FinancialYear) -> Deal:
        """The terms of the budget that a place holds itself."""
        rule = gain_and_loss(assumptions, year)
        basis: ExpectedBasis = assumptions.choice("expected_basis", year)  # type: ignore[assignment]
        return cls(PLACE, place, f"{place}: budget of the place", contract_form_of("C1", {}), rule, basis)


def gain_and_loss(assumptions: Assumptions, year: FinancialYear) -> GainLossShare:
    """F13 with the locality's shares, deadband and cap (the method, section 1.1, nos. 28 to 30)."""
    return GainLossShare(
        share=assumptions.number("gain_share", year),
        deadband=assumptions.number("gainloss_deadband", year),
        cap=assumptions.number("gainloss_cap", year),
        basis=assumptions.choice("gainloss_basis", year),  # type: ignore[arg-type]
        loss_share=assumptions.number("loss_share", year),
    )
