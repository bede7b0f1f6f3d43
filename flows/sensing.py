"""The sensitivity of a run: every assumption that states a range at its low and high, over the tables of the run."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from budget.audit.folder import Run
from budget.bundle import Bundle
from budget.kernel.errors import ConfigurationError, RunStopped
from budget.kernel.years import FinancialYear
from budget.ledger.stage import BOOKS, LEDGER
from budget.scenario.recompute import Tables, recompute
from budget.scenario.sensitivity import Budgets, Move, Moved, moves, sensitivity, without_range
from flows.causes import unheard, why_stopped
from flows.sensed import Sensed
from flows.sides import Again, side_of

logger = logging.getLogger(__name__)


def sense(run: Run, year: str | None, again: Again) -> Sensed:
    """Move every assumption of a run that states a range.

    Args:
        run: a complete run.
        year: the year to look at; the first budget year when not given.
        again: computes what comes before the ledger, where an assumption reaches further back.

    Raises:
        ConfigurationError: the run's locality or inputs are gone, or the year is not one of its budget years.
    """
    side = side_of(run)
    if side.bundle is None:
        raise ConfigurationError(side.why_not)
    years = years_until(run, side.budget_years, year)
    desk = _Desk.over(again, side.bundle, years)
    base = desk.budgets(side.bundle, desk.tables)
    moved = [desk.moved(move, base) for move in moves(side.assumptions, years)]
    return Sensed(run, years[-1], base, sensitivity(base, moved), without_range(side.assumptions, years))


@dataclass(frozen=True)
class _Desk:
    """Sets the budgets of some years under one assumption after another.

    Attributes:
        bundle: what the run was made from.
        years: budget years up to the one that is looked at.
        tables: what the run's earlier stages left.
    """

    again: Again
    bundle: Bundle
    years: tuple[FinancialYear, ...]
    tables: Tables

    @classmethod
    def over(cls, again: Again, bundle: Bundle, years: tuple[FinancialYear, ...]) -> _Desk:
        """A desk over a run."""
        return cls(again, bundle, years, before_the_ledger(again, bundle))

    def moved(self, move: Move, base: Budgets) -> Moved:
        """The budgets with one assumption moved; one that nothing up to the ledger reads moves nothing."""
        identifier = move.assumption.id
        reaches_back = identifier in {name for stage in self.again.stages[:-1] for name in stage.assumes}
        if not reaches_back and identifier not in LEDGER.assumes:
            return Moved(move, base)
        bundle = replace(self.bundle, assumptions=move.assumptions)
        try:
            with unheard():
                tables = before_the_ledger(self.again, bundle) if reaches_back else self.tables
                return Moved(move, self.budgets(bundle, tables))
        except RunStopped as stop:
            return Moved(move, None, why_stopped(stop))
        except ConfigurationError as error:
            return Moved(move, None, str(error))

    def budgets(self, bundle: Bundle, tables: Tables) -> Budgets:
        """The last year's budgets of a bundle."""
        started = time.perf_counter()
        plan = bundle.plan.model_copy(update={"budget_years": self.years})
        written = recompute(tables, plan, bundle.assumptions, (BOOKS,))
        logger.debug("the ledger of %s took %.0f ms", self.years[-1], 1000 * (time.perf_counter() - started))
        return Budgets.of(written["growth_bridge"], self.years[-1])


def before_the_ledger(again: Again, bundle: Bundle) -> Tables:
    """What the stages before the ledger leave of a bundle, as far as the ledger reads it."""
    refs = again.tables(bundle, stages=again.stages[:-1])
    return Tables.read({name: ref.path for name, ref in refs.items()}, (BOOKS,))


def years_until(run: Run, known: tuple[FinancialYear, ...], asked: str | None) -> tuple[FinancialYear, ...]:
    """The budget years up to the one that is asked for; the first one where none is.

    Raises:
        ConfigurationError: the year is not one of the run's.
    """
    last = FinancialYear.parse(asked) if asked else known[0]
    if last not in known:
        raise ConfigurationError(f"--year {last}: the budget years of {run.run_id} are {', '.join(map(str, known))}.")
    return known[: known.index(last) + 1]
