"""The difference of two ledgers by cause: states of a ledger, each one cause further, and what lies between them.

The states form a chain from the ledger of the first run to that of the second. What a cause makes is the state with
it less the state before it, so the causes add up to the whole difference, to the penny, whatever the states are: see
decision 9 for why they are taken one after another, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from budget.kernel.errors import CapitationError
from budget.scenario.compare import KEYS, between

Kind = Literal["formula", "data", "assumption", "several"]

UNRECORDED = "what no run records"
UNTOLD = "not told apart"


@dataclass(frozen=True)
class Cause:
    """One thing in which two runs differ.

    Attributes:
        kind: formula (code and rules), data or assumption.
        name: ``code``, ``inputs``, ``rules``, or the assumption as ``id@line`` with the years that differ.
        detail: what changed, in words.
    """

    kind: Kind
    name: str
    detail: str = ""


@dataclass(frozen=True)
class State:
    """The ledger once a cause is laid over everything before it.

    Attributes:
        cause: what was laid over; None where nothing that a run records differs.
        ledger: pence by ``KEYS``; None where there is no such ledger.
        why_not: why there is none, as a sentence.
    """

    cause: Cause | None
    ledger: pd.Series | None
    why_not: str = ""


@dataclass(frozen=True)
class Part:
    """What one cause makes of the difference, or several that could not be told apart.

    Attributes:
        causes: in order; more than one where the states between them have no ledger.
        rows: ``KEYS``, ``before_pence``, ``after_pence`` and ``difference_pence``, where there is a difference.
        why_together: why its causes stand together, a sentence for each state that has no ledger.
    """

    causes: tuple[Cause, ...]
    rows: pd.DataFrame
    why_together: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The cause, or all of them."""
        return " + ".join(cause.name for cause in self.causes)

    @property
    def kind(self) -> Kind:
        """The kind of its causes; ``several`` where they are of more than one."""
        kinds = {cause.kind for cause in self.causes}
        return kinds.pop() if len(kinds) == 1 else "several"

    @property
    def detail(self) -> str:
        """What changed, in words."""
        return "; ".join(cause.detail for cause in self.causes if cause.detail)

    def pence(self, year: str | None = None) -> int:
        """What it makes of the difference, in one year or in all."""
        rows = self.rows if year is None else self.rows[self.rows["financial_year"] == year]
        return int(rows["difference_pence"].sum())


@dataclass(frozen=True)
class Attribution:
    """The whole difference by cause, in the order in which causes were laid over one another."""

    parts: tuple[Part, ...]

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Every difference: ``cause_number``, ``cause``, ``kind``, ``KEYS`` and the pence before, after and between."""
        tables = [
            part.rows.assign(cause_number=number, cause=part.name, kind=part.kind)
            for number, part in enumerate(self.parts, 1)
        ]
        columns = ["cause_number", "cause", "kind", *KEYS, "before_pence", "after_pence", "difference_pence"]
        return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)

    @property
    def total_pence(self) -> int:
        """The whole difference, all years together."""
        return sum(part.pence() for part in self.parts)

    @property
    def order(self) -> tuple[str, ...]:
        """The causes in the order in which they were laid over one another."""
        return tuple(cause.name for part in self.parts for cause in part.causes)

    def by_kind(self) -> dict[Kind, int]:
        """Pence by kind of cause, all years together."""
        kinds = dict.fromkeys(part.kind for part in self.parts)
        return {kind: sum(part.pence() for part in self.parts if part.kind == kind) for kind in kinds}


def attribute(start: pd.Series, states: Sequence[State]) -> Attribution:
    """Lay the difference of two ledgers out by cause.

    A state without a ledger hands its cause on to the next one, and the two stand together. A state without a cause
    adds nothing to the answer where it adds no penny.

    Args:
        start: the first run's ledger, pence by ``KEYS``.
        states: the chain after it; the last one is the second run's ledger as it was recorded.

    Raises:
        CapitationError: the last state has no ledger, or the parts do not add up to the difference.
    """
    end = states[-1].ledger if states else start
    if end is None:
        raise CapitationError("the last ledger of the comparison is missing; report it as a fault.")
    told = Attribution(tuple(_parts(start, states)))
    expected = int(end.sum()) - int(start.sum())
    if told.total_pence != expected:
        raise CapitationError(f"the causes lose {expected - told.total_pence} pence; report it as a fault.")
    return told


def _parts(start: pd.Series, states: Sequence[State]) -> Iterator[Part]:
    before, causes, reasons = start, list[Cause](), list[str]()
    for state in states:
        causes += [state.cause] if state.cause else []
        if state.ledger is None:
            reasons.append(state.why_not)
            continue
        rows = between(before, state.ledger)
        moved = rows[rows["difference_pence"] != 0].reset_index(drop=True)
        if causes or not moved.empty:
            together = tuple(dict.fromkeys(reasons)) if len(causes) > 1 else ()
            yield Part(tuple(causes) or (Cause("formula", UNRECORDED),), moved, together)
        before, causes, reasons = state.ledger, [], []


def as_facts(part: Part, years: Sequence[str]) -> dict[str, Any]:
    """A part for scripts."""
    return {
        "cause": part.name,
        "kind": part.kind,
        "causes": [{"kind": c.kind, "name": c.name, "detail": c.detail} for c in part.causes],
        "difference_pence": part.pence(),
        "by_year": [{"financial_year": year, "difference_pence": part.pence(year)} for year in years],
        "why_together": list(part.why_together),
    }
