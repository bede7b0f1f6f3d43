"""What a draft would do to a run's budgets, answered in memory from the tables that the run left.

Only assumptions that the ledger alone reads can move here. What an earlier stage reads, or a later one, needs a rerun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import pandas as pd

from budget.assumptions.draft import Draft
from budget.assumptions.resolved import Assumptions
from budget.audit.folder import Run
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.years import FinancialYear
from budget.ledger.stage import LEDGER, MOVEMENTS
from budget.ledger.steps import STEPS
from budget.pipeline import STAGES
from budget.plan import Plan
from budget.scenario.causes import Attribution, Cause, State, attribute
from budget.scenario.chain import assumed
from budget.scenario.compare import Difference, between, summed
from budget.scenario.overlay import differing, laid_over
from budget.scenario.recompute import Tables, recompute
from budget.scenario.sensitivity import Budgets
from budget.store import Store

_STEPS = tuple(step.name for step in STEPS)

_RANGES = frozenset({"uncertainty_draws", "uncertainty_seed"})
"""The ledger reads these for its ranges, which are not drawn here."""


class NoBudget(ConfigurationError):
    """With these values there is no budget; the message says why."""


@dataclass(frozen=True)
class Booked:
    """The ledger of some years under some assumptions.

    Attributes:
        ledger: ``budget_ledger``.
        bridge: ``growth_bridge``.
        segments: ``segments`` of the run.
    """

    ledger: pd.DataFrame
    bridge: pd.DataFrame
    segments: pd.DataFrame

    @cached_property
    def sums(self) -> Callable[[str, FinancialYear], pd.Series]:
        """Pence of a year by one column of the ledger."""
        return cache(self._sums)

    @cached_property
    def budgets(self) -> Callable[[FinancialYear], Budgets]:
        """Allocation and core budget of a year by place."""
        return cache(partial(Budgets.of, self.bridge))

    @cached_property
    def movements(self) -> pd.Series:
        """Pence of every year by the keys of a comparison."""
        return summed(self.ledger, self.segments)

    def _sums(self, key: str, year: FinancialYear) -> pd.Series:
        here = self.ledger[self.ledger["financial_year"] == str(year)]
        return here.groupby(key)["amount_pence"].sum()


@dataclass(frozen=True)
class Moved:
    """What a draft does.

    Attributes:
        year: the year that is looked at; the years before it are booked too.
        before: the run's budgets.
        after: those of the draft.
    """

    year: FinancialYear
    before: Booked
    after: Booked

    @property
    def places(self) -> pd.DataFrame:
        """Pence by place: ``name``, ``<allocation|core>_before_pence`` and ``<allocation|core>_after_pence``."""
        sides = {"before": self.before.budgets(self.year), "after": self.after.budgets(self.year)}
        columns = {f"{m}_{side}_pence": getattr(b, m) for m in ("allocation", "core") for side, b in sides.items()}
        return pd.DataFrame(columns).rename_axis("name").reset_index()

    @cached_property
    def difference(self) -> Difference:
        """What lies between the two ledgers, in every year that is booked."""
        return Difference(between(self.before.movements, self.after.movements))

    def by(self, key: str) -> pd.DataFrame:
        """Pence of the year by a column of the ledger: ``name``, ``before_pence`` and ``after_pence``."""
        sides = {"before_pence": self.before.sums(key, self.year), "after_pence": self.after.sums(key, self.year)}
        # what one of the ledgers does not have is a true nought there
        rows = pd.DataFrame(sides).fillna(0).astype("int64")
        told = rows[(rows != 0).any(axis=1)]
        order = _STEPS if key == "step" else sorted(told.index)
        return told.loc[[name for name in order if name in told.index]].rename_axis("name").reset_index()


@dataclass(frozen=True)
class Desk:
    """A run that questions are asked of.

    Attributes:
        run: a complete run.
        plan: what it was planned by.
        assumptions: its own values.
        tables: what its stages before the ledger left.
        segments: its segments.
    """

    run: Run
    plan: Plan
    assumptions: Assumptions
    tables: Tables
    segments: pd.DataFrame

    @classmethod
    def over(cls, run: Run, assumptions: Assumptions) -> Desk:
        """A desk over a run.

        Args:
            run: a complete run.
            assumptions: its own values.

        Raises:
            ConfigurationError: a gate stopped the run, its locality's file is gone, or the store no longer holds an
                input that its ledger reads.
        """
        plan = Plan.read(Path(run.complete().manifest["config"]))
        years = tuple(FinancialYear.parse(year) for year in run.manifest["budget_years"])
        tables = Tables.read(_tables_of(run), (MOVEMENTS,))
        return cls(run, plan.model_copy(update={"budget_years": years}), assumptions, tables, run.table("segments"))

    def book(self, assumptions: Assumptions, year: FinancialYear) -> Booked:
        """The ledger under some assumptions, up to a year.

        Raises:
            NoBudget: the assumptions do not fit together, or the quantum cannot meet the floors.
        """
        years = self.plan.budget_years[: self.plan.budget_years.index(year) + 1]
        plan = self.plan.model_copy(update={"budget_years": years})
        try:
            written = recompute(self.tables, plan, assumptions, (MOVEMENTS,))
        except RunStopped as stop:
            raise NoBudget("; ".join(f"{check.rule} [{check.check_id}]" for check in stop.failures)) from None
        except ConfigurationError as error:
            raise NoBudget(str(error)) from None
        return Booked(written["budget_ledger"], written["growth_bridge"], self.segments)

    def recorded(self, year: FinancialYear) -> int:
        """Pence of a year's core budget as the run recorded it; another one is computed now where the code is new."""
        return int(Budgets.of(self.run.table("growth_bridge"), year).core.sum())


def causes(desk: Desk, draft: Draft, moved: Moved) -> Attribution:
    """The difference that a draft makes by changed assumption, as a comparison of two runs tells it.

    Each is laid over those before it, as the catalogue lists them; what does not move here is no cause.

    Args:
        desk: the run.
        draft: values over it.
        moved: what they do, up to some year; that year and those before it are told of.
    """
    years = desk.plan.budget_years[: desk.plan.budget_years.index(moved.year) + 1]
    found = differing(desk.assumptions, draft.assumptions, years, (desk.plan.base_year,))
    here = [one for one in found if moves_at_once(one.assumption.id)]
    states, laid = [], desk.assumptions
    for one in here[:-1]:
        laid = laid_over(laid, draft.assumptions, one.assumption)
        states.append(_state(desk, assumed(one), laid, moved.year))
    last = [State(assumed(here[-1]), moved.after.movements)] if here else []
    return attribute(moved.before.movements, [*states, *last])


def _state(desk: Desk, cause: Cause, assumptions: Assumptions, year: FinancialYear) -> State:
    try:
        return State(cause, desk.book(assumptions, year).movements)
    except NoBudget as none:
        return State(cause, None, f"With {cause.name} alone laid over: {none}")


def moves_at_once(identifier: str) -> bool:
    """Whether an assumption is read by the ledger, and by no stage before it."""
    return identifier in LEDGER.assumes and identifier not in _RANGES and identifier not in _read_before()


def used_by(identifier: str) -> tuple[str, ...]:
    """Names of the stages that read an assumption."""
    return tuple(stage.name for stage in STAGES if identifier in stage.assumes)


def _tables_of(run: Run) -> dict[str, Path]:
    """The tables that a run published, and the inputs that its ledger reads beside them, from the store."""
    published = {path.stem: path for path in (run.folder / "tables").glob("*.parquet")}
    given = {item["table"] for item in run.manifest["inputs"]}
    wanted = (given & {*LEDGER.reads, *LEDGER.may_read}) - set(published)
    if not wanted:
        return published
    intake = next(stage for stage in run.manifest["stages"] if stage["stage"] == STAGES[0].name)
    kept = Store(run.folder.parent / ".store").find(intake["stage"], intake["key"])
    paths = {ref.name: ref.path for ref in kept.tables} if kept else {}
    if lost := sorted(wanted - set(paths)):
        raise ConfigurationError(
            f"{run.folder}: the store beside the run no longer holds {', '.join(lost)}, which its ledger reads; "
            "make the run again."
        )
    return published | {name: paths[name] for name in wanted}


def _read_before() -> frozenset[str]:
    names = [stage.name for stage in STAGES]
    return frozenset(name for stage in STAGES[: names.index(LEDGER.name)] for name in stage.assumes)


def years_of(run: Run) -> Mapping[str, FinancialYear]:
    """The budget years of a run by how they are written."""
    return {year: FinancialYear.parse(year) for year in run.manifest["budget_years"]}
