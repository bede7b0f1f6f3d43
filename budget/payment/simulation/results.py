"""The simulation itself: one shock, or many draws of it, under every payment form and every contract form."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.payment.contracts import CONTRACT_FORMS
from budget.payment.forms import FORMS
from budget.payment.simulation.bearing import Bearers, Borne
from budget.payment.simulation.paying import Happened
from budget.payment.simulation.plan import NO_CONTRACT, Contract, Plan
from budget.payment.simulation.rules import RuleBook, Simulated
from budget.payment.simulation.shocks import Shock

Floats = NDArray[np.float64]


ALL = "all"
"""Stands in the place of a contract for what holds in all of them."""


@dataclass(frozen=True)
class NotSimulated:
    """A form that cannot be simulated, wholly or on some rows.

    Attributes:
        form: its id.
        name: its name.
        contract: the contract; ``all`` where it is the same in all.
        rows: on how many rows it cannot be simulated.
        reason: what it lacks.
    """

    form: str
    name: str
    contract: str
    rows: int
    reason: str


@dataclass(frozen=True)
class Simulation:
    """A plan and the forms that it is simulated under.

    Attributes:
        book: the plan, and the parameters of forms on it.
        forms: ids of the payment and contract forms that are asked for; all of them where there are none.
    """

    book: RuleBook
    forms: Collection[str] = ()

    @property
    def plan(self) -> Plan:
        """What is simulated."""
        return self.book.plan

    def payment_forms(self) -> tuple[Simulated, ...]:
        """How contracts pay, how parties are paid today, and every payment form that can pay some row."""
        asked = [form for form in FORMS if not self.forms or form in self.forms]
        every = (*self.book.agreed(), *(self.book.payment(form) for form in asked))
        return tuple(form for form in every if form.rules)

    def contracts(self) -> tuple[Contract, ...]:
        """The contracts; where there are none, all local providers as if they had one together."""
        every = self.plan.contracts
        return tuple(contract for name, contract in every.items() if name != NO_CONTRACT or len(every) == 1)

    def borne(self, happened: Happened) -> Iterator[tuple[Contract, Borne]]:
        """Every contract under every contract form that can be simulated."""
        budget, cost = (self.plan.by_party(amounts) for amounts in (happened.budget, happened.cost))
        for contract in self.contracts():
            bearers, of = Bearers(self.plan, self.book, contract), self.plan.of_contract(contract.id)
            choice = self._choice(happened.shock, contract)
            for form in self._contract_forms():
                if not bearers.lacking(form):
                    yield contract, bearers.borne(form, budget[:, of], cost[:, of], choice, happened.score)

    def not_simulated(self) -> Iterator[NotSimulated]:
        """Forms that cannot be simulated, with the reason; none is left out in silence."""
        for form in (form for form in FORMS if not self.forms or form in self.forms):
            made = self.book.payment(form)
            if made.lacking:
                yield NotSimulated(form, made.name, ALL, int((~made.pays).sum()), made.lacking)
        for contract in self.contracts():
            bearers = Bearers(self.plan, self.book, contract)
            rows = int((self.plan.rows["contract"] == contract.id).sum())
            for form in self._contract_forms():
                if bearers.lacking(form):
                    yield NotSimulated(form, CONTRACT_FORMS[form].name, contract.id, rows, bearers.lacking(form))

    def _contract_forms(self) -> list[str]:
        return [form for form in CONTRACT_FORMS if not self.forms or form in self.forms]

    def _choice(self, shock: Shock, contract: Contract) -> Floats:
        """Care that patients choose moves as the same lines do at the parties; without such a line it is as planned."""
        lines = self.book.assumptions.words("choice_lines", self.book.year)
        rows = self.plan.rows
        of = np.flatnonzero((rows["contract"] == contract.id) & rows["service_line"].isin(lines))
        if not len(of):
            return np.ones(len(shock.activity))
        moved: Floats = np.average(shock.activity[:, of], axis=1, weights=self.plan.budget[of])
        return moved
