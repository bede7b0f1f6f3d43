"""Generalised linear models on cells: the fit of every person, from sums of people who are alike."""

from budget.need.glm.fitting import fit
from budget.need.glm.model import RiskModel

__all__ = ["RiskModel", "fit"]
