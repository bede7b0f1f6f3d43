"""Desks over runs, kept while people work at them: the tables of a run are read once, its own budgets booked once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from budget.assumptions.draft import Draft
from budget.audit.folder import Run
from budget.kernel.years import FinancialYear
from budget.scenario.what_if import Booked, Desk, Moved
from flows.known import known

_MOST_DESKS = 3


@dataclass
class Kept:
    """A desk, and the run's own budgets as far as they were asked for.

    Attributes:
        base: the run's own budgets by year, computed now.
        since: pence by which their core budgets are off what the run recorded: nought, but for new code.
    """

    desk: Desk
    base: dict[FinancialYear, Booked] = field(default_factory=dict)
    since: dict[FinancialYear, int] = field(default_factory=dict)

    def moved(self, draft: Draft, year: FinancialYear) -> Moved:
        """What a draft does to a year.

        Raises:
            NoBudget: there is none with these values.
        """
        if year not in self.base:
            base = self.desk.book(self.desk.assumptions, year)
            self.since[year] = int(base.budgets(year).core.sum()) - self.desk.recorded(year)
            self.base[year] = base
        before = self.base[year]
        return Moved(year, before, self.desk.book(draft.assumptions, year) if draft.changes else before)


class Desks:
    """The desks that were used last."""

    def __init__(self) -> None:
        self._by_run: OrderedDict[Path, Kept] = OrderedDict()
        self._lock = Lock()

    def over(self, run: Run) -> Kept:
        """The desk over a run.

        Raises:
            ConfigurationError: the run cannot be asked: a gate stopped it, or its locality is gone.
        """
        with self._lock:
            if run.folder not in self._by_run:
                desk = Desk.over(run, known(str(run.folder)).assumptions)
                self._by_run[run.folder] = Kept(desk)
            self._by_run.move_to_end(run.folder)
            while len(self._by_run) > _MOST_DESKS:
                self._by_run.popitem(last=False)
            return self._by_run[run.folder]
