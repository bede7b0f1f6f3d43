"""A nation to try sizes on: published patients of practices, and stand-ins that fit together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from budget.synth.aggregates import normalised_spend, published_weights
from budget.synth.footprint import Footprint, read_footprint
from budget.synth.nation import nationwide
from budget.synth.providers import patient_flows, providers
from budget.synth.recipe import Recipe

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PEOPLE = 250_000


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    told = Recipe.read(ROOT / "config/synth/england.yaml")
    assert told.nation is not None
    yield nationwide(told, told.nation, tmp_path_factory.mktemp("nation"))


@pytest.fixture(scope="module")
def footprint(recipe: Recipe) -> Footprint:
    return read_footprint(recipe, PEOPLE)


@pytest.fixture(scope="module")
def published() -> pd.Series:
    file = ROOT / "data/england/gp_practice_weighted_population_2026_27.csv.gz"
    return pd.read_csv(file).set_index("Practice_Code")["Registered Patients"]


def test_every_practice_has_its_published_patients(recipe: Recipe, published: pd.Series) -> None:
    listed = recipe.tables.list.read(recipe.source).groupby("practice_code")["patients"].sum()
    # a practice of less than one patient has no row: a true zero
    assert (listed.reindex(published.index, fill_value=0) - published).abs().max() < 1
    assert listed.sum() == round(published.sum()) > 63_000_000


def test_a_sample_is_spread_over_the_whole_nation(footprint: Footprint) -> None:
    assert footprint.people == PEOPLE
    assert len(footprint.places) == 36
    assert footprint.cells.groupby("practice")["patients"].sum().gt(0).mean() > 0.99


def test_every_age_is_there_and_the_old_are_fewer(footprint: Footprint) -> None:
    ages = footprint.cells.groupby("age")["patients"].sum()
    assert set(range(91)) <= set(ages.index)
    assert ages[90] < ages[85] < ages[80] < ages[40]


def test_homes_money_and_providers_are_there_for_every_place(footprint: Footprint) -> None:
    assert set(footprint.areas["place"]) == set(footprint.places)
    assert normalised_spend(footprint).gt(0).all(axis=None)
    flows = patient_flows(footprint)
    assert flows["share"].ge(0).all()
    assert not providers(footprint, flows).duplicated("provider_code").any()


def test_need_keeps_national_totals(footprint: Footprint) -> None:
    weights = published_weights(footprint).groupby(["financial_year", "stream"])["weighted_population"].sum()
    totals = pd.read_csv(ROOT / "data/england/weighted_population_national_totals.csv")
    core = totals.set_index(["financial_year", "stream"])["total"]["2027/28", "Core WP"]
    assert weights["2027/28", "core"] == pytest.approx(core * footprint.fraction)
