"""Links: the mean as a function of the linear predictor, with the two derivatives that information needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Link(ABC):
    """``mean(eta)``, and how coefficients follow the unit of cost (``mean`` of one is a unit)."""

    name: str

    @abstractmethod
    def mean(self, eta: Array) -> Array:
        """Expected cost a head."""

    @abstractmethod
    def slope(self, eta: Array) -> Array:
        """First derivative of the mean."""

    @abstractmethod
    def bend(self, eta: Array) -> Array:
        """Second derivative of the mean."""

    @abstractmethod
    def predictor(self, mean: Array) -> Array:
        """The linear predictor of a mean."""

    @abstractmethod
    def in_units(self, predictor: Array, unit: float) -> Array:
        """Coefficients (intercept first) of cost divided by ``unit``, as those of cost itself."""

    @abstractmethod
    def offset_in(self, offset: Array, unit: float) -> Array:
        """An offset of cost, as that of cost divided by ``unit``."""

    def allows(self, eta: Array, total: Array) -> bool:
        """Whether rows with these sums of cost may have this predictor."""
        return True


class Identity(Link):
    """Cost in levels: coefficients are pence a head and add up."""

    def mean(self, eta: Array) -> Array:  # noqa: D102
        return eta

    def slope(self, eta: Array) -> Array:  # noqa: D102
        return np.ones_like(eta)

    def bend(self, eta: Array) -> Array:  # noqa: D102
        return np.zeros_like(eta)

    def predictor(self, mean: Array) -> Array:  # noqa: D102
        return mean

    def in_units(self, predictor: Array, unit: float) -> Array:  # noqa: D102
        return predictor * unit

    def offset_in(self, offset: Array, unit: float) -> Array:  # noqa: D102
        return offset / unit


class Log(Link):
    """Cost as a product: a coefficient is the logarithm of a factor."""

    def mean(self, eta: Array) -> Array:  # noqa: D102
        return np.exp(eta)

    def slope(self, eta: Array) -> Array:  # noqa: D102
        return np.exp(eta)

    def bend(self, eta: Array) -> Array:  # noqa: D102
        return np.exp(eta)

    def predictor(self, mean: Array) -> Array:  # noqa: D102
        return np.log(mean)

    def in_units(self, predictor: Array, unit: float) -> Array:  # noqa: D102
        return np.concatenate([predictor[:1] + np.log(unit), predictor[1:]])

    def offset_in(self, offset: Array, unit: float) -> Array:  # noqa: D102
        return offset


class Sqrt(Link):
    """Cost as a square: between levels and products."""

    def mean(self, eta: Array) -> Array:  # noqa: D102
        return eta**2

    def slope(self, eta: Array) -> Array:  # noqa: D102
        return 2 * eta

    def bend(self, eta: Array) -> Array:  # noqa: D102
        return np.full_like(eta, 2.0)

    def predictor(self, mean: Array) -> Array:  # noqa: D102
        return np.sqrt(mean)

    def in_units(self, predictor: Array, unit: float) -> Array:  # noqa: D102
        return predictor * np.sqrt(unit)

    def offset_in(self, offset: Array, unit: float) -> Array:  # noqa: D102
        return offset / np.sqrt(unit)

    def allows(self, eta: Array, total: Array) -> bool:
        """A root is positive; where there is no cost its sign does not matter, and scoring may pass through zero."""
        return not ((eta <= 0) & (total > 0)).any()


class Logit(Link):
    """The chance of any cost at all; it has no unit."""

    def mean(self, eta: Array) -> Array:  # noqa: D102
        return 1 / (1 + np.exp(-eta))

    def slope(self, eta: Array) -> Array:  # noqa: D102
        chance = self.mean(eta)
        return chance * (1 - chance)

    def bend(self, eta: Array) -> Array:  # noqa: D102
        chance = self.mean(eta)
        return chance * (1 - chance) * (1 - 2 * chance)

    def predictor(self, mean: Array) -> Array:  # noqa: D102
        return np.log(mean / (1 - mean))

    def in_units(self, predictor: Array, unit: float) -> Array:  # noqa: D102
        return predictor

    def offset_in(self, offset: Array, unit: float) -> Array:  # noqa: D102
        return offset


def link_of(name: str) -> Link:
    """The link of a name.

    Raises:
        ValueError: there is no such link.
    """
    match name:
        case "identity":
            return Identity(name)
        case "log":
            return Log(name)
        case "sqrt":
            return Sqrt(name)
        case "logit":
            return Logit(name)
        case _:
            raise ValueError(f"no link {name!r}: identity, log, sqrt or logit")
