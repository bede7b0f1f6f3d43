"""The results of a simulation as tables: by service line, by provider, by contract; what could not be simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.payment.contracts import booked
from budget.payment.simulation.bearing import Borne
from budget.payment.simulation.paying import Happened, in_pence
from budget.payment.simulation.results import Simulation

Index = NDArray[np.intp]
Pence = NDArray[np.int64]

_PROVIDER = ["provider_code", "form", "activity"]
_LINES = (
    "financial_year", "contract", "provider_code", "provider_name", "service_line", "form", "form_name", "terms",
    "activity", "line_activity", "planned_pence", "payment_pence", "cost_pence", "margin_pence", "stranded_pence",
)  # fmt: skip
_CONTRACT = (
    "financial_year", "contract", "form", "form_name", "agreed", "activity", "party", "kind",
    "budget_pence", "cost_pence", "result_pence", "transfer_pence",
)  # fmt: skip
_SUMS = ["planned_pence", "payment_pence", "cost_pence", "margin_pence", "stranded_pence"]


def service_line_margins(simulation: Simulation, happened: Happened, ratios: Sequence[float]) -> pd.DataFrame:
    """What each line of each provider is paid, costs and leaves, under every payment form that can pay it.

    Args:
        simulation: the plan and its forms.
        happened: one case a ratio.
        ratios: actual over planned activity by which cases are called.

    Returns:
        The columns of ``service_line_margins``.
    """
    plan, forms = simulation.plan, simulation.payment_forms()
    if not forms:
        return pd.DataFrame(columns=list(_LINES))
    of = [np.flatnonzero(form.pays) for form in forms]
    paid = [in_pence(happened.paid(form)[:, rows]).ravel() for form, rows in zip(forms, of, strict=True)]
    case, row, number = (np.concatenate(parts) for parts in zip(*_spread(of, len(ratios)), strict=True))
    names = {name: np.array([getattr(form, name) for form in forms], dtype=object) for name in ("id", "name")}
    by_contract = np.stack([form.by_contract for form in forms])
    rows, payment, cost = plan.rows.iloc[row].reset_index(drop=True), np.concatenate(paid), in_pence(happened.cost)
    return pd.DataFrame(
        {
            "financial_year": str(simulation.book.year),
            "contract": rows["contract"],
            "provider_code": rows["party"],
            "provider_name": rows["party_name"],
            "service_line": rows["service_line"],
            "form": names["id"][number],
            "form_name": names["name"][number],
            "terms": np.where(by_contract[number, row], "contract", "assumptions"),
            "activity": np.array(ratios)[case],
            "line_activity": happened.shock.activity[case, row],
            "planned_pence": in_pence(plan.budget)[row],
            "payment_pence": payment,
            "cost_pence": cost[case, row],
            "margin_pence": payment - cost[case, row],
            "stranded_pence": in_pence(happened.stranded)[case, row],
        }
    )


def _spread(of: Sequence[Index], cases: int) -> Iterator[tuple[Index, Index, Index]]:
    """Number of the case, the row and the form, for every case and every row that a form pays."""
    for number, rows in enumerate(of):
        yield np.repeat(np.arange(cases), len(rows)), np.tile(rows, cases), np.full(cases * len(rows), number)


def payment_simulation(margins: pd.DataFrame, plan_lines: pd.Series) -> pd.DataFrame:
    """The same by provider, where a form can pay all of its lines.

    Args:
        margins: ``service_line_margins``.
        plan_lines: how many lines of how many contracts each provider has, by its code.

    Returns:
        The columns of ``payment_simulation``.
    """
    first = {name: (name, "first") for name in ("financial_year", "provider_name", "form_name")}
    sums = {name: (name, "sum") for name in _SUMS}
    whole = margins.groupby(_PROVIDER, as_index=False, sort=False).agg(**first, **sums, lines=("service_line", "size"))
    whole = whole[whole["lines"] == whole["provider_code"].map(plan_lines)].drop(columns="lines")
    return whole.assign(delta_vs_block_pence=whole["payment_pence"] - whole["planned_pence"]).reset_index(drop=True)


def contract_simulation(simulation: Simulation, happened: Happened, ratios: Sequence[float]) -> pd.DataFrame:
    """Who bears the gain or loss of every contract under every contract form, to the penny.

    Args:
        simulation: the plan and its forms.
        happened: one case a ratio.
        ratios: actual over planned activity by which cases are called.

    Returns:
        The columns of ``contract_simulation``; results add up to budgets less costs.
    """
    rows: list[tuple[object, ...]] = []
    for contract, borne in simulation.borne(happened):
        kinds = ["party"] * (len(borne.parties) - borne.beside) + ["beside"] * borne.beside
        told = (str(simulation.book.year), contract.id, borne.form.id, borne.form.name, borne.agreed)
        for case, ratio in enumerate(ratios):
            money = zip(borne.parties, kinds, *_settled(borne, case), strict=True)
            rows += [(*told, ratio, *party) for party in money]
    return pd.DataFrame(rows, columns=list(_CONTRACT))


def _settled(borne: Borne, case: int) -> tuple[Pence, Pence, Pence, Pence]:
    """Budget, cost, result and transfer of one case in whole pence; results add up to budgets less costs."""
    budget, cost = (booked(part, round(float(part.sum()))) for part in (borne.budget[case], borne.cost[case]))
    result = booked(borne.result[case], int(budget.sum() - cost.sum()))
    return budget, cost, result, result - (budget - cost)


def forms_not_simulated(simulation: Simulation) -> pd.DataFrame:
    """Forms that could not be simulated, with the reason: the columns of ``forms_not_simulated``."""
    names = {"name": "form_name", "rows": "lines"}
    columns = ["form", "form_name", "contract", "lines", "reason"]
    return (
        pd.DataFrame([vars(one) for one in simulation.not_simulated()]).rename(columns=names).reindex(columns=columns)
    )
