"""Who gains and who loses: F13 between those who pay and those who are paid, then the contract's form among parties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.money import apportion, half_up
from budget.payment.contracts import COMMISSIONER, settled
from budget.payment.settlement.terms import Deal

Pence = NDArray[np.int64]


@dataclass(frozen=True)
class Shared:
    """How the result of a contract is shared, in whole pence.

    Attributes:
        expected_pence: E, to date.
        actual_pence: C, to date.
        passed_pence: by party, what it passes to the commissioners under F13 (below nought: what it gets).
        moved_pence: by party, what it receives (+) or gives (-) under the contract's form.
        beside_pence: what commissioners and other sources receive (+) or give (-) under it, by name.
    """

    expected_pence: int
    actual_pence: int
    passed_pence: Pence
    moved_pence: Pence
    beside_pence: dict[str, int]

    @property
    def difference_pence(self) -> int:
        """``D = E - C``: a gain (+) or loss (-)."""
        return self.expected_pence - self.actual_pence


def share_result(deal: Deal, parties: pd.DataFrame, expected_pence: int, score: float | None) -> Shared:
    """Share what a contract's care cost less or more than was expected.

    What changes hands under F13 is S of expected and actual cost. Each side passes on the part of S that its own result
    is of the whole: parties under a fixed payment all of it, commissioners who pay for activity all of it back.
    Where every party answers for itself (C1, C6), it is done party by party. The form then shares what is left to the
    parties.

    Args:
        deal: the contract.
        parties: party, planned_pence, payment_pence (what is due), cost_pence, unearned_pence, lead, performance.
        expected_pence: E of the contract to date.
        score: outcome score, where it is known.
    """
    passed = _passed_on(deal, parties, expected_pence)
    if deal.pooled:
        moved, beside = _by_the_fund(deal, parties, passed)
    elif deal.prime or (deal.by_performance and parties["performance"].isna().any()):
        # a prime provider's result is that of choice, an item of its own; performance is not known yet
        moved, beside = np.zeros(len(parties), dtype=np.int64), {}
    else:
        moved, beside = _by_the_form(deal, parties, passed, score)
    return Shared(expected_pence, int(parties["cost_pence"].sum()), passed, moved, beside)


def _by_the_form(deal: Deal, parties: pd.DataFrame, passed: Pence, score: float | None) -> tuple[Pence, dict[str, int]]:
    """What the form moves among the parties, and what it leaves with others."""
    kept = parties["payment_pence"] - parties["unearned_pence"] - passed
    table = parties[["party", "lead", "cost_pence"]].assign(budget_pence=kept)
    if not table["lead"].any():
        table = table.drop(columns="lead")  # a form that needs one takes the party with the largest budget
    if deal.by_performance:
        table["performance"] = parties["performance"]
    known = 1.0 if score is None and deal.scores_itself else score
    result = settled(deal.form, table, score=known)
    own = result["kind"] == "party"
    return result.loc[own, "transfer_pence"].to_numpy(dtype=np.int64), _by_name(result[~own])


def _by_the_fund(deal: Deal, parties: pd.DataFrame, passed: Pence) -> tuple[Pence, dict[str, int]]:
    """A pooled fund pays what care costs, however providers are paid; its reserves, then its partners bear the rest.

    Partners share by what they put in, so one stands for all of them here.
    """
    made_whole = (parties["cost_pence"] - parties["payment_pence"]).to_numpy(dtype=np.int64)
    spent = int(parties["cost_pence"].sum()) - int(passed.sum())
    fund = pd.DataFrame({"party": [COMMISSIONER], "budget_pence": parties["planned_pence"].sum(), "cost_pence": spent})
    received = _by_name(settled(deal.form, fund.assign(contribution_pence=1)))
    return made_whole, received | {COMMISSIONER: received[COMMISSIONER] - int(made_whole.sum())}


def _by_name(result: pd.DataFrame) -> dict[str, int]:
    return {str(row.party): int(row.transfer_pence) for row in result.itertuples()}


def _passed_on(deal: Deal, parties: pd.DataFrame, expected_pence: int) -> Pence:
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
