"""What the methods of need weigh with: the run's tables, people by place and age, published weights of practices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from budget.engine.statement import Statement
from budget.kernel.errors import RunStopped, refusal
from budget.stage import Given

_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Sources:
    """What methods weigh with.

    Attributes:
        given: the tables of the run.
        people: people by year and place, whom need a head is applied to.
        years: budget years.
        modelled: by stream, what its need model says a head of each place; none where there are no persons.
    """

    given: Given
    people: pd.DataFrame
    years: tuple[str, ...]
    modelled: Mapping[str, pd.Series]

    def by_age(self) -> pd.DataFrame:
        """People by place, practice, sex, year of age and deprivation fifth."""
        return self.given.engine.frame(Statement.read(_SQL / "people_by_age.sql"))

    def placed(self) -> pd.DataFrame:
        """Published weights of the locality's practices in the budget years, with their place."""
        weights, practices = self.given.frame("published_weights"), self.given.frame("practices")
        placed = weights.merge(practices[["practice_code", "place"]], on="practice_code", how="inner")
        return placed[placed["financial_year"].isin(self.years)]


def lacks(table: str, rule: str, keys: Iterable[str] = ()) -> RunStopped:
    """A table that lacks something which a method asks of it (check W10)."""
    named = tuple(keys)
    return refusal("need", "W10", table=table, rule=rule, rows_failed=len(named), mend=table, keys=named)
