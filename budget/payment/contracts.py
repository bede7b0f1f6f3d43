"""Contract forms (the method, section 2.3): who bears a gain or loss when costs differ from budgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.kernel.money import apportion

Pence = NDArray[np.int64]


@dataclass(frozen=True)
class ContractForm:
    """A rule that shares the result of a contract among its parties.

    Attributes:
        id: as in the method.
        name: for people.
        share: budgets and costs of the parties (pence) to the gain (+) or loss (-) that each bears; the parts add
            up to budgets less costs.
    """

    id: str
    name: str
    share: Callable[[Pence, Pence], Pence]


def separate(budgets: Pence, costs: Pence) -> Pence:
    """C1: each party keeps ``b - c``."""
    return budgets - costs


def alliance(budgets: Pence, costs: Pence) -> Pence:
    """C2: the whole result is shared by budget, ``(B - C) b / B``."""
    return apportion(int(budgets.sum() - costs.sum()), budgets.astype(np.float64))


def alliance_equal(budgets: Pence, costs: Pence) -> Pence:
    """C2e: the whole result is shared equally."""
    return apportion(int(budgets.sum() - costs.sum()), np.ones(len(budgets)))


def lead_provider(budgets: Pence, costs: Pence) -> Pence:
    """C3a: the party with the largest budget pays the others' actual costs and bears ``B - C``."""
    result = np.zeros(len(budgets), dtype=np.int64)
    result[int(np.argmax(budgets))] = budgets.sum() - costs.sum()
    return result


CONTRACT_FORMS: tuple[ContractForm, ...] = (
    ContractForm("C1", "Separate contracts", separate),
    ContractForm("C2", "Alliance, shared by budget", alliance),
    ContractForm("C2e", "Alliance, shared equally", alliance_equal),
    ContractForm("C3a", "Lead provider pays actual cost", lead_provider),
)
