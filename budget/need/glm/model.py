"""A fitted risk model: coefficients, three kinds of errors, predictions, and what it gets right and wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from budget.need.glm.covariances import Covariances
from budget.need.glm.design import Design
from budget.need.glm.families import Family
from budget.need.glm.levels import Category
from budget.need.glm.links import Link
from budget.need.glm.sums import Columns, Sums
from budget.need.ratios import predicted_tenth, predictive_ratios

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RiskModel:
    """A model of cost a head, fitted on cells, with the figures of a fit on people.

    Attributes:
        family: variance of cost.
        link: mean of the linear predictor.
        design: terms, levels, poolings.
        columns: where the sums stand in the cells.
        offset: column of the known part of the predictor, if any.
        coefficients: in the order of ``design.names``; pence a head (identity), log pence (log), root pence (sqrt).
        covariances: of the coefficients, by kind: model, HC0, HC1, HC2 and HC3 (least squares), clustered.
        scale: dispersion, Pearson's.
        r_squared: share of the variance between people that the model explains.
        steps: of the scoring.
        cells: how many cells were given.
        rows: design matrix of the distinct rows.
        sums: of the distinct rows.
    """

    family: Family
    link: Link
    design: Design
    columns: Columns
    offset: str | None
    coefficients: Array = field(repr=False)
    covariances: Covariances = field(repr=False)
    scale: float
    r_squared: float
    steps: int
    cells: int
    rows: Array = field(repr=False)
    sums: Sums = field(repr=False)

    @property
    def params(self) -> pd.Series:
        """The coefficients by name."""
        return self._named(self.coefficients)

    @property
    def bse(self) -> pd.Series:
        """Errors where the family's variance holds, to the dispersion."""
        return self.errors("model")

    @property
    def bse_robust(self) -> pd.Series:
        """Errors whatever the variance (HC0)."""
        return self.errors("HC0")

    @property
    def bse_clustered(self) -> pd.Series | None:
        """Errors that let people of a cluster resemble one another; nothing without a cluster."""
        return self.errors("clustered") if "clustered" in self.covariances else None

    @property
    def poolings(self) -> tuple[str, ...]:
        """Levels that were pooled and columns that were left out, and why."""
        return self.design.poolings

    @property
    def people(self) -> float:
        """How many people the model was fitted on."""
        return float(self.sums.people.sum())

    def errors(self, kind: str) -> pd.Series:
        """Standard errors of one of the ``covariances``."""
        return self._named(np.sqrt(np.diag(self.covariances[kind])))

    def predict(self, cells: pd.DataFrame) -> pd.Series:
        """Expected cost a head (a unit of exposure, where the model has it) of each cell.

        Raises:
            UnknownLevels: a cell has a level that the model was not fitted on.
        """
        # no offset is a true zero: nothing of the predictor is known beforehand
        known = cells[self.offset].to_numpy(dtype=np.float64) if self.offset else 0.0
        eta = self.design.matrix(cells) @ self.coefficients + known
        return pd.Series(self.link.mean(eta), index=cells.index, name="expected")

    @property
    def fitted(self) -> Array:
        """Expected cost a head of the distinct rows."""
        return self.link.mean(self.rows @ self.coefficients + self.sums.offset)

    def deviance(self, saturated: float) -> float:
        """The deviance over people.

        Args:
            saturated: the family's one sum over people (``Family.saturated_sum``).
        """
        loss = self.family.loss(self.sums.total, self.sums.weight, self.fitted)
        return self.family.deviance(loss, saturated, float(self.sums.total.sum()), float(self.sums.weight.sum()))

    def diagnostics(self, cells: pd.DataFrame | None = None) -> pd.DataFrame:
        """What the fit gets right and wrong on the people it was fitted on.

        A prediction for people whom it was not fitted on is judged out of fold, see ``budget.need.risk.fitness``.

        Args:
            cells: where they are given, predictive ratios by level of every term as well.

        Returns:
            Columns ``measure``, ``group``, ``value``.
        """
        expected = self.fitted * self.sums.weight
        rows = [
            ("calibration", "all", float(expected.sum() / self.sums.total.sum())),
            ("r_squared", "all", self.r_squared),
            ("scale", "all", self.scale),
            ("people", "all", self.people),
            ("people_per_cell", "all", self.people / self.cells),
            ("steps", "all", float(self.steps)),
        ]
        rows += self._ratios_by_tenth()
        if cells is not None:
            rows += chain.from_iterable(self._ratios_by_level(cells))
        return pd.DataFrame(rows, columns=["measure", "group", "value"])

    def _ratios_by_tenth(self) -> list[tuple[str, str, float]]:
        people, per_head = pd.Series(self.sums.weight), pd.Series(self.fitted)
        tenth = predicted_tenth(people, per_head)
        found = predictive_ratios(people, pd.Series(self.sums.total), people * per_head, tenth)
        return [("predictive_ratio", f"predicted_tenth: {level}", ratio) for level, ratio in found["ratio"].items()]

    def _ratios_by_level(self, cells: pd.DataFrame) -> list[list[tuple[str, str, float]]]:
        weight, actual = cells[self.columns.names[0]], cells[self.columns.response]
        predicted = self.predict(cells) * weight
        found = []
        for block in (block for block in self.design.blocks if isinstance(block, Category)):
            group = pd.Series(block.words(cells), index=cells.index)
            ratios = predictive_ratios(weight, actual, predicted, group)["ratio"]
            found.append([("predictive_ratio", f"{block.name}: {level}", ratio) for level, ratio in ratios.items()])
        return found

    def table(self, name: str) -> pd.DataFrame:
        """The coefficients with HC1 errors, in the columns of ``risk_model``."""
        return pd.DataFrame(
            {
                "model": name,
                "term": self.design.names,
                "estimate": self.coefficients,
                "standard_error": self.errors("HC1").to_numpy(),
            }
        )

    def _named(self, values: Array) -> pd.Series:
        return pd.Series(values, index=list(self.design.names))
