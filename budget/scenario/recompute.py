"""A run's budgets set again in memory: the ledger and what follows from it, over the tables that the run left.

No person is looked at, nothing is written and no gate is asked: this is for questions of the kind "what if", which are
answered in milliseconds. What is paid comes from a run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd

from budget.assumptions.resolved import Assumptions
from budget.engine import DuckEngine
from budget.kernel.errors import CapitationError, ConfigurationError
from budget.ledger.stage import BOOKS
from budget.payment.stage import PAYMENT
from budget.plan import Plan
from budget.stage import Given, Made, Stage

STAGES = (BOOKS, PAYMENT)

_BESIDE = frozenset({"population", "person_cost", "segment_people_alternatives"})
"""Tables of which the ledger makes what stands beside it (high cost, other ways of counting), and no movement."""


_MOST_KEPT = 200


class Infeasible(ConfigurationError):
    """The quantum cannot meet the floors of pace of change."""


class Memory:
    """What was made of tables that do not change; of too much, what was not asked for longest is forgotten."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What is there under a name, made now where it is not."""
        with self._lock:
            if what in self._made:
                self._made.move_to_end(what)
                found: Made = self._made[what]
                return found
        made = make()
        with self._lock:
            self._made[what] = made
            while len(self._made) > _MOST_KEPT:
                self._made.popitem(last=False)
        return made


@dataclass(frozen=True)
class InMemory(Given):
    """What a stage may look at, already read.

    Attributes:
        memory: what was made of these tables before; None where they are not the same every time.
    """

    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    memory: Memory | None = None

    def has(self, name: str) -> bool:
        """Whether the run has this table."""
        return name in self.frames

    def frame(self, name: str) -> pd.DataFrame:
        """A table; a stage may not change it.

        Raises:
            KeyError: the run does not have it.
        """
        return self.frames[name]

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What is made of the tables alone."""
        return self.memory.once(what, make) if self.memory else make()


@dataclass(frozen=True)
class Tables:
    """The tables of a run that its ledger and payment read, in memory.

    Attributes:
        memory: what was made of them alone.
    """

    frames: Mapping[str, pd.DataFrame]
    memory: Memory = field(default_factory=Memory, compare=False)

    @classmethod
    def read(cls, paths: Mapping[str, Path], stages: Sequence[Stage] = STAGES) -> Tables:
        """Read what the stages ask for.

        Args:
            paths: Parquet files by table name.
            stages: those that will be computed.

        Raises:
            CapitationError: a table that a stage needs is missing.
        """
        made = {name for stage in stages for name in stage.writes}
        needed = {name for stage in stages for name in stage.reads} - made
        if missing := sorted(needed - set(paths)):
            raise CapitationError(f"the run lacks the tables {', '.join(missing)}.")
        asked = needed | {name for stage in stages for name in stage.may_read} - made - _BESIDE
        return cls({name: pd.read_parquet(paths[name]) for name in sorted(asked) if name in paths})


def recompute(
    tables: Tables, plan: Plan, assumptions: Assumptions, stages: Sequence[Stage] = STAGES
) -> dict[str, pd.DataFrame]:
    """Set the budgets of a run again under other assumptions.

    Args:
        tables: what its earlier stages left.
        plan: the plan of the run; fewer budget years give fewer.
        assumptions: those to use.
        stages: the ledger, or the ledger and the payment.

    Returns:
        What the stages write, by table.

    Raises:
        Infeasible: the quantum cannot meet the floors.
        ConfigurationError: the assumptions do not fit together.
        RunStopped: a stage cannot go on with them.
    """
    frames, written = dict(tables.frames), dict[str, pd.DataFrame]()
    with DuckEngine() as engine:
        for stage in stages:
            memory = None if written.keys() & {*stage.reads, *stage.may_read} else tables.memory
            given = InMemory(plan, assumptions.only(stage.assumes), {}, engine, frames=frames, memory=memory)
            written |= {name: table for name, table in stage.run(given).items() if isinstance(table, pd.DataFrame)}
            frames |= written
    _refuse_infeasible(written["pace_of_change"])
    return written


def _refuse_infeasible(pace: pd.DataFrame) -> None:
    years = sorted(set(pace.loc[pace["binding_rule"] == "infeasible", "financial_year"].astype(str)))
    if years:
        raise Infeasible(f"the quantum cannot meet the floors of {', '.join(years)}")
