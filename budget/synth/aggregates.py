"""The small tables of a locality: published counts, weights, residents and spend in canonical columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from budget.kernel.errors import ConfigurationError
from budget.kernel.money import half_up
from budget.synth.conditions import published_shares
from budget.synth.footprint import Footprint
from budget.synth.residents import residents_of


def small_tables(footprint: Footprint) -> dict[str, pd.DataFrame]:
    """Every table that holds no person, by name; a sample's counts and money are scaled alike."""
    return {
        "practices": practices(footprint),
        "areas": footprint.areas.dropna(subset="place"),
        "population_projection": population_projection(footprint),
        "published_list": published_list(footprint),
        "published_weights": published_weights(footprint),
        "published_prevalence": published_prevalence(footprint),
        "practice_adjustments": practice_adjustments(footprint),
        "cost_curves": cost_curves(footprint),
        "unregistered_residents": unregistered_residents(footprint),
        "spend": spend(footprint),
        "spend_control": spend_control(footprint),
    }


def practices(footprint: Footprint) -> pd.DataFrame:
    """``practices``; the sources have no dates of opening and closing and no successors."""
    return footprint.practices.assign(icb_code=footprint.recipe.icb_code)


def published_list(footprint: Footprint) -> pd.DataFrame:
    """``published_list``: the counts that the registered list meets exactly."""
    codes = footprint.practices["practice_code"]
    counted = footprint.cells.assign(practice_code=footprint.cells["practice"].map(codes))
    return counted.assign(extracted_on=footprint.recipe.snapshot)


def published_weights(footprint: Footprint) -> pd.DataFrame:
    """``published_weights``: every stream of every year, long."""
    years = []
    for year, source in footprint.recipe.weights.items():
        wide = source.read(footprint.recipe.source).drop(columns=["practice_name", "lad_code"])
        long = wide.melt(["practice_code", "population"], var_name="stream", value_name="weighted_population")
        years.append(long.assign(financial_year=year))
    weights = pd.concat(years)
    weights[["population", "weighted_population"]] *= footprint.fraction
    return weights.sort_values(["financial_year", "stream", "practice_code"])


def practice_adjustments(footprint: Footprint) -> pd.DataFrame:
    """``practice_adjustments``: as published; a practice without figures takes the mean of its place's people."""
    published = footprint.recipe.tables.practice_indices.read(footprint.recipe.source)
    published["remoteness_index"] = published["with_remoteness"] / published["without_remoteness"]
    names = ["market_forces_factor", "emergency_ambulance_index", "remoteness_index"]
    rows = footprint.practices[["practice_code", "place"]].merge(published, on="practice_code", how="left")
    known = rows.dropna(subset=names)
    weighted = known[names].mul(known["people"], axis=0).assign(place=known["place"], people=known["people"])
    sums = weighted.groupby("place").sum()
    means = rows[["place"]].join(sums[names].div(sums["people"], axis=0), on="place")[names]
    here = rows["practice_code"].isin(known["practice_code"])
    evidence = np.where(here, "NHS England, workbook on 2018/19 populations", "mean of the place's practices")
    return rows[["practice_code"]].join(rows[names].where(here, means)).assign(evidence=evidence)


def cost_curves(footprint: Footprint) -> pd.DataFrame:
    """``cost_curves``: England's, as published."""
    read = footprint.recipe.tables.cost_curves.read(footprint.recipe.source)
    ours = {"fifth": "imd_quintile", "total": "cost_per_head_total_gbp"}
    return read.rename(columns=ours).sort_values(["sex", "age", "imd_quintile"])


def published_prevalence(footprint: Footprint) -> pd.DataFrame:
    """``published_prevalence``: conditions whose prevalence is published; a practice without a figure has no row."""
    codes = footprint.practices["practice_code"].tolist()
    long = published_shares(footprint).assign(practice_code=codes)
    rows = long.melt("practice_code", var_name="condition", value_name="share").dropna(subset="share")
    from_age = {name: condition.from_age for name, condition in footprint.recipe.conditions.items()}
    return rows.assign(from_age=rows["condition"].map(from_age)).sort_values(["practice_code", "condition"])


def population_projection(footprint: Footprint) -> pd.DataFrame:
    """``population_projection``: estimates, the principal projection and, where published, its low and high variants.

    The break between estimates and projection is left as it is.
    """
    recipe = footprint.recipe
    residents = residents_of(footprint)
    chosen = [_series(residents, recipe.resident_series, "basis")]
    if recipe.tables.resident_variants is not None:
        others = residents_of(footprint, recipe.tables.resident_variants)
        chosen.append(_series(others, recipe.variant_series, "variant").assign(basis="projection"))
    frame = pd.concat(chosen, ignore_index=True)
    frame = frame.assign(persons=frame["persons"] * footprint.fraction)
    return frame.sort_values(["lad_code", "year", "sex", "age", "series"])


def _series(residents: pd.DataFrame, names: dict[str, str], column: str) -> pd.DataFrame:
    """The rows of some series, with what the recipe calls each of them."""
    return residents[residents["series"].isin(names)].assign(**{column: residents["series"].map(names)})


def unregistered_residents(footprint: Footprint) -> pd.DataFrame:
    """``unregistered_residents``: an assumed share of the resident estimate, never list minus residents."""
    assumed, projection = footprint.recipe.unregistered, population_projection(footprint)
    estimate = projection[(projection["year"] == footprint.recipe.estimate_year) & (projection["basis"] == "estimate")]
    bands = pd.DataFrame(assumed.age_bands, columns=["age_from", "age_to"])
    banded = estimate.merge(bands, how="cross").query("age_from <= age <= age_to")
    people = banded.groupby(["lad_code", "sex", "age_from", "age_to"], as_index=False)["persons"].sum()
    shares = {"people": assumed.share, "low": assumed.low, "high": assumed.high}
    return people.assign(
        evidence=assumed.evidence, **{name: people["persons"] * share for name, share in shares.items()}
    )


def spend(footprint: Footprint) -> pd.DataFrame:
    """``spend`` of the base year; a sample's rows are scaled and booked to whole pence."""
    return _scaled_money(footprint.recipe.tables.spend.read(footprint.recipe.source), footprint.fraction)


def spend_control(footprint: Footprint) -> pd.DataFrame:
    """``spend_control``, scaled like the spend."""
    return _scaled_money(footprint.recipe.tables.spend_control.read(footprint.recipe.source), footprint.fraction)


def normalised_spend(footprint: Footprint) -> pd.DataFrame:
    """Gross spend and adjustments of the base year in pence, by place (rows) and service line (columns).

    Raises:
        ConfigurationError: a line of the recipe has no spend in some place.
    """
    rows = spend(footprint)
    rows = rows[rows["financial_year"] == footprint.recipe.base_year]
    wide = rows.groupby(["place", "service_line"])["amount_pence"].sum().unstack()
    wide = wide.reindex(index=footprint.places, columns=list(footprint.recipe.service_lines))
    if wide.isna().any(axis=None):
        lines = ", ".join(wide.columns[wide.isna().any()])
        raise ConfigurationError(f"spend: no place may lack spend in {footprint.recipe.base_year}: {lines}.")
    return wide


def _scaled_money(rows: pd.DataFrame, fraction: float) -> pd.DataFrame:
    if fraction == 1:
        return rows
    return rows.assign(
        amount_pence=np.array([half_up(pence * fraction) for pence in rows["amount_pence"]], dtype=np.int64)
    )
