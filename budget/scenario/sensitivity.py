"""How much each assumption matters: every one that states a range, moved to its low and its high alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import pandas as pd

from budget.assumptions.catalogue import as_text
from budget.assumptions.pack import Entry
from budget.assumptions.resolved import Assumptions
from budget.kernel.years import FinancialYear
from budget.ledger.book import ALLOCATED
from budget.scenario.overlay import Narrow, in_order, replaced

Bound = Literal["low", "high"]
BOUNDS: tuple[Bound, Bound] = ("low", "high")

_MEASURES = ("allocation", "core")


@dataclass(frozen=True)
class Move:
    """One assumption at one end of its range, everything else as in the run.

    Attributes:
        before: the run's value, as text.
        after: the end of the range.
        assumptions: all assumptions, this one moved.
    """

    assumption: Narrow
    bound: Bound
    before: str
    after: str
    assumptions: Assumptions


@dataclass(frozen=True)
class Budgets:
    """One year's budgets by place, in pence.

    Attributes:
        allocation: after pace of change.
        core: after carve-outs, risk pool and incentive.
    """

    allocation: pd.Series
    core: pd.Series

    @classmethod
    def of(cls, bridge: pd.DataFrame, year: FinancialYear) -> Budgets:
        """The budgets of a year.

        Args:
            bridge: ``growth_bridge``.
        """
        here = bridge[bridge["financial_year"].astype(str) == str(year)]
        step = here["step"].astype(str)
        last = here.groupby("place", sort=True)["balance_pence"].last()
        return cls(here[step == ALLOCATED].set_index("place")["balance_pence"].sort_index(), last)


@dataclass(frozen=True)
class Moved:
    """What a move does.

    Attributes:
        budgets: None where there are none.
        why_not: why there are none, as a sentence.
    """

    move: Move
    budgets: Budgets | None
    why_not: str = ""


def moves(assumptions: Assumptions, years: Sequence[FinancialYear]) -> tuple[Move, ...]:
    """Every assumption with a low or a high in one of the years, at each end of its range; all its years move together.

    Args:
        years: the budget years up to the one that is looked at.
    """
    return tuple(
        _move(assumptions, at, bound, ranged)
        for at in _all(assumptions, years)
        for bound in BOUNDS
        if (ranged := [entry for entry in _entries(assumptions, at, years) if getattr(entry, bound) is not None])
    )


def without_range(assumptions: Assumptions, years: Sequence[FinancialYear]) -> tuple[str, ...]:
    """The assumptions that are used in one of the years and state neither a low nor a high."""
    return tuple(
        str(at)
        for at in _all(assumptions, years)
        if all(entry.low is None and entry.high is None for entry in _entries(assumptions, at, years))
    )


def sensitivity(base: Budgets, moved: Iterable[Moved]) -> pd.DataFrame:
    """The change of allocation and core budget, by move and place, and of all places together.

    Returns:
        ``assumption``, ``bound``, ``value``, ``moved_to``, ``place`` (nothing for all together), and for allocation
        and core ``<measure>_pence`` and ``<measure>_change_pence``, and ``why_not`` where there is no such budget. The
        assumption that moves most money stands first: most by the core budget of all places together, then most by the
        allocations of places.
    """
    rows = [row for one in moved for row in _rows(base, one)]
    columns = ["assumption", "bound", "value", "moved_to", "place"]
    columns += [f"{measure}{kind}" for measure in _MEASURES for kind in ("_pence", "_change_pence")]
    frame = pd.DataFrame(rows, columns=[*columns, "why_not"])
    for name in columns[5:]:
        frame[name] = frame[name].astype("Int64")
    if frame.empty:
        return frame
    return frame.iloc[_largest_first(frame)].reset_index(drop=True)


def _all(assumptions: Assumptions, years: Sequence[FinancialYear]) -> list[Narrow]:
    held = {
        Narrow(name, scope.line, scope.place)
        for name, scope in assumptions.entries
        if scope.year is None or scope.year in years
    }
    return in_order(held)


def _entries(assumptions: Assumptions, at: Narrow, years: Sequence[FinancialYear]) -> list[Entry]:
    return [
        entry
        for (name, scope), entry in assumptions.entries.items()
        if at.holds(name, scope) and (scope.year is None or scope.year in years)
    ]


def _move(assumptions: Assumptions, at: Narrow, bound: Bound, ranged: Sequence[Entry]) -> Move:
    changes = {(entry.parameter.id, entry.scope): replace(entry, value=getattr(entry, bound)) for entry in ranged}
    before, after = (
        ", ".join(dict.fromkeys(as_text(entry.value) for entry in entries)) for entries in (ranged, changes.values())
    )
    return Move(at, bound, before, after, replaced(assumptions, changes))


def _rows(base: Budgets, one: Moved) -> Iterable[dict[str, object]]:
    told = {
        "assumption": str(one.move.assumption),
        "bound": one.move.bound,
        "value": one.move.before,
        "moved_to": one.move.after,
        "why_not": one.why_not,
    }
    if one.budgets is None:
        return [told | {"place": None}]
    pence = {"allocation": (base.allocation, one.budgets.allocation), "core": (base.core, one.budgets.core)}
    together = {name: value for measure, pair in pence.items() for name, value in _whole(measure, *pair).items()}
    places = [
        told
        | {"place": place}
        | {f"{measure}_pence": int(now[place]) for measure, (_, now) in pence.items()}
        | {f"{measure}_change_pence": int(now[place] - was[place]) for measure, (was, now) in pence.items()}
        for place in base.allocation.index
    ]
    return [told | {"place": None} | together, *places]


def _whole(measure: str, was: pd.Series, now: pd.Series) -> dict[str, int]:
    return {f"{measure}_pence": int(now.sum()), f"{measure}_change_pence": int(now.sum()) - int(was.sum())}


def _largest_first(frame: pd.DataFrame) -> list[int]:
    """The order of rows: assumptions by what they move, low before high, all places before each."""
    together = frame[frame["place"].isna()]
    core = together.groupby("assumption")["core_change_pence"].agg(lambda pence: pence.abs().max())
    places = frame.groupby("assumption")["allocation_change_pence"].agg(lambda pence: pence.abs().max())
    none = Decimal(-1)  # an assumption with no budget at either end comes last

    def size(at: int) -> tuple[object, ...]:
        name = frame["assumption"].iloc[at]
        most = [none if pd.isna(sizes[name]) else Decimal(int(sizes[name])) for sizes in (core, places)]
        return (-most[0], -most[1], at)

    return sorted(range(len(frame)), key=size)
