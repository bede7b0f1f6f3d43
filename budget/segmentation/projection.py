"""People by segment in every year, as assumed and as each other way of counting them would have it.

People of a segment are always those counted: how list inflation is met weighs places, it moves nobody.
Ways of counting differ in three things: how list inflation is met, which variant of the projection gives the growth,
and how many residents are on no list. One is changed at a time, so that the effect of each can be read by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from budget.kernel.errors import refusal

_BAND = ["place", "sex", "age_from"]
_PEOPLE = ["financial_year", "place", "segment"]


@dataclass(frozen=True)
class Way:
    """One way of counting people.

    Attributes:
        adjustment: ``list_inflation_adjustment``.
        variant: ``population_variant``.
        unregistered: ``people``, ``low`` or ``high``: which estimate of residents on no list.
        hundred_more: a place with a hundred more residents on no list than estimated, if any.
    """

    adjustment: str
    variant: str
    unregistered: str = "people"
    hundred_more: str | None = None


@dataclass(frozen=True)
class Counted:
    """What people by segment are worked out from.

    Attributes:
        counts: place, segment, sex, age_from, listed, people, low, high in the base year.
        growth: ``population_growth_variants``.
        adjustments: ``list_inflation``.
    """

    counts: pd.DataFrame
    growth: pd.DataFrame
    adjustments: pd.DataFrame

    def people(self, way: Way) -> pd.DataFrame:
        """People by financial_year, place and segment: each band grows as the projection says for its place.

        Raises:
            RunStopped: a place has no projection.
        """
        growth = self.growth[self.growth["variant"] == way.variant].drop(columns="variant")
        base = self._base(way)
        grown = base.merge(growth, on=_BAND, how="left", validate="many_to_many")
        _refuse_gaps(grown)
        grown["people"] = grown["people"] * grown["growth_index"]
        return grown.groupby(_PEOPLE, as_index=False)["people"].sum()

    def _base(self, way: Way) -> pd.DataFrame:
        listed = self.counts[self.counts["listed"]].merge(self._factors(way), on=_BAND, how="left")
        _refuse_unweighed(listed)
        listed = listed.assign(people=listed["people"] * listed["factor"])
        apart = self.counts[~self.counts["listed"]]
        apart = apart.assign(people=apart[way.unregistered])
        if way.hundred_more is not None:
            here = apart["place"] == way.hundred_more
            more = 1 + 100 / apart.loc[here, "people"].sum()
            apart = apart.assign(people=apart["people"].where(~here, apart["people"] * more))
        columns = [*_BAND, "segment", "people"]
        return pd.concat([listed[columns], apart[columns]], ignore_index=True)

    def _factors(self, way: Way) -> pd.DataFrame:
        chosen = self.adjustments[self.adjustments["adjustment"] == way.adjustment]
        return chosen[_BAND].assign(factor=chosen["adjusted_people"] / chosen["people"])

    def others(self, chosen: Way) -> pd.DataFrame:
        """People by segment under the way chosen and every other one.

        Returns:
            The columns of ``segment_people_alternatives``.
        """
        tables = [
            self.people(way).assign(assumption=assumption, alternative=alternative)
            for assumption, alternative, way in self._ways(chosen)
        ]
        columns = ["assumption", "alternative", *_PEOPLE, "people"]
        return pd.concat(tables, ignore_index=True)[columns].sort_values(columns[:-1], ignore_index=True)

    def _ways(self, chosen: Way) -> list[tuple[str, str, Way]]:
        usable = self.adjustments.groupby("adjustment")["adjusted_people"].apply(lambda people: people.notna().all())
        variants = sorted(set(self.growth["variant"]))
        estimates = self.counts[~self.counts["listed"]]
        with_some = sorted(set(estimates.loc[estimates["people"] > 0, "place"]))
        return [
            *(("list_inflation_adjustment", name, replace(chosen, adjustment=name)) for name in usable[usable].index),
            *(("population_variant", name, replace(chosen, variant=name)) for name in variants),
            *(("unregistered_residents", name, replace(chosen, unregistered=name)) for name in ("low", "high")),
            *(("hundred_unregistered", place, replace(chosen, hundred_more=place)) for place in with_some),
        ]


def _refuse_unweighed(listed: pd.DataFrame) -> None:
    missing = listed[listed["factor"].isna()]
    if not missing.empty:
        raise refusal(
            "segmentation",
            "S33",
            table="list_inflation",
            rule="every place, sex and age band with people on a list needs a list adjustment",
            rows_failed=len(missing),
            mend="list_inflation_adjustment in the assumptions",
            keys=tuple(sorted(set(missing["place"]))),
        )


def _refuse_gaps(joined: pd.DataFrame) -> None:
    missing = joined[joined["growth_index"].isna()]
    if not missing.empty:
        raise refusal(
            "segmentation",
            "S31",
            table="population_projection",
            rule="every place, sex and age band with people needs a projection for the base year and each budget year",
            rows_failed=len(missing),
            mend="population_projection, up to the oldest age, or the areas that join its districts to places",
            keys=tuple(sorted({f"{row.place} from age {row.age_from}" for row in missing.itertuples()})),
        )
