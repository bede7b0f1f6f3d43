"""Who gains and who loses: F13 between those who pay and those who are paid, then the contract's form among parties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.money import apportion, half_up
from budget.payment.contracts import COMMISSIONER, settled
from budget.payment.settlement.terms import Deal


@dataclass(frozen=True)
class Shared:
    """How the result of a contract is shared, in whole pence.

    Attributes:
        expected_pence: E, to date.
        actual_pence: C, to date.
        passed_pence: by party, what it passes to the commissioners under F13 (below nought: what it gets).
        moved_pence: by party, what it receives (+) or gives (-) under the contract's form.
        beside_pence: what the form leaves with the commissioners and other sources, by name.
    """

    expected_pence: int
    actual_pence: int
    passed_pence: NDArray[np.int64]
    moved_pence: NDArray[np.int64]
    beside_pence: dict[str, int]

    @property
    def difference_pence(self) -> int:
        """``D = E - C``: a gain (+) or loss (-)."""
        return self.expected_pence - self.actual_pence


def share_result(deal: Deal, parties: pd.DataFrame, expected_pence: int, score: float | None) -> Shared:
    """Share what a contract's care cost less or more than was expected.

    What changes hands under F13 is S of expected and actual cost. Each side passes on the part of S that its own result
    is of the whole: parties under a fixed payment all of it, commissioners who pay for activity all of it back.
    Where every party answers for itself (C1), it is done party by party. The form then shares what is left to the
    parties.

    Args:
        deal: the contract.
        parties: party, planned_pence, payment_pence (what is due), cost_pence, unearned_pence, lead.
        expected_pence: E of the contract to date.
        score: outcome score, where it is known.
    """
    cost = parties["cost_pence"].to_numpy(dtype=np.int64)
    payment = parties["payment_pence"].to_numpy(dtype=np.int64)
    passed = _passed_on(deal, parties, expected_pence)
    kept = payment - parties["unearned_pence"].to_numpy(dtype=np.int64) - passed
    table = parties[["party", "lead"]].assign(budget_pence=kept, cost_pence=cost)
    if not table["lead"].any():
        table = table.drop(columns="lead")  # a form that needs one takes the party with the largest budget
    known = 1.0 if score is None and deal.scores_itself else score
    result = settled(deal.form, table.assign(contribution_pence=parties["planned_pence"]), score=known)
    own = result["kind"] == "party"
    beside = result[~own].groupby("party")["transfer_pence"].sum()
    moved = result.loc[own, "transfer_pence"].to_numpy(dtype=np.int64)
    extra = {str(name): int(pence) for name, pence in beside.items()}
    return Shared(expected_pence, int(cost.sum()), passed, moved, extra)


def _passed_on(deal: Deal, parties: pd.DataFrame, expected_pence: int) -> NDArray[np.int64]:
    """What every party passes to the commissioners under F13."""
    cost, payment = parties["cost_pence"], parties["payment_pence"]
    if deal.rule is None:
        return np.zeros(len(parties), dtype=np.int64)
    planned = parties["planned_pence"].clip(lower=0).to_numpy(dtype=np.float64)
    if deal.by_party:
        expected = apportion(expected_pence, planned)
        return np.array(
            [_changes_hands(deal, int(e), int(p), int(c)) for e, p, c in zip(expected, payment, cost, strict=True)],
            dtype=np.int64,
        )
    pence = _changes_hands(deal, expected_pence, int(payment.sum()), int(cost.sum()))
    lead = parties["lead"].to_numpy(dtype=np.float64)
    return apportion(pence, lead if lead.any() else planned)


def _changes_hands(deal: Deal, expected: int, payment: int, cost: int) -> int:
    """F13 of a result that those who are paid bear in part, as far as payments do not follow cost."""
    assert deal.rule is not None
    whole = expected - cost
    moved = float(deal.rule.shared(np.array(expected, dtype=float), np.array(cost, dtype=float)))
    if not moved:
        return 0
    borne = (payment - cost) - (expected - payment)
    cap = deal.rule.cap * expected
    return half_up(float(np.clip(moved * borne / whole, -cap, cap)))


__all__ = ["COMMISSIONER", "Shared", "share_result"]
