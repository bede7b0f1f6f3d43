"""The funding gap: what present services would cost if nothing were done, against what is allocated."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.kernel.money import half_up
from budget.ledger.balance import Balance
from budget.ledger.cost_path import CostPath
from budget.ledger.year import Year


def funding_gap(baseline: NDArray[np.float64], path: CostPath, balance: Balance, year: Year) -> pd.DataFrame:
    """The gap of one year by place, and what is planned to close it.

    ``do nothing = baseline + demography + other growth + price``; ``planned = do nothing - efficiency + investment -
    savings``; ``gap = do nothing - allocation``; ``left = planned - allocation``, negative where the allocation is
    more than the plan costs. Growth, efficiency, investments and savings count from the base year on.

    Args:
        baseline: normalised baseline, pence by key.
        path: cost of present services in the year.
        balance: any balance over the same keys.
        year: the year, booked.

    Returns:
        The columns of ``funding_gap``; every part is whole pence, so that the sums above hold.
    """
    table = pd.DataFrame(_parts(baseline, path, balance))
    table["do_nothing_pence"] = table[["baseline_pence", *_GROWN]].sum(axis=1)
    table["planned_pence"] = (
        table["do_nothing_pence"] - table["efficiency_pence"] + table["investment_pence"] - table["savings_pence"]
    )
    realised = year.assumptions.number("savings_realised_share", year.year)
    table["savings_unproven_pence"] = [half_up(pence * (1 - realised)) for pence in table["savings_pence"]]
    (pace,) = year.pace
    table = table.merge(pace[["place", "allocation_pence", "target_pence"]], on="place", validate="one_to_one")
    return table.assign(
        financial_year=str(year.year),
        gap_pence=table["do_nothing_pence"] - table["allocation_pence"],
        left_pence=table["planned_pence"] - table["allocation_pence"],
    )


_GROWN = ("demographic_pence", "nondemographic_pence", "price_pence")


def _parts(baseline: NDArray[np.float64], path: CostPath, balance: Balance) -> dict[str, object]:
    exact = {
        "baseline_pence": baseline,
        **dict(zip(_GROWN, path.grown.values(), strict=True)),
        "efficiency_pence": path.untouched - path.efficient,
        "investment_pence": path.invested - path.efficient,
        "savings_pence": path.invested - path.planned,
    }
    booked = {
        name: np.array([half_up(float(pence)) for pence in balance.tree.by_place(amounts)], dtype=np.int64)
        for name, amounts in exact.items()
    }
    return {"place": balance.tree.places, **booked}
