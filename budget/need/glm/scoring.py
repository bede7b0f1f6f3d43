"""Fisher scoring on sums: a few weighted least squares of a small matrix, whatever the number of people."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from budget.need.glm.families import Family
from budget.need.glm.links import Link
from budget.need.glm.sums import Sums
from budget.need.glm.trouble import NotConverged

Array = NDArray[np.float64]

_CLOSE = 1e-11
"""Root mean square step of the linear predictor, over its own size, below which nothing moves any more."""
_STEPS = 100
_PATIENCE = 25
_LOSS_ROUNDING = 1e-10
_HALVINGS = 40


@dataclass(frozen=True)
class Curve:
    """Mean and slopes at a linear predictor, by design row.

    Attributes:
        eta: linear predictor.
        mean: expected cost a head.
        per_cost: h, the derivative of the likelihood by the residual: m' / V.
        per_cost_slope: dh / d eta.
        weight: information of one person: m' h.
    """

    eta: Array
    mean: Array
    per_cost: Array
    per_cost_slope: Array
    weight: Array


def curve(eta: Array, family: Family, link: Link) -> Curve:
    """The family and link at a linear predictor."""
    mean, slope = link.mean(eta), link.slope(eta)
    variance = family.variance(mean)
    h = slope / variance
    h_slope = link.bend(eta) / variance - slope**2 * family.variance_slope(mean) / variance**2
    return Curve(eta, mean, h, h_slope, slope * h)


def solved(information: Array, right: Array) -> Array:
    """Solve with columns scaled to unit length, so that pounds and flags do not spoil one another."""
    scale = 1 / np.sqrt(np.diag(information))
    answer: Array = scale * np.linalg.solve(information * np.outer(scale, scale), scale * right)
    return answer


def score(matrix: Array, sums: Sums, family: Family, link: Link) -> tuple[Array, int]:
    """Coefficients that make the score zero.

    Cost is divided by its mean first; the start is one least squares on means half way between a row's own and that
    of all (from the grand mean the first step overshoots where tails are heavy). Where a step of expected information
    would make the deviance worse, observed information takes over, and its steps are halved where they must be.

    Args:
        matrix: rows by columns, of full rank, intercept first.
        sums: by row.
        family: variance of cost.
        link: mean of the predictor.

    Returns:
        Coefficients, and the number of steps.

    Raises:
        NotConverged: a hundred steps were not enough, or no step leads on.
    """
    unit = 1.0 if link.name == "logit" else sums.mean
    scaled = replace(sums, total=sums.total / unit, offset=link.offset_in(sums.offset, unit))
    climb = _Climb(matrix, scaled, family, link)
    params, observed = climb.start(), False
    for steps in range(1, _STEPS + 1):
        here = climb.at(params)
        gradient = matrix.T @ (here.per_cost * scaled.scores(here.mean))
        weight = climb.information(here, observed)
        step = climb.solved(weight, gradient)
        if np.sqrt((weight @ (matrix @ step) ** 2) / weight.sum()) <= _CLOSE * (1 + np.sqrt(np.mean(here.eta**2))):
            return link.in_units(params + step, unit), steps
        part = climb.part(params, step)
        if (part < 1 or steps > _PATIENCE) and not observed and (climb.information(here, True) >= 0).all():
            observed = True
        else:
            params = params + part * step
    raise NotConverged([family.name, link.name])


@dataclass(frozen=True)
class _Climb:
    """The way to the maximum: where it starts, and steps that never lead down."""

    matrix: Array
    sums: Sums
    family: Family
    link: Link

    def at(self, params: Array) -> Curve:
        return curve(self.matrix @ params + self.sums.offset, self.family, self.link)

    def solved(self, weight: Array, right: Array) -> Array:
        return solved(self.matrix.T @ (self.matrix * weight[:, None]), right)

    def start(self) -> Array:
        """One working-response solve; drawn towards the grand mean where the family has no such means."""
        mean = self.family.start(self.sums.total, self.sums.weight)
        begun = curve(self.link.predictor(mean), self.family, self.link)
        own = self.sums.total / self.sums.weight
        response = begun.eta - self.sums.offset + (own - mean) / self.link.slope(begun.eta)
        weight = self.sums.weight * begun.weight
        params = self.solved(weight, self.matrix.T @ (weight * response))
        if self.link.name == "logit":
            return params
        flat = np.zeros_like(params)
        flat[0] = self.link.predictor(np.ones(1))[0]
        for halving in range(_HALVINGS):
            drawn = flat + 0.5**halving * (params - flat)
            if np.isfinite(self.loss(drawn)):
                return drawn
        return flat

    def information(self, here: Curve, observed: bool) -> Array:
        """Of each row: expected, which leads from afar, or observed, which leads straight when near."""
        expected = self.sums.weight * here.weight
        return expected - self.sums.scores(here.mean) * here.per_cost_slope if observed else expected

    def part(self, params: Array, step: Array) -> float:
        """The part of a step that does not make the deviance worse: all of it, or a half, or a quarter."""
        before = self.loss(params)
        # a loss that differs by rounding alone is no worse
        allowed = before + _LOSS_ROUNDING * abs(before)
        for halving in range(_HALVINGS):
            if self.loss(params + 0.5**halving * step) <= allowed:
                return 0.5**halving
        raise NotConverged([self.family.name, self.link.name])

    def loss(self, params: Array) -> float:
        """The deviance without its constants; infinite where the model has no meaning."""
        eta = self.matrix @ params + self.sums.offset
        if not self.link.allows(eta, self.sums.total):
            return float("inf")
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = self.family.loss(self.sums.total, self.sums.weight, self.link.mean(eta))
        return found if np.isfinite(found) else float("inf")
