"""Need by age, sex and deprivation, against the published means of the curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.need.cost_curves import CostCurves, age_sex_deprivation

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
CURVES = ROOT / "data" / "england" / "nhs_cost_age_sex_imd_2014_15.csv.gz"
MEAN = 1_838.605062
# Scores of IMD 2015 at which the 32,844 areas of England fall into the next fifth (from the published ranks).
FIFTH_BOUNDS = (8.372, 13.922, 21.432, 33.876)


@pytest.fixture(scope="module")
def curves() -> CostCurves:
    return CostCurves.read(CURVES)


@pytest.fixture(scope="module")
def england() -> pd.DataFrame:
    table = pd.read_csv(CURVES).rename(columns={"imd_quintile": "imd_fifth", "population": "people"})
    return table[["sex", "age", "imd_fifth", "people"]].assign(place="England")


def pounds_by(people: pd.DataFrame, curves: CostCurves, *by: str) -> dict[object, float]:
    found = age_sex_deprivation(people, curves, by).set_index(list(by))["pounds_per_head"]
    return found.to_dict()


def test_england_has_an_index_of_one(england: pd.DataFrame, curves: CostCurves) -> None:
    found = age_sex_deprivation(england, curves).iloc[0]
    assert curves.mean_pounds == pytest.approx(MEAN, abs=1e-5)
    assert found["need_index"] == pytest.approx(1, abs=1e-12)
    assert found["weighted_population"] == pytest.approx(found["population"]) == pytest.approx(53_244_002)


def test_fifths_cost_what_was_published(england: pd.DataFrame, curves: CostCurves) -> None:
    found = pounds_by(england, curves, "imd_fifth")
    assert [round(found[fifth], 4) for fifth in range(1, 6)] == [2066.9497, 1897.1338, 1822.8235, 1742.8846, 1651.7084]


def test_sexes_by_fifth_cost_what_was_published(england: pd.DataFrame, curves: CostCurves) -> None:
    found = pounds_by(england, curves, "sex", "imd_fifth")
    published = {
        "F": [2334.3320, 2153.8756, 2037.0192, 1934.2932, 1814.5445],
        "M": [1795.5681, 1639.2769, 1605.8770, 1547.7635, 1484.3540],
    }
    for sex, pounds in published.items():
        assert [found[(sex, fifth)] for fifth in range(1, 6)] == pytest.approx(pounds, abs=1e-4)


def test_bands_of_age_cost_what_was_published(england: pd.DataFrame, curves: CostCurves) -> None:
    bands = pd.cut(england["age"], [-1, 4, 14, 44, 64, 74, 84, 85], labels=False)
    found = pounds_by(england.assign(band=bands), curves, "sex", "band")
    assert [round(found[("F", band)], 1) for band in range(7)] == [
        1145.5, 801.0, 1865.0, 2055.5, 3159.9, 4410.2, 5498.4,
    ]  # fmt: skip
    assert [round(found[("M", band)], 1) for band in range(7)] == [
        1352.9, 875.5, 892.3, 1746.3, 3422.8, 5122.0, 6473.3,
    ]  # fmt: skip


def test_england_as_well_off_as_its_least_deprived_fifth(england: pd.DataFrame, curves: CostCurves) -> None:
    found = age_sex_deprivation(england.assign(imd_fifth=5), curves).iloc[0]
    assert found["pounds_per_head"] * found["population"] == pytest.approx(83_471_608_290.13, rel=1e-7)


@pytest.mark.parametrize(("part", "sex", "pounds"), [("gp_pharma", "F", 534.65), ("gp_pharma", "M", 389.96)])
def test_parts_of_the_cost(part: str, sex: str, pounds: float, england: pd.DataFrame) -> None:
    most_deprived = england[(england["imd_fifth"] == 1) & (england["sex"] == sex)]
    primary = CostCurves.read(CURVES, "gp_pharma").expected(most_deprived)
    other = CostCurves.read(CURVES, "other_primary").expected(most_deprived)
    assert np.average(primary + other, weights=most_deprived["people"]) == pytest.approx(pounds, abs=0.005)
    assert other.round(4).unique().tolist() == [61.4906]


def test_what_is_not_known_is_averaged_over_those_who_share_the_rest(england: pd.DataFrame, curves: CostCurves) -> None:
    people = pd.DataFrame(
        [("F", 40, 1), ("F", 40, np.nan), ("U", 40, 1), ("F", np.nan, 1), ("I", np.nan, np.nan)],
        columns=["sex", "age", "imd_fifth"],
    )
    cost = curves.expected(england)
    masks = [
        (england["sex"] == "F") & (england["age"] == 40) & (england["imd_fifth"] == 1),
        (england["sex"] == "F") & (england["age"] == 40),
        (england["age"] == 40) & (england["imd_fifth"] == 1),
        (england["sex"] == "F") & (england["imd_fifth"] == 1),
        england["people"] > 0,
    ]
    expected = [np.average(cost[mask], weights=england.loc[mask, "people"]) for mask in masks]
    assert curves.expected(people).tolist() == pytest.approx(expected)


def test_without_fifths_it_is_an_index_of_age_and_sex(england: pd.DataFrame, curves: CostCurves) -> None:
    found = age_sex_deprivation(england.drop(columns="imd_fifth"), curves)
    assert found["need_index"].tolist() == pytest.approx([1])


def test_the_oldest_cost_as_the_last_age(curves: CostCurves) -> None:
    people = pd.DataFrame({"sex": "F", "age": [85, 95, 110], "imd_fifth": 3})
    assert curves.expected(people).nunique() == 1


def test_young_adults_need_much_less(england: pd.DataFrame, curves: CostCurves) -> None:
    # people aged 20 to 39, in equal numbers of each sex and five-year band (the method, section 8)
    young = england[england["age"].between(20, 39)]
    bands = age_sex_deprivation(young.assign(band=young["age"] // 5), curves, ("sex", "band"))
    by_sex = bands.groupby("sex")["pounds_per_head"].mean()
    assert by_sex.to_dict() == pytest.approx({"F": 2_039, "M": 851}, abs=1)
    assert by_sex.mean() / MEAN == pytest.approx(0.79, abs=0.005)


@pytest.mark.parametrize("person", [("X", 40, 1), ("F", -1, 1), ("F", 40, 6), ("F", 40, 0), ("F", 40.5, 1)], ids=str)
def test_what_the_curves_do_not_know_is_refused(person: tuple[str, float, int], curves: CostCurves) -> None:
    people = pd.DataFrame([("F", 40, 1), person], columns=["sex", "age", "imd_fifth"])
    with pytest.raises(ConfigurationError, match="1 rows have a sex, age or deprivation fifth"):
        curves.expected(people)


def test_a_group_of_nobody_is_refused(england: pd.DataFrame, curves: CostCurves) -> None:
    with pytest.raises(ConfigurationError, match="nobody"):
        age_sex_deprivation(england.assign(people=0), curves)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"curves\.csv"):
        CostCurves.read(tmp_path / "curves.csv")


def test_real_lists_of_an_icb(curves: CostCurves) -> None:
    data = ROOT / "data" / "east_london"
    lists = pd.read_csv(data / "gp_list_age_sex_2025_04.csv.gz").rename(columns={"patients": "people"})
    scores = pd.read_csv(data / "practice_indicators_2023_24.csv").set_index("GP code")["Deprivation score (IMD 2019)"]
    districts = pd.read_csv(data / "gp_practice_weighted_population_2025_26.csv").set_index("Practice_Code")["LAD"]
    score = lists["practice_code"].map(scores)
    fifth = pd.Series(5 - np.searchsorted(FIFTH_BOUNDS, score, side="right"), dtype="float64").where(score.notna())
    people = lists.assign(imd_fifth=fifth, district=lists["practice_code"].map(districts), icb="all")
    assert pounds_by(people, curves, "icb")["all"] == pytest.approx(1_761, abs=0.5)
    by_district = pounds_by(people, curves, "district")
    large = {code: pounds for code, pounds in by_district.items() if code != "E09000023"}
    assert min(large, key=lambda code: large[code]) == "E09000030"
    assert large["E09000030"] == pytest.approx(1_633, abs=0.5)
    assert max(large, key=lambda code: large[code]) == "E09000016"
