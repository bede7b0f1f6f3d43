"""A slice of the budget explained, from its parts down to input files, and whether it adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from budget.audit.explain.assumed import Assumed
from budget.audit.explain.booked import Booked
from budget.audit.explain.formulas import Look
from budget.audit.explain.records import KEYS, Records
from budget.audit.explain.slice import Slice
from budget.audit.explain.sources import checks_of, inputs_of
from budget.audit.explain.standing import Facts, baseline_of, need_of, set_aside_of
from budget.audit.explain.steps import StepTold, tell_steps
from budget.audit.folder import Run

PARTS = {
    "carve_out_pence": ("choice_carve_out", "other_carve_outs"),
    "risk_pool_pence": ("risk_pool",),
    "incentive_pence": ("incentive",),
}
"""The parts of the budget that are set aside, and the steps that take them."""


@dataclass(frozen=True)
class YearTold:
    """The steps of one budget year."""

    financial_year: str
    steps: tuple[StepTold, ...]


@dataclass(frozen=True)
class Explanation:
    """One slice of a run's budget and what it stands on.

    Attributes:
        run_id: the run.
        asked: the slice.
        budget: the sums of ``integrated_budget``: allocation, its parts, lines, people and weighted people.
        years: the steps of every budget year up to the slice's own, which is the last.
        need: see ``need_of``.
        baseline: see ``baseline_of``.
        set_aside: see ``set_aside_of``.
        inputs: see ``inputs_of``.
        checks: see ``checks_of``.
        differences: what does not add up, a sentence each; empty in a run that nobody has changed.
    """

    run_id: str
    asked: Slice
    budget: Facts
    years: tuple[YearTold, ...]
    need: Facts
    baseline: Facts
    set_aside: Facts
    inputs: tuple[Facts, ...]
    checks: Facts
    differences: tuple[str, ...]

    @property
    def steps(self) -> tuple[StepTold, ...]:
        """The steps of the slice's own year."""
        return self.years[-1].steps

    @property
    def adds_up(self) -> bool:
        """Whether the movements come to the budget, to the penny."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain values, under keys that stay."""
        return {
            "run_id": self.run_id,
            "slice": asdict(self.asked),
            "adds_up": self.adds_up,
            "differences": list(self.differences),
            "budget": self.budget,
            "years": [asdict(year) for year in self.years],
            "need": self.need,
            "baseline": self.baseline,
            "set_aside": self.set_aside,
            "inputs": list(self.inputs),
            "checks": self.checks,
        }


@dataclass(frozen=True)
class Explainer:
    """Explains slices of one run; what several of them look at is read and laid out once.

    Attributes:
        records: the run's tables.
        looks: years laid out so far.
    """

    records: Records
    looks: dict[str, Look] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, run: Run) -> Explainer:
        """Who explains a run.

        Raises:
            ConfigurationError: a gate stopped it, so it has no budget.
        """
        return cls(Records(run.complete()))

    def look(self, year: str) -> Look:
        """What the formulas of a year look at."""
        if year not in self.looks:
            booked = Booked.of(self.records.table("budget_ledger"), year)
            self.looks[year] = Look(self.records, Assumed(self.records.table("assumption_ledger")), booked)
        return self.looks[year]

    @cached_property
    def _inputs(self) -> tuple[Facts, ...]:
        return inputs_of(self.records)

    @cached_property
    def _checks(self) -> Facts:
        return checks_of(self.records)

    def explain(self, asked: Slice) -> Explanation:
        """Explain a slice of the budget."""
        records, years = self.records, self.records.years
        upto = years[: years.index(asked.financial_year) + 1]
        told = tuple(YearTold(year, tuple(tell_steps(self.look(year), asked))) for year in upto)
        budget = _sums(asked.rows(records.table("integrated_budget")))
        return Explanation(
            run_id=records.run.run_id,
            asked=asked,
            budget=budget,
            years=told,
            need=need_of(records, asked),
            baseline=baseline_of(records, asked),
            set_aside=set_aside_of(records, asked),
            inputs=self._inputs,
            checks=self._checks,
            differences=tuple(_differences(told[-1].steps, budget)),
        )


def _sums(rows: pd.DataFrame) -> Facts:
    """Pounds of the slice; people and weighted people stand on every line of a segment, so each counts once."""
    once = rows.drop_duplicates(["place", "segment"])
    pence = {name: int(rows[name].sum()) for name in rows.columns if name.endswith("_pence")}
    people = {name: float(once[name].sum()) for name in ("people", "weighted_people")}
    return {**pence, **people, "lines": len(rows), "keys": {key: int(rows[key].nunique()) for key in KEYS}}


def _differences(steps: tuple[StepTold, ...], budget: Facts) -> Iterator[str]:
    """Where the movements do not come to what the budget says."""
    moved = {told.step: told.amount_pence for told in steps}
    # a step without a movement takes nothing: a true zero
    taken = {name: -sum(moved.get(step, 0) for step in of) for name, of in PARTS.items()}
    core = sum(moved.values())
    found = {**taken, "core_pence": core, "allocation_pence": core + sum(taken.values())}
    for name, pence in found.items():
        if pence != budget[name]:
            yield f"{name}: the movements come to {pence}, the budget says {budget[name]}."
