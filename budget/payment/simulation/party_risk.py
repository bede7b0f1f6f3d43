"""What every party risks under every form: how its result lies over many draws, against what it can bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.payment.contracts import COMMISSIONER
from budget.payment.simulation.paying import Happened, in_pence
from budget.payment.simulation.plan import Contract, Plan
from budget.payment.simulation.results import Simulation
from budget.payment.simulation.risk import Risk, chance_exhausted
from budget.payment.simulation.rules import AGREED, Simulated

Floats = NDArray[np.float64]

PROVIDER = "provider"

_COLUMNS = (
    "contract", "party", "kind", "kind_of_form", "form", "form_name", "agreed", "budget_pence", "mean_pence",
    "sd_pence", "chance_of_loss", "worst_pence", "mean_of_worst_pence", "can_bear_pence", "within", "pool_pence",
    "chance_pool_exhausted",
)  # fmt: skip
_TYPES = {"can_bear_pence": "Int64", "within": "boolean", "chance_pool_exhausted": "float64"}


def party_risk(simulation: Simulation, happened: Happened, seed: int) -> pd.DataFrame:
    """Risk of every party of every contract, the commissioner among them, under every form.

    Under a payment form a party's result is what it is paid less what its care costs, and the commissioner's is the
    budget for the people who are there less what it pays. Under a contract form it is what the party bears of the
    contract's result. The pool is exhausted where commissioners lose more than the risk pool of the scope: as in
    settlement it pays their losses, and none that parties bear.

    Args:
        simulation: the plan and its forms.
        happened: draws.
        seed: where they start from.

    Returns:
        The columns of ``party_risk``.
    """
    rows = [
        *(row for form in simulation.payment_forms() for row in _under_payment(simulation.plan, form, happened)),
        *_under_contracts(simulation, happened),
    ]
    facts = {"financial_year": str(simulation.book.year), "draws": len(happened.score), "seed": seed}
    return pd.DataFrame(rows, columns=list(_COLUMNS)).assign(**facts).astype(_TYPES)


def _under_payment(plan: Plan, form: Simulated, happened: Happened) -> Iterator[dict[str, Any]]:
    paid = happened.paid(form)
    parties, payment, margins = plan.parties, plan.by_party(paid), plan.by_party(paid - happened.cost)
    budget = plan.by_party(happened.budget)
    for contract in plan.contracts.values():
        of = plan.of_contract(contract.id)
        whole = not np.isnan(margins[0, of]).any()
        known = of[~np.isnan(margins[0, of])]
        names, results = list(parties["party"].iloc[known]), margins[:, known]
        planned = plan.by_party(plan.budget)[known]
        if whole:  # what the commissioner pays is only known where every party can be paid in this way
            names.append(COMMISSIONER)
            results = np.column_stack([results, (budget - payment)[:, of].sum(axis=1)])
            planned = np.append(planned, planned.sum())
        told = {"kind_of_form": "payment", "form": form.id, "form_name": form.name, "agreed": form.id == AGREED}
        yield from (told | row for row in _rows(contract, names, planned, results, claims=whole))


def _under_contracts(simulation: Simulation, happened: Happened) -> Iterator[dict[str, Any]]:
    for contract, borne in simulation.borne(happened):
        form = borne.form
        told = {"kind_of_form": "contract", "form": form.id, "form_name": form.name, "agreed": borne.agreed}
        yield from (
            told | row for row in _rows(contract, borne.parties, borne.planned, borne.result, claims=form.id != "C6")
        )


def _rows(
    contract: Contract, names: Sequence[str], planned: Floats, results: Floats, *, claims: bool
) -> Iterator[dict[str, Any]]:
    if not names:
        return
    risk = Risk.of(results)
    pence = {name: in_pence(getattr(risk, name)) for name in ("mean", "sd", "worst", "mean_of_worst")}
    kinds = [_kind(name, contract) for name in names]
    of_commissioners = results[:, [kind == COMMISSIONER for kind in kinds]].sum(axis=1)
    chance = chance_exhausted(of_commissioners, contract.pool_pence) if claims else None
    for at, name in enumerate(names):
        yield {
            "contract": contract.id,
            "party": name,
            "kind": kinds[at],
            "budget_pence": int(in_pence(planned[at])),
            "mean_pence": pence["mean"][at],
            "sd_pence": pence["sd"][at],
            "chance_of_loss": risk.chance_of_loss[at],
            "worst_pence": pence["worst"][at],
            "mean_of_worst_pence": pence["mean_of_worst"][at],
            **_capacity(contract.can_bear_pence, name, int(pence["worst"][at])),
            "pool_pence": contract.pool_pence,
            "chance_pool_exhausted": chance,
        }


def _kind(name: str, contract: Contract) -> str:
    """Whether a party provides care, pays for it, or is a pool or another source of money."""
    if name == COMMISSIONER or name in contract.partners:
        return COMMISSIONER
    return "other" if name in ("underspends", "risk_pool", "uncommitted", "outside") else PROVIDER


def _capacity(can_bear: Mapping[str, int], name: str, worst: int) -> dict[str, Any]:
    """What a party can bear, and whether one draw in twenty or fewer lose it more."""
    if name not in can_bear:
        return {"can_bear_pence": None, "within": None}
    return {"can_bear_pence": can_bear[name], "within": -worst <= can_bear[name]}
