"""Who holds the budget: every pence of the year with the party that it is paid to, under a contract or in a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from budget.kernel.money import apportion_within
from budget.payment.agreements import OUTSIDE, Agreement, party_place_lines

PLACE = "place"
"""Kind of a contract that is none: what no contract holds stays in the budget of its place, which is its own party."""
CONTRACT = "contract"

_LINE = ["place", "service_line"]
_CELL = ["place", "segment", "service_line", "commissioner"]
WHO = ["kind", "contract", "party"]


def holdings(
    budget: pd.DataFrame, agreements: Sequence[Agreement], activity: pd.DataFrame | None, year: str
) -> pd.DataFrame:
    """The whole population annual payment of a year by who holds it.

    A party's part of a cell that its contract is about is its part of the contract's money in that place and line; what
    no party holds stays with the place.

    Args:
        budget: ``integrated_budget``.
        agreements: contracts of the locality; none for a locality without.
        activity: ``provider_activity``; needed where there are contracts.
        year: the budget year.

    Returns:
        place, segment, service_line, commissioner, kind (contract or place), contract, party, annual_pence,
        incentive_pence; annual pence add up to core and incentive, cell by cell.
    """
    here = budget[budget["financial_year"].astype(str) == year]
    cells = here[_CELL].assign(annual_pence=here["core_pence"] + here["incentive_pence"])
    cells = cells.assign(incentive_pence=here["incentive_pence"]).reset_index(drop=True)
    parts = [_of_contract(cells, agreement, budget, activity, year) for agreement in agreements if activity is not None]
    shares = _with_the_rest(cells, parts)
    cell = shares["cell"].to_numpy(dtype=np.intp)
    weights = shares["weight"].to_numpy(dtype=np.float64)
    for name in ("annual_pence", "incentive_pence"):
        shares[name] = apportion_within(cells[name].to_numpy(dtype=np.int64), weights, cell)
    held = shares[(shares["annual_pence"] != 0) | (shares["incentive_pence"] != 0)]
    return held[[*_CELL, *WHO, "annual_pence", "incentive_pence"]].reset_index(drop=True)


def _of_contract(
    cells: pd.DataFrame, agreement: Agreement, budget: pd.DataFrame, activity: pd.DataFrame, year: str
) -> pd.DataFrame:
    """Parties of a contract with their part of every cell that it is about: cell, contract, party, weight."""
    plan = party_place_lines(agreement, budget, activity, year)
    whole = plan.groupby(_LINE)["budget_pence"].transform("sum")
    plan = plan.assign(weight=(plan["budget_pence"] / whole).where(whole > 0))
    named = plan[(plan["party"] != OUTSIDE) & plan["weight"].notna()]
    inside = cells[_inside(cells, agreement)].reset_index(names="cell")
    found = inside[["cell", *_LINE]].merge(named[[*_LINE, "party", "weight"]], on=_LINE)
    return found.assign(contract=agreement.contract)[["cell", "contract", "party", "weight"]]


def _inside(cells: pd.DataFrame, agreement: Agreement) -> pd.Series:
    scope = agreement.scope
    inside = cells["service_line"].isin(scope.lines) & cells["commissioner"].isin(agreement.commissioners)
    for column, names in (("place", scope.places), ("segment", scope.segments)):
        if names != "all":
            inside &= cells[column].isin(names)
    return inside


def _with_the_rest(cells: pd.DataFrame, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The parts of parties, and for every cell what is left with its place; in order of cell."""
    held = pd.concat(parts, ignore_index=True) if parts else None
    taken = held.groupby("cell")["weight"].sum() if held is not None else pd.Series(dtype="float64")
    # what no contract claims is all the place's
    left = 1.0 - taken.reindex(cells.index, fill_value=0.0)
    rest = pd.DataFrame({"cell": cells.index, "kind": PLACE, "contract": cells["place"], "party": cells["place"]})
    rest = rest.assign(weight=left.clip(lower=0.0).mask(left < 1e-12, 0.0))
    both = [rest] if held is None else [held.assign(kind=CONTRACT), rest]
    table = pd.concat(both, ignore_index=True).sort_values(["cell", "kind", "contract", "party"], ignore_index=True)
    return table.merge(cells[_CELL], left_on="cell", right_index=True)
