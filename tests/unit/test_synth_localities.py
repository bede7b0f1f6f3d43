"""What a locality without registers by residence, or with part of a district, needs of the drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.synth.aggregates import population_projection, unregistered_residents
from budget.synth.conditions import prevalences
from budget.synth.footprint import Footprint, read_footprint
from budget.synth.recipe import Recipe, Source
from budget.synth.residents import residents_of

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data/norfolk_waveney"
PARTIAL = "E07000244"


@pytest.fixture(scope="module")
def footprint() -> Footprint:
    return read_footprint(Recipe.read(ROOT / "config/synth/norfolk_waveney.yaml"), None)


def _published() -> pd.DataFrame:
    return pd.read_csv(DATA / "population_age_sex_lad_2017_2035.csv.gz")


def test_the_part_of_a_district_is_that_of_its_small_areas_by_age() -> None:
    """The shares again from the published files: small areas of Waveney over all of East Suffolk, mid-2017."""
    areas = pd.read_csv(DATA / "lookup_lsoa11_msoa11_lad21.csv.gz").query("ltla21_code == @PARTIAL")
    people = pd.read_csv(DATA / "population_lsoa11_mid2017.csv.gz").merge(areas, on="lsoa11_code").filter(like="age_")
    ages = np.array([int("".join(filter(str.isdigit, name))) for name in people.columns])
    inside = people.sum().to_numpy()
    whole = _published().query("area_code == @PARTIAL and year == 2017 and series == 'v0'")
    parts = pd.read_csv(DATA / "district_parts.csv")
    assert inside.sum() == 117_897
    for part in parts.itertuples():
        here = inside[(ages >= part.age_from) & (ages <= part.age_to)].sum()
        everyone = whole.loc[whole["age"].between(part.age_from, part.age_to), "persons"].sum()
        assert part.share == pytest.approx(here / everyone, abs=0.00005), part.age_from


def test_only_the_part_of_a_district_counts_and_whole_districts_stay_whole(footprint: Footprint) -> None:
    cut = residents_of(footprint).groupby(["lad_code", "year", "series"])["persons"].sum()
    whole = _published().groupby(["area_code", "year", "series"])["persons"].sum().rename_axis(cut.index.names)
    share = (cut / whole).unstack("lad_code")
    assert share.pop(PARTIAL).between(0.475, 0.490).all()
    assert (share == 1).all(axis=None)


def test_estimates_and_unregistered_residents_speak_of_the_same_part(footprint: Footprint) -> None:
    estimate = population_projection(footprint).query("year == 2023 and lad_code == @PARTIAL")
    unregistered = unregistered_residents(footprint).query("lad_code == @PARTIAL")
    assert estimate["persons"].sum() == pytest.approx(119_500, abs=1)
    assert unregistered["people"].sum() == pytest.approx(0.01 * estimate["persons"].sum(), rel=1e-9)


@pytest.mark.parametrize(
    "change",
    [lambda parts: parts.iloc[1:], lambda parts: pd.concat([parts, parts.iloc[:1]])],
    ids=["an age without a share", "an age with two shares"],
)
def test_a_part_that_is_not_told_for_every_age_once_is_refused(footprint: Footprint, tmp_path: Path, change) -> None:
    change(pd.read_csv(DATA / "district_parts.csv")).to_csv(tmp_path / "parts.csv", index=False)
    tables = footprint.recipe.tables
    columns = {name: name for name in ("lad_code", "age_from", "age_to", "share")}
    spoilt = tables.model_copy(update={"district_parts": Source(file=str(tmp_path / "parts.csv"), columns=columns)})
    with pytest.raises(ConfigurationError, match="exactly one share"):
        residents_of(_with(footprint, footprint.recipe.model_copy(update={"tables": spoilt})))


def test_a_share_of_all_people_is_met_overall_and_follows_the_ages_of_the_lists(footprint: Footprint) -> None:
    condition = footprint.recipe.conditions["atrial_fibrillation"]
    shares = prevalences(footprint)["atrial_fibrillation"].set_axis(footprint.practices["practice_code"])
    listed = pd.read_csv(DATA / "gp_list_age_sex_2025_04.csv.gz")
    people = listed.groupby("practice_code")["patients"].sum()
    older = listed[listed["age"] >= 65].groupby("practice_code")["patients"].sum() / people
    assert float(np.average(shares.reindex(people.index), weights=people)) == pytest.approx(condition.overall, rel=1e-9)
    assert shares.corr(older) > 0.95
    assert shares["D82088"] < 0.1 * condition.overall, "a practice of students"


def test_a_register_from_an_age_on_is_met_among_those_people(footprint: Footprint) -> None:
    condition = footprint.recipe.conditions["depression"]
    listed = pd.read_csv(DATA / "gp_list_age_sex_2025_04.csv.gz")
    adults = listed[listed["age"] >= condition.from_age].groupby("practice_code")["patients"].sum()
    shares = prevalences(footprint)["depression"].set_axis(footprint.practices["practice_code"])
    assert float(np.average(shares.reindex(adults.index), weights=adults)) == pytest.approx(condition.overall, rel=1e-9)


def test_the_assumed_shares_are_those_of_havering_at_the_ages_of_this_list(footprint: Footprint) -> None:
    """How the recipe's five shares were found, again from the shipped files."""
    registers = pd.read_csv(ROOT / "data/east_london/lad_qof_prevalence_2019_20.csv").query("lad_name == 'Havering'")
    registers = registers.set_index("group_code")["prevalence"]
    there = pd.read_csv(ROOT / "data/east_london/population_age_sex_lad_2017_2035.csv.gz")
    there = there.query("area_name == 'Havering' and year == 2019 and series == 'v0'").rename(
        columns={"persons": "patients"}
    )
    here = pd.read_csv(DATA / "gp_list_age_sex_2025_04.csv.gz")
    names = {
        "depression": "DEP",
        "atrial_fibrillation": "AF",
        "heart_failure": "HF",
        "epilepsy": "EP",
        "palliative": "PC",
    }
    for name, register in names.items():
        condition = footprint.recipe.conditions[name]
        moved = registers[register] * _mean_chance(condition, here) / _mean_chance(condition, there)
        assert condition.overall == pytest.approx(moved, rel=0.02), name


def _mean_chance(condition, people: pd.DataFrame) -> float:
    eligible = people[people["age"] >= condition.from_age]
    ages, chances = zip(*condition.ages, strict=True)
    chance = np.interp(eligible["age"], ages, chances) * np.where(eligible["sex"] == "M", condition.male, 1.0)
    return float(np.average(chance, weights=eligible["patients"]))


def _with(footprint: Footprint, recipe: Recipe) -> Footprint:
    return Footprint(**{**vars(footprint), "recipe": recipe})
