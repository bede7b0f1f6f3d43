"""Families: how the variance of cost follows its mean; a power for cost, the binomial for whether there is any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from budget.need.glm.links import Link, link_of

Array = NDArray[np.float64]

TWEEDIE_POWER = 1.5


@dataclass(frozen=True)
class Family:
    """Variance ``mean ** power``: 0 Gaussian, 1 Poisson, 2 gamma, between 1 and 2 Tweedie.

    Attributes:
        name: its name in ``fit``.
        power: of the mean.
        links: names of the links it may have, the usual one first.
    """

    name: str
    power: float
    links: tuple[str, ...] = ("log", "sqrt", "identity")

    def variance(self, mean: Array) -> Array:
        """V(mean), to the dispersion."""
        return mean**self.power

    def variance_slope(self, mean: Array) -> Array:
        """dV/dmean."""
        return self.power * mean ** (self.power - 1) if self.power else np.zeros_like(mean)

    def start(self, total: Array, weight: Array) -> Array:
        """Means to begin with: half way from each cell's own mean to the mean of all."""
        return (total / weight + total.sum() / weight.sum()) / 2

    def loss(self, total: Array, weight: Array, mean: Array) -> float:
        """The deviance of cells without the part that no coefficient can change; infinite outside the family's range.

        Args:
            total: sum of cost by cell.
            weight: people (or exposure) by cell.
            mean: expected cost a head by cell.
        """
        if self.power and (mean <= 0).any():
            return float("inf")
        return float(-2 * (total * self._integral(mean, 1) - weight * self._integral(mean, 2)).sum())

    def deviance(self, loss: float, saturated: float, total: float, weight: float) -> float:
        """The deviance of people, from that of cells and one sum over people.

        Args:
            loss: from ``loss``.
            saturated: the sum over people that ``saturated_sum`` names.
            total: sum of cost.
            weight: people.
        """
        if self.power == 1:
            return loss + 2 * (saturated - total)
        if self.power == 2:
            return loss - 2 * (saturated + weight)
        return loss + 2 * saturated / ((1 - self.power) * (2 - self.power))

    def saturated_sum(self, cost: Array, exposure: Array | None = None) -> float:
        """The one sum over people that a deviance needs besides the cells: y log y, log y, or y to 2 - power.

        Args:
            cost: by person.
            exposure: by person; cost is then a rate, and its term counts as often.
        """
        weight = np.ones_like(cost) if exposure is None else exposure
        rate = cost / weight
        if self.power == 1:
            used = cost > 0
            return float(cost[used] @ np.log(rate[used]))
        return float(weight @ (np.log(rate) if self.power == 2 else rate ** (2 - self.power)))

    def _integral(self, mean: Array, upper: int) -> Array:
        """Antiderivative of ``mean ** (upper - 1 - power)``."""
        exponent = upper - self.power
        return mean**exponent / exponent if exponent else np.log(mean)


class Binomial(Family):
    """Users among people: each person is 0 or 1."""

    def variance(self, mean: Array) -> Array:  # noqa: D102
        return mean * (1 - mean)

    def variance_slope(self, mean: Array) -> Array:  # noqa: D102
        return 1 - 2 * mean

    def start(self, total: Array, weight: Array) -> Array:  # noqa: D102
        return (total + 0.5) / (weight + 1)

    def loss(self, total: Array, weight: Array, mean: Array) -> float:  # noqa: D102
        if (mean <= 0).any() or (mean >= 1).any():
            return float("inf")
        return float(-2 * (total * np.log(mean) + (weight - total) * np.log1p(-mean)).sum())

    def deviance(self, loss: float, saturated: float, total: float, weight: float) -> float:
        """Of people who are 0 or 1 the saturated likelihood is 1, so nothing is added."""
        return loss

    def saturated_sum(self, cost: Array, exposure: Array | None = None) -> float:
        """Nothing, see ``deviance``."""
        return 0.0


def family_of(name: str, power: float = TWEEDIE_POWER) -> Family:
    """The family of a name.

    Args:
        name: gaussian, poisson, gamma, tweedie or binomial.
        power: Tweedie's, between 1 and 2.

    Raises:
        ValueError: there is no such family, or the power is outside its range.
    """
    match name:
        case "gaussian":
            return Family(name, 0.0, ("identity", "log", "sqrt"))
        case "poisson":
            return Family(name, 1.0)
        case "gamma":
            return Family(name, 2.0)
        case "tweedie" if 1 < power < 2:
            return Family(name, power)
        case "tweedie":
            raise ValueError(f"Tweedie's power is between 1 and 2, not {power}")
        case "binomial":
            return Binomial(name, 1.0, ("logit",))
        case _:
            raise ValueError(f"no family {name!r}: gaussian, poisson, gamma, tweedie or binomial")


def link_for(family: Family, name: str | None) -> Link:
    """The link asked for, or the family's usual one.

    Raises:
        ValueError: the family does not go with this link.
    """
    if name is not None and name not in family.links:
        raise ValueError(f"{family.name} goes with {', '.join(family.links)}, not {name!r}")
    return link_of(family.links[0] if name is None else name)
