"""What every contract form is: it takes what parties were given and what they spent, and says who bears the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from budget.payment.terms import fact_of

Floats = NDArray[np.float64]

COMMISSIONER = "commissioner"
"""Who bears what a form does not leave to the parties, unless it is a pool or another source of money."""


@dataclass(frozen=True)
class Account:
    """Budgets and costs of the parties to a contract; parties are the last axis, leading axes may be draws.

    Attributes:
        budget: b, pence.
        cost: c, pence.
        lead: which party leads; the one with the largest budget where it is not said.
        performance: by party, 0 to 1.
        contribution: what each partner put into a pooled fund, pence; its budget where it is not said.
        score: outcome score of the contract, 0 to 1.
    """

    budget: Floats
    cost: Floats
    lead: NDArray[np.bool_] | None = None
    performance: Floats | None = None
    contribution: Floats | None = None
    score: Floats | None = None

    @property
    def result(self) -> Floats:
        """``B - C`` of all parties together."""
        return (self.budget - self.cost).sum(axis=-1)

    @property
    def by_budget(self) -> Floats:
        """``b / B``."""
        return self.budget / self.budget.sum(axis=-1, keepdims=True)

    @property
    def by_contribution(self) -> Floats:
        """Shares of the partners in a pooled fund."""
        put_in = self.budget if self.contribution is None else self.contribution
        return put_in / put_in.sum(axis=-1, keepdims=True)

    @property
    def leads(self) -> Floats:
        """1 for the party that leads, 0 for the others."""
        if self.lead is not None:
            return np.asarray(self.lead, dtype=np.float64)
        largest = np.argmax(self.budget, axis=-1)[..., np.newaxis]
        return (np.arange(self.budget.shape[-1]) == largest).astype(np.float64)

    def fact(self, name: str, form: str) -> Floats:
        """A fact that a form cannot do without.

        Raises:
            ConfigurationError: it is not known.
        """
        known: Floats = fact_of(self, name, FACTS, form)
        return known


FACTS = {
    "lead": "which party leads",
    "performance": "performance of every party, 0 to 1",
    "contribution": "what every partner put in, pence",
    "score": "outcome score of the contract, 0 to 1",
}
"""The facts that a contract form may need beside budgets and costs."""


@dataclass(frozen=True)
class Bearing:
    """Who bears a result; all of it together is ``B - C``.

    Attributes:
        parties: gain (+) or loss (-) of every party, pence, unrounded; parties are the last axis.
        beside: the same for the commissioner and for pools or other sources of money, by name.
    """

    parties: Floats
    beside: Mapping[str, Floats]


class ContractForm(Protocol):
    """A rule that shares the result of a contract; its fields are its parameters, declared with `parameter`.

    Attributes:
        id: as in the method.
        name: for people.
        about: who bears what, in a sentence.
        formula: in the letters of the method.
        source: where the form is from.
        needs: facts of `Account` that it cannot do without.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    about: ClassVar[str]
    formula: ClassVar[str]
    source: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    def bear(self, account: Account) -> Bearing:
        """Who bears the result."""
        ...


class Plain:
    """Class attributes that most forms share."""

    needs: ClassVar[tuple[str, ...]] = ()


def account_of(budget: Any, cost: Any, **facts: Any) -> Account:
    """An account from anything that makes arrays of numbers."""
    told = {"budget": budget, "cost": cost} | facts
    arrays: dict[str, Any] = {name: np.asarray(value, dtype=float) for name, value in told.items() if value is not None}
    return Account(**arrays)
