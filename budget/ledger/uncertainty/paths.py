"""The ledger a second time: its steps from opening to core budget, on every draw of the assumptions at once.

The ledger books whole pence by segment and commissioner and says why; this says only how far the sums of places may lie
from what is booked. It is held to the ledger by tests: without a range it gives the ledger's sums, and for the values
of any one draw it gives what the ledger gives under them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.assumptions.draws import Draws
from budget.ledger.uncertainty.pace import share_quantum
from budget.ledger.uncertainty.pairs import Pairs
from budget.ledger.uncertainty.terms import Terms
from budget.ledger.uncertainty.weights import NeedError
from budget.ledger.year import Year

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Drawn:
    """One budget year on every draw.

    Attributes:
        year: the budget year.
        places: the places.
        allocation: after pace of change, pence by place and draw.
        core: after carve-outs, risk pool and incentive, pence by place and draw.
        impossible: which draws could not be done as drawn: floors or caps were scaled to the quantum, or a carve-out or
            saving was cut to what is there.
        need_drawn: whether weighted people were drawn.
    """

    year: str
    places: tuple[str, ...]
    allocation: Floats
    core: Floats
    impossible: Mask
    need_drawn: bool


def draw_years(pairs: Pairs, years: Sequence[Year], draws: Draws, error: NeedError | None = None) -> Iterator[Drawn]:
    """Draw every budget year in turn; each draw opens with its own allocations of the year before.

    Args:
        pairs: normalised baseline by place and line.
        years: what the ledger's steps of each year look at.
        draws: of the assumptions.
        error: of the need model, where it is known.
    """
    brought = planned = np.broadcast_to(pairs.normalised[:, None], (len(pairs.lines), draws.count))
    mix = pairs.mix
    quantum: Floats = np.full(draws.count, pairs.normalised.sum())
    for number, year in enumerate(years, 1):
        mix, demography = mix.grown(year.growth)
        terms = Terms(pairs, years[:number], draws)
        growth = demography[:, None] * (1 + terms.rate("growth_nondemographic")) * terms.price()
        opened, cut = terms.with_moves((brought if year.rebased is None else planned) * growth)
        planned, _ = terms.with_moves(planned * growth)
        error_here = error if error and str(year.year) in error.streams else None
        shared, quantum, infeasible = _shared(pairs.by_place(opened), quantum, terms, error_here)
        brought = opened * (shared / pairs.by_place(opened))[pairs.place_of]
        core, too_large = _core(brought, terms)
        yield Drawn(
            year=str(year.year),
            places=pairs.places,
            allocation=shared,
            core=pairs.by_place(core),
            impossible=cut | infeasible | too_large,
            need_drawn=error_here is not None,
        )


def _shared(opening: Floats, before: Floats, terms: Terms, error: NeedError | None) -> tuple[Floats, Floats, Mask]:
    """Allocations of the places that are budgeted here, the quantum, and which draws are infeasible."""
    year, here = terms.year, len(opening)
    peers = year.peers[["opening_pence", "weighted_people"]].to_numpy(dtype=np.float64)
    places = terms.pairs.places
    people = year.weighted_people.loc[list(places)].to_numpy(dtype=np.float64)[:, None]
    weighed = people * (error.factors(str(year.year), places, terms.draws) if error else np.ones_like(opening))
    together = np.vstack([opening, np.broadcast_to(peers[:, :1], (len(peers), opening.shape[1]))])
    target = np.vstack([weighed, np.broadcast_to(peers[:, 1:], (len(peers), opening.shape[1]))])
    quantum = np.broadcast_to(terms.quantum(before, together.sum(axis=0)), before.shape)
    shared, infeasible = share_quantum(together, target, quantum, terms.pace())
    return shared[:here], quantum, infeasible


def _core(allocation: Floats, terms: Terms) -> tuple[Floats, Mask]:
    """The core budget by pair and draw, and which draws carve more out of a place than there is."""
    pairs = terms.pairs
    left = allocation * (1 - terms.choice())
    left = np.where(terms.in_lines("specialised_lines"), 0.0, left)
    within = terms.in_lines("carve_out_lines")
    base, taken = pairs.by_place(np.where(within, left, 0.0)), terms.carved_by_place()
    kept = 1 - np.minimum(taken, base) / np.where(base > 0, base, 1.0)
    left = np.where(within, left * kept[pairs.place_of], left)
    core: Floats = left * (1 - terms.rate("risk_pool_share")) * (1 - terms.rate("ips_share"))
    too_large: Mask = np.any(taken > base + 1, axis=0)  # less than a penny is rounding
    return core, too_large
