"""Plans of a few providers, made directly and not from tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from budget.kernel.years import FinancialYear
from budget.payment.simulation.costs import CostShape
from budget.payment.simulation.plan import NO_CONTRACT, Contract, Plan, RowTerms
from budget.payment.simulation.results import Simulation
from budget.payment.simulation.rules import RuleBook
from tests.support.given import assume
from tests.support.simulation import SIMULATED

YEAR = FinancialYear.parse("2026/27")
VALUES = SIMULATED | {"ips_share": 0.025, "risk_pool_share": 0.005}
METHOD = [("PRO", "acute_elective", 20_000_000_00, 10_000.0)]
"""The one provider of the method: 10,000 units at 2,000 pounds."""


def plan(
    rows: list[tuple[str, str, int, float]],
    *,
    contract: Contract | None = None,
    shape: CostShape | None = None,
    mix: np.ndarray | None = None,
    terms: Mapping[int, RowTerms] | None = None,
) -> Plan:
    """Rows of party, line, pence and units, all in one contract or in none; one place where no mix is given."""
    name = contract.id if contract else NO_CONTRACT
    frame = pd.DataFrame(rows, columns=["party", "service_line", "budget_pence", "units"])
    frame = frame.assign(contract=name, party_name=frame["party"].str.title(), people=1_000.0)
    places = mix if mix is not None else np.ones((len(rows), 1))
    known = contract or Contract(NO_CONTRACT, {"QMF": int(frame["budget_pence"].sum())}, 100_000_00)
    stated = terms or {}
    return Plan(
        rows=frame,
        terms=tuple(stated.get(row, RowTerms()) for row in range(len(rows))),
        places=tuple("ABC"[: places.shape[1]]),
        mix=places,
        shape=shape or CostShape(np.full(len(rows), 0.4), np.zeros(len(rows)), np.ones(len(rows))),
        contracts={name: known},
    )


def simulation(of: Plan, *forms: str, **values: object) -> Simulation:
    """A plan under some forms, or all of them."""
    book = RuleBook(of, assume({**VALUES, **values}), YEAR, frozenset(["primary_medical_care"]))
    return Simulation(book, forms)


def in_contract(of: Plan, **facts: object) -> Plan:
    """The same plan with other facts of its one contract."""
    (name, contract), *_ = of.contracts.items()
    return replace(of, contracts={name: replace(contract, **facts)})  # type: ignore[arg-type]
