"""What makes cells unfit for a risk model, each with a name: the rule, the columns or levels at fault, what to mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from budget.kernel.errors import CapitationError

_SHOWN = 10


class UnfitCells(CapitationError, ValueError):
    """Base of every refusal of cells; it names columns and levels, never a person's value.

    Args:
        names: the columns or levels at fault.
    """

    exit_status = 1
    rule: ClassVar[str] = "cells cannot be fitted"
    mend: ClassVar[str] = "cells"

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = tuple(names)
        more = len(self.names) - _SHOWN
        listed = ", ".join(self.names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        super().__init__(f"{self.rule}{': ' if listed else ''}{listed}. mend: {self.mend}")


class AbsentColumns(UnfitCells):
    """A column that the model needs is not there."""

    rule = "cells lack columns"
    mend = "the statement that makes the cells, or the terms of the model"


class MissingValues(UnfitCells):
    """A sum, count or covariate is null, or not finite."""

    rule = "cells have no value in"
    mend = "the covariates: give what is not known a level of its own"


class NegativeCost(UnfitCells):
    """Cells cost less than nothing."""

    rule = "cost is below zero in"
    mend = "activity or prices: reversals without the cost that they reverse"


class OneFold(UnfitCells):
    """People of fewer than two folds, whom nobody else can predict."""

    rule = "cross-validation needs two folds or more; people are in"
    mend = "the population: too few people, or none who were there for a day of the year of care"


class NoCost(UnfitCells):
    """The whole response is zero, or nobody is there."""

    rule = "there is nothing to explain, because the sum is zero of"
    mend = "the stream: leave it out, or give it cost"


class ImpossibleSums(UnfitCells):
    """Sums of squares that no people could have: an overflow, a rounding, or another cap than that of the sums."""

    rule = "sums of squares are smaller than the sums allow (an overflow, or sums of another cap) in"
    mend = "the statement that makes the cells: sum squares as HUGEINT or float64 of the same capped cost"


class CollinearTerms(UnfitCells):
    """Design columns that are combinations of those before them."""

    rule = "columns of the model are combinations of others"
    mend = "the terms: a level of one has the same people as a level of another"


class SeparatedTerms(UnfitCells):
    """Levels whose coefficient has no finite value: all their people are zero, or all are users."""

    rule = "levels have no finite coefficient, because nobody in them has cost (or everybody, in a model of use)"
    mend = "the levels: put each with a neighbour, or let the fit do it (pool=True)"


class UnknownLevels(UnfitCells):
    """Levels that the model was not fitted on."""

    rule = "the model knows no level"
    mend = "the cells to predict, or the cells that the model was fitted on"


class NotConverged(UnfitCells):
    """Scoring found no maximum."""

    rule = "the fit did not converge"
    mend = "the terms, family or link; a combination of levels may be separated"
