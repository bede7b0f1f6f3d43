"""The pace-of-change step: opening budgets, targets and the quantum of one year."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from budget.assumptions.pack import Entry
from budget.kernel.money import half_up
from budget.ledger.balance import Balance, Change
from budget.ledger.pace_of_change import PaceInfeasible, solve
from budget.ledger.year import Year
from budget.ledger.years_to_target import at_this_pace, standing_still

logger = logging.getLogger(__name__)

_BECAUSE = (
    "quantum_basis",
    "quantum",
    "quantum_growth",
    "pace_rule",
    "pace_min_growth",
    "pace_taper_lo",
    "pace_taper_hi",
    "pace_max_under_target",
)


def pace_of_change(before: Balance, year: Year) -> Change:
    """Move every place towards its fair share of the quantum (the method, step 10).

    Places that share the quantum but are budgeted elsewhere take part with the opening budget they state.

    Where the quantum is infeasible every place gets what it would need, marked ``infeasible``: nothing is
    scaled in silence, the tables show the shortfall, and the gate stops the run.
    """
    solved, target = solved_pace(before, year), _target(year)
    distances = solved["opening_dft"].to_numpy(), solved["closing_dft"].to_numpy()
    growth = int(solved["target_pence"].sum()) / float(solved["opening_pence"].sum()) - 1
    here = set(before.tree.places)
    solved = solved.assign(
        financial_year=str(year.year),
        weighted_people=[float(target[place]) for place in solved["place"]],
        set_here=[place in here for place in solved["place"]],
        years_to_target=standing_still(distances[0], growth),
        years_at_this_pace=at_this_pace(*distances),
    )
    year.pace.append(solved)
    factor = dict(zip(solved["place"], solved["allocation_pence"], strict=True))
    allocation = np.array([factor[place] for place in before.tree.places], dtype=np.float64)
    ratio = allocation / before.tree.by_place(before.exact)
    because = (*_BECAUSE, *(entry.parameter.id for entry in _cap(year)))
    return Change(before.exact * ratio[before.tree.place_of], because)


def solved_pace(before: Balance, year: Year) -> pd.DataFrame:
    """The allocation of every place that shares the quantum, or what each would need where that is infeasible."""
    opening, target = _opening(before, year), _target(year)
    quantum = half_up(float(opening.sum())) if year.quantum is None else year.quantum
    try:
        return solve(opening, target.loc[opening.index], quantum, **_parameters(year))  # type: ignore[arg-type]
    except PaceInfeasible as error:
        logger.error("%s: %s", year.year, error)
        return error.needed


def _opening(before: Balance, year: Year) -> pd.Series:
    peers = dict(zip(year.peers["place"], year.peers["opening_pence"], strict=True))
    own = pd.Series(before.tree.by_place(before.exact), index=list(before.tree.places))
    return pd.concat([own, pd.Series(peers, dtype="float64")])


def _target(year: Year) -> pd.Series:
    peers = pd.Series(dict(zip(year.peers["place"], year.peers["weighted_people"], strict=True)), dtype="float64")
    return pd.concat([year.weighted_people, peers])


def _parameters(year: Year) -> dict[str, object]:
    numbers = {
        name: year.assumptions.number(f"pace_{name}", year.year)
        for name in ("min_growth", "taper_lo", "taper_hi", "max_under_target")
    }
    (cap,) = (float(entry.value) for entry in _cap(year)) if _cap(year) else (None,)  # type: ignore[arg-type]
    return {"rule": year.choice("pace_rule"), "max_growth": cap, **numbers}


def _cap(year: Year) -> tuple[Entry, ...]:
    """The growth cap; no place is capped where none is given."""
    return year.assumptions.scoped("pace_max_growth", year.year)
