"""Two parts: the chance of any cost, and what those with cost cost; for lines that many people do not use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from budget.need.glm import RiskModel, fit
from budget.need.glm.design import as_terms
from budget.need.glm.levels import with_levels


@dataclass(frozen=True)
class TwoPart:
    """A logit on whether there is cost, and a model of the cost of users.

    Attributes:
        use: chance of any cost.
        cost: cost a head of users.
    """

    use: RiskModel
    cost: RiskModel

    def predict(self, cells: pd.DataFrame) -> pd.Series:
        """Chance times cost: expected cost a head of each cell."""
        return (self.use.predict(cells) * self.cost.predict(cells)).rename("expected")


def fit_two_part(
    cells: pd.DataFrame,
    response: str,
    terms: Sequence[str | Sequence[str]],
    second: str = "gamma",
    users: str = "positives",
    cluster: str | None = None,
) -> TwoPart:
    """Fit both parts; the zeros add nothing to the sums of cost, so the same sums serve the second.

    The product is not calibrated (out of fold it drifts by a few parts in a thousand): rescale it to the total.

    Args:
        cells: as for ``fit``, and how many people of each have cost.
        response: column of the sum of cost.
        terms: of both parts.
        second: family of the second part, gamma or gaussian.
        users: column of how many people have cost.
        cluster: as for ``fit``.
    """
    known = with_levels(cells, as_terms(terms))
    use = fit(known, users, terms, "binomial", cluster=cluster, pool=True)
    of_users = known[known[users] > 0]
    cost = fit(of_users.assign(people=of_users[users]), response, terms, second, cluster=cluster, pool=True)
    return TwoPart(use, cost)
