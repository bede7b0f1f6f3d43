"""The mix of segments of a place, into which people are put whose segment is not known."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

_BAND = 5
_LEVELS: tuple[tuple[str, ...], ...] = (("place", "sex", "age"), ("place", "band"), ("place",))
"""By sex and year of age; where the run counted nobody like that, by band of five years; else all of the place."""


@dataclass(frozen=True)
class Mix:
    """Shares of segments by place, sex and age.

    Attributes:
        levels: for each of the levels its keys, segment and share; shares of a key add up to one.
    """

    levels: tuple[pd.DataFrame, ...]

    @classmethod
    def of(cls, counts: pd.DataFrame) -> Mix:
        """The mix of people who have been counted.

        Args:
            counts: place, sex, age (nothing where it is not known), segment, people.
        """
        known = counts.assign(band=counts["age"] // _BAND)
        return cls(tuple(_shares(known, list(keys)) for keys in _LEVELS))

    def place(self, people: pd.DataFrame, at: str = "place") -> pd.DataFrame:
        """Put people without a segment into the mix of their place; the others stay, and nobody is lost.

        Args:
            people: ``at``, segment (may be nothing), sex, age, people and other columns.
            at: the column that holds the place.

        Raises:
            ValueError: a place is not one of the run's.
        """
        left = people[people["segment"].isna()].drop(columns="segment")
        left = left.assign(place=left[at], band=left["age"] // _BAND, row=range(len(left)))
        placed = [people[people["segment"].notna()]]
        for keys, shares in zip(_LEVELS, self.levels, strict=True):
            found = left.merge(shares, on=list(keys), how="inner", validate="many_to_many")
            left = left[~left["row"].isin(found["row"])]
            placed.append(found.assign(people=found["people"] * found["share"])[people.columns])
        if len(left):
            raise ValueError(f"the run counted nobody at {', '.join(sorted(set(left[at])))}")
        return pd.concat([part for part in placed if len(part)] or placed[:1], ignore_index=True)


def _shares(counts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    sums = counts.dropna(subset=keys).groupby([*keys, "segment"], as_index=False)["people"].sum()
    return sums.assign(share=sums["people"] / sums.groupby(keys)["people"].transform("sum")).drop(columns="people")
