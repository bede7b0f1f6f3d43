"""What is simulated: one row a contract, party and service line, with what it is planned to do, be paid and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.payment.contracts import ContractForm
from budget.payment.forms import PaymentForm, Together
from budget.payment.simulation.costs import CostShape

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Paying = PaymentForm | Together

NO_CONTRACT = "no_contract"
"""Stands in the place of a contract for what is in none."""


@dataclass(frozen=True)
class RowTerms:
    """What a contract says of one of its rows.

    Attributes:
        payment: how it is paid under the contract; None in no contract.
        in_force: how it is paid today; None where the contract does not say.
    """

    payment: Paying | None = None
    in_force: Paying | None = None


@dataclass(frozen=True)
class Contract:
    """What a contract says of all its rows.

    Attributes:
        id: as tables write it.
        partners: what each commissioner puts in, pence.
        pool_pence: the risk pool of its scope.
        form: who bears a gain or loss; None in no contract.
        payments: payment forms that it states for all of its parties, by id.
        can_bear_pence: what parties say that they can lose in a year; a party that does not say is not there.
        lead: the party that leads; None where none does.
        choice_pence: what is planned for patients' choice in its places and lines.
    """

    id: str
    partners: Mapping[str, int]
    pool_pence: int
    form: ContractForm | None = None
    payments: Mapping[str, Paying] = field(default_factory=dict)
    can_bear_pence: Mapping[str, int] = field(default_factory=dict)
    lead: str | None = None
    choice_pence: int = 0  # a true zero: nothing is planned for choice


@dataclass(frozen=True)
class Plan:
    """The plan of all rows.

    Attributes:
        rows: contract, party, party_name, service_line, budget_pence, units, people; the rows of a contract and party
            stand together, and none of the three is nought.
        terms: what its contract says of each row.
        places: the places.
        mix: share of each row's budget in each place, by row and place.
        shape: how cost moves with activity, by row.
        contracts: by id; what is in none stands under ``no_contract``.
    """

    rows: pd.DataFrame
    terms: tuple[RowTerms, ...]
    places: tuple[str, ...]
    mix: Floats
    shape: CostShape
    contracts: Mapping[str, Contract]

    @cached_property
    def budget(self) -> Floats:
        """Planned value by row, pence; planned cost is the same."""
        return self.rows["budget_pence"].to_numpy(dtype=np.float64)

    @cached_property
    def parties(self) -> pd.DataFrame:
        """Contract, party and its name; a party to two contracts is there twice."""
        return self.rows[["contract", "party", "party_name"]].drop_duplicates(["contract", "party"], ignore_index=True)

    @cached_property
    def party_of(self) -> Index:
        """Number of the contract and party by row, as in ``parties``."""
        return self.rows.groupby(["contract", "party"], sort=False).ngroup().to_numpy(dtype=np.intp)

    def by_party(self, amounts: Floats) -> Floats:
        """Sums over rows (the last axis) by contract and party; not a number where one of the rows is none."""
        starts = np.flatnonzero(np.diff(self.party_of, prepend=-1))
        sums: Floats = np.add.reduceat(amounts, starts, axis=-1)
        return sums

    def of_contract(self, contract: str) -> Index:
        """Numbers of the parties of a contract."""
        return np.flatnonzero((self.parties["contract"] == contract).to_numpy())
