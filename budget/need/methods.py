"""The methods that weigh need, behind one interface: tables of the run in, need a head of every place out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from budget.kernel.codes import UNATTRIBUTED
from budget.kernel.errors import refusal
from budget.need.adjusting import with_indices
from budget.need.carr_hill import carr_hill
from budget.need.cost_curves import CostCurves, age_sex_deprivation
from budget.need.formula import weighted_capitation_2018_19
from budget.need.primary_care import PrimaryCare
from budget.need.sources import Sources, lacks
from budget.need.weights import KEYS, a_head, every_year
from budget.stage import Given

_STREAM_COLUMNS = {
    "general_acute": "WP_G&A",
    "community": "WP_CS",
    "mental_health": "WP_MH",
    "maternity": "WP_Mat",
    "prescribing": "WP_Presc",
    "health_inequalities": "WP_SMR",
}
"""Need streams and their columns in the 2018/19 workbook."""


@dataclass(frozen=True)
class Method:
    """One way to weigh need.

    Attributes:
        name: as ``need_weighting`` has it.
        needs: tables without which it cannot be asked.
        weigh: need a head by ``financial_year``, ``place`` and ``stream``.
        whole: whether its weights hold cost indices and health inequalities already.
        note: what to know before it is used.
    """

    name: str
    needs: tuple[str, ...]
    weigh: Callable[[Sources], pd.DataFrame]
    whole: bool = False
    note: str = ""

    def is_possible(self, given: Given) -> bool:
        """Whether the locality has its tables."""
        return all(given.has(table) for table in self.needs)


def published(sources: Sources) -> pd.DataFrame:
    """Published practice weights: the sum of weighted over the sum of registered population, by stream.

    Practices that the locality does not have are left out.

    Raises:
        RunStopped: a place has no weight for a year, or none for a stream that other places have.
    """
    sums = sources.placed().groupby([*KEYS, "stream"], as_index=False)[["population", "weighted_population"]].sum()
    _refuse_gaps(sums, sources)
    return a_head(sums, "weighted_population", "population")


def by_segment_cost(sources: Sources) -> pd.DataFrame:
    """The mix of segments, each at the footprint's cost a head (the method, step 5a).

    What is held out of segments says nothing about their need.
    """
    costs, segment_people = sources.given.frame("segment_cost"), sources.given.frame("segment_people")
    costs = costs[costs["segment"] != UNATTRIBUTED]
    by_segment = costs.groupby("segment")["grossed_pence"].sum()
    headcount = costs.drop_duplicates(["place", "segment"]).groupby("segment")["people"].sum()
    rate = (by_segment / headcount)[headcount > 0]
    mean = by_segment.sum() / headcount.sum()
    mix = segment_people[segment_people["financial_year"].isin(sources.years)].merge(
        rate.rename("rate"), left_on="segment", right_index=True
    )
    mix["weighted"] = mix["people"] * mix["rate"] / mean
    sums = mix.groupby(KEYS, as_index=False)[["people", "weighted"]].sum()
    return a_head(sums, "weighted", "people").assign(stream="all")


def by_model(sources: Sources) -> pd.DataFrame:
    """The need models: expected cost a head of each place's people, of whole cost and of streams."""
    if not sources.modelled:
        raise lacks("person_cost", "the need model needs the cost of persons")
    modelled = sources.modelled.items()
    return pd.concat([every_year(need, sources.years).assign(stream=stream) for stream, need in modelled])


def by_formula_2018_19(sources: Sources) -> pd.DataFrame:
    """The formula of the 2018/19 workbook on the published streams and the practices' indices.

    Raises:
        RunStopped: a stream or a practice's indices are missing, or an index lies outside its bounds (check W03).
    """
    placed = sources.placed()
    keys = [*KEYS, "practice_code"]
    wide = placed.pivot(index=keys, columns="stream", values="weighted_population").reset_index()
    lacking = sorted(set(_STREAM_COLUMNS) - set(wide.columns))
    if lacking:
        raise lacks("published_weights", "the 2018/19 formula has every stream that it adds up", lacking)
    people = placed.drop_duplicates(keys)[[*keys, "population"]]
    rows = with_indices(wide.rename(columns=_STREAM_COLUMNS).merge(people, on=keys), sources)
    found = weighted_capitation_2018_19(rows.rename(columns={"population": "GP_pop"}))
    sums = rows[KEYS].assign(people=rows["population"], weighted=found["WP_Overall"])
    return a_head(sums.groupby(KEYS, as_index=False).sum(), "weighted", "people").assign(stream="all")


def by_age_sex_deprivation(sources: Sources) -> pd.DataFrame:
    """National cost curves by sex, year of age and deprivation fifth (the method, section 8)."""
    curves = CostCurves.of(sources.given.frame("cost_curves"))
    return every_year(age_sex_deprivation(sources.by_age(), curves).set_index("place")["need_index"], sources.years)


def by_carr_hill(sources: Sources) -> pd.DataFrame:
    """The workload formula of general medical services, relative to the locality's own practices.

    People whose sex or age is not known weigh what their practice's others do.
    """
    formula = PrimaryCare.read(sources.given.plan.need / "carr_hill.yaml").formula
    lists = sources.by_age().dropna(subset=["practice_code"])
    known = lists[lists["sex"].isin(formula.age_sex) & lists["age"].notna()]
    workload = carr_hill(known, sources.given.frame("practice_workload"), formula)
    sizes = lists.groupby(["place", "practice_code"], as_index=False)["people"].sum()
    sizes["weighted"] = sizes["people"] * sizes["practice_code"].map(workload.set_index("practice_code")["need_index"])
    sums = sizes.groupby("place", as_index=False)[["people", "weighted"]].sum()
    return every_year(a_head(sums, "weighted", "people").set_index("place")["per_head"], sources.years)


METHODS: tuple[Method, ...] = (
    Method("segment_cost", ("segment_cost", "segment_people"), by_segment_cost),
    Method("published", ("published_weights", "practices"), published, whole=True),
    Method("model", ("population", "person_cost"), by_model),
    Method(
        "formula_2018_19", ("published_weights", "practices", "practice_adjustments"), by_formula_2018_19, whole=True
    ),
    Method("age_sex_deprivation", ("population", "cost_curves"), by_age_sex_deprivation),
    Method(
        "carr_hill",
        ("population", "practice_workload"),
        by_carr_hill,
        whole=True,
        note="for primary medical care; its weights are unverified until they are read from the published annex",
    ),
)


def _refuse_gaps(sums: pd.DataFrame, sources: Sources) -> None:
    places, years = sources.people["place"].unique(), sources.years
    streams = {year: sorted(set(sums.loc[sums["financial_year"] == year, "stream"])) or ["any"] for year in years}
    wanted = {(year, place, stream) for year in years for place in places for stream in streams[year]}
    missing = sorted(wanted - set(zip(sums["financial_year"], sums["place"], sums["stream"], strict=True)))
    if missing:
        raise refusal(
            "need",
            "W07",
            table="published_weights",
            rule="every place needs practices with a published weight in every budget year and stream",
            rows_failed=len(missing),
            mend="published_weights, or the places of its practices in practices",
            keys=tuple(f"{place} {year} {stream}" for year, place, stream in missing),
        )
