"""Who bears the result of a contract under every contract form, in one case or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from budget.payment.contracts import COMMISSIONER, Account, ContractForm, contract_form_of
from budget.payment.simulation.plan import Contract, Plan
from budget.payment.simulation.rules import RuleBook

Floats = NDArray[np.float64]

ASSUMED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "C4": {"share": "gain_share"},
        "C5": {"share": "ips_share"},
        "C9": {"gain_share": "gain_share", "deadband": "gainloss_deadband", "cap": "gainloss_cap"},
        "C10": {
            "gain_share": "gain_share",
            "deadband": "gainloss_deadband",
            "cap": "gainloss_cap",
            "share": "ips_share",
        },
    }
)
"""The assumption behind each parameter of a contract form, where the contract does not name the form."""

_LACKING: Mapping[str, str] = MappingProxyType(
    {
        "C6": "It is about money for patients' choice, and none is planned in the places and lines of the contract.",
        "C8": "It needs the performance of every party, which is known when the year is over.",
    }
)


@dataclass(frozen=True)
class Borne:
    """A contract under one contract form; parties are the last axis of all arrays.

    Attributes:
        form: the form.
        agreed: whether it is the one that the contract names.
        parties: who has a part in the result: parties, then the commissioner, pools and other sources of money.
        beside: how many of them are no parties.
        planned: planned budget by party, pence; of the commissioner that of all parties, of other sources nought.
        budget: pence, by case and party; nought for those beside.
        cost: pence, by case and party.
        result: gain or loss, pence, unrounded.
    """

    form: ContractForm
    agreed: bool
    parties: tuple[str, ...]
    beside: int
    planned: Floats
    budget: Floats
    cost: Floats
    result: Floats


@dataclass(frozen=True)
class Bearers:
    """Makes the contract forms of a contract.

    Attributes:
        plan: what is simulated.
        book: the parameters that assumptions state.
        contract: the contract.
    """

    plan: Plan
    book: RuleBook
    contract: Contract

    def lacking(self, form: str) -> str:
        """What a contract form needs that is not known; empty where it can be simulated."""
        if form == "C6" and self.contract.choice_pence:
            return ""
        return _LACKING.get(form, "")

    def form_of(self, form: str) -> tuple[ContractForm, bool]:
        """A contract form with its parameters, and whether the contract names it."""
        stated = self.contract.form
        if stated is not None and stated.id == form:
            return stated, True
        weight = self.plan.budget * (self.plan.rows["contract"] == self.contract.id).to_numpy()
        values: dict[str, Any] = {
            name: float(round(np.average(self.book.by_row(known), weights=weight), 12))
            for name, known in ASSUMED.get(form, {}).items()
        }
        if form in ("C9", "C10"):
            values["basis"] = self.book.assumptions.choice("gainloss_basis", self.book.year)
        if form == "C7":
            values["risk_pool"] = float(self.contract.pool_pence)
        return contract_form_of(form, values), False

    def borne(self, form: str, budget: Floats, cost: Floats, choice: Floats, score: Floats) -> Borne:
        """Who bears what under a contract form.

        Args:
            form: its id.
            budget: pence by case and party of the contract.
            cost: pence by case and party.
            choice: actual over planned cost of patients' choice, by case.
            score: outcome score by case.
        """
        rule, agreed = self.form_of(form)
        of = self.plan.of_contract(self.contract.id)
        parties, planned = tuple(self.plan.parties["party"].iloc[of]), self.plan.by_party(self.plan.budget)[of]
        if form == "C7":
            parties, shares = self._partners()
            budget, cost, planned = (amounts.sum(axis=-1)[..., None] * shares for amounts in (budget, cost, planned))
        if form == "C6":
            planned = self._choice(parties, planned)
            budget, cost = np.tile(planned, (len(choice), 1)), planned * choice[:, None]
        lead = np.array([party == self.contract.lead for party in parties]) if self.contract.lead else None
        bearing = rule.bear(Account(budget, cost, lead=lead, score=score))
        beside = [np.broadcast_to(part, len(budget))[:, None] for part in bearing.beside.values()]
        nothing = np.zeros((len(budget), len(beside)))
        answers_for = [planned.sum() if name == COMMISSIONER else 0.0 for name in bearing.beside]
        return Borne(
            form=rule,
            agreed=agreed,
            parties=(*parties, *bearing.beside),
            beside=len(beside),
            planned=np.concatenate([planned, answers_for]),
            budget=np.hstack([budget, nothing]),
            cost=np.hstack([cost, nothing]),
            result=np.hstack([bearing.parties, *beside]),
        )

    def _partners(self) -> tuple[tuple[str, ...], Floats]:
        """A pooled fund is one of commissioners: they put in its budget, and its cost is theirs in the same shares."""
        put_in = np.array(list(self.contract.partners.values()), dtype=np.float64)
        return tuple(self.contract.partners), put_in / put_in.sum()

    def _choice(self, parties: tuple[str, ...], planned: Floats) -> Floats:
        """The money for patients' choice is that of whoever leads, or has the largest budget."""
        lead = self.contract.lead
        held = np.zeros(len(parties))
        held[parties.index(lead) if lead else int(np.argmax(planned))] = self.contract.choice_pence
        return held
