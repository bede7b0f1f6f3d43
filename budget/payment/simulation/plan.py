"""What is simulated: one row a contract, party and service line, with what it is planned to do, be paid and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.payment.contracts import ContractForm
from budget.payment.forms import PaymentForm
from budget.payment.simulation.costs import CostShape

Floats = NDArray[np.float64]
Index = NDArray[np.intp]

NO_CONTRACT = "no_contract"
"""Stands in the place of a contract for what is in none."""


@dataclass(frozen=True)
class Terms:
    """What a contract says of one party.

    Attributes:
        payment: how it is paid under the contract.
        in_force: how it is paid today.
        can_bear_pence: what it says it can lose in a year; None where it does not say.
    """

    payment: PaymentForm | None = None
    in_force: PaymentForm | None = None
    can_bear_pence: int | None = None


@dataclass(frozen=True)
class Contract:
    """What a contract says of all of them.

    Attributes:
        id: as tables write it.
        form: its contract form; None where providers are in no contract and none is agreed.
        parties: terms by party.
        partners: what each commissioner puts in, pence.
        pool_pence: the risk pool of its scope.
        payments: payment forms whose parameters the contract itself states, by id; for all parties.
    """

    id: str
    form: ContractForm | None
    parties: Mapping[str, Terms]
    partners: Mapping[str, int]
    pool_pence: int
    payments: Mapping[str, PaymentForm]


@dataclass(frozen=True)
class Plan:
    """The plan of all rows.

    Attributes:
        rows: contract, party, party_name, service_line, budget_pence, units, people; budgets are not nought.
        places: the places.
        mix: share of each row's budget in each place, by row and place.
        shape: how cost moves with activity, by row.
        contracts: by id; what is in none stands under ``no_contract``.
    """

    rows: pd.DataFrame
    places: tuple[str, ...]
    mix: Floats
    shape: CostShape
    contracts: Mapping[str, Contract]

    @property
    def budget(self) -> Floats:
        """Planned value by row, pence; planned cost is the same."""
        return self.rows["budget_pence"].to_numpy(dtype=np.float64)

    @property
    def parties(self) -> pd.DataFrame:
        """Contract, party and its name, in order of first appearance."""
        return self.rows[["contract", "party", "party_name"]].drop_duplicates(["contract", "party"], ignore_index=True)

    @property
    def party_of(self) -> Index:
        """Number of the contract and party by row, as in ``parties``."""
        return self.rows.groupby(["contract", "party"], sort=False).ngroup().to_numpy(dtype=np.intp)

    def by_party(self, amounts: Floats) -> Floats:
        """Sums over rows (the last axis) by contract and party."""
        return _summed(amounts, self.party_of)

    def of_contract(self, contract: str) -> Index:
        """Numbers of the parties of a contract."""
        return np.flatnonzero((self.parties["contract"] == contract).to_numpy())


def _summed(amounts: Floats, group: Index) -> Floats:
    belongs = np.zeros((len(group), int(group.max()) + 1))
    belongs[np.arange(len(group)), group] = 1.0
    sums: Floats = amounts @ belongs
    return sums
